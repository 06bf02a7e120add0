/** A counterexample as a file: read again and replayed strictly, it is the same violation, byte for byte. */
import { describe, expect, it } from "vitest";
import { weakIsr } from "../../../bench/ladder/invariants.ts";
import { createLadderSystem, type LadderDesign, ladderDesigns } from "../../../bench/ladder/ladder.ts";
import type { LadderBounds, LadderState } from "../../../bench/ladder/replication-state.ts";
import { canonicalJson } from "../../../explore/canonical-json.ts";
import { replay } from "../../../explore/replay.ts";
import { search } from "../../../explore/search.ts";
import { parseTrace, writeTrace } from "../../../explore/trace-file.ts";
import { createTraceHash, hashText } from "../../../explore/trace-hash.ts";

const bounds: LadderBounds = { replicas: 3, logSize: 1, maxRecords: 1, largestEpoch: 2 };

interface Config {
  readonly design: LadderDesign;
  readonly bounds: LadderBounds;
}

/** Replays strictly; every state goes into the hash. */
function walked({ design, bounds: of }: Config, labels: readonly string[]) {
  const system = createLadderSystem(design, of);
  const hash = createTraceHash();
  const { outcome, state } = replay(system, labels, {
    mode: "strict",
    onStep: (_before, _choice, label, next) => hash.step(label, canonicalJson(next)),
  });
  const parts = system.parts?.split(state) ?? [];
  const holds = weakIsr(of).checks.every((check) => check((slot) => parts[slot]));
  return { outcome, state: state as LadderState, holds, hash: hash.digest() };
}

function fileOf(config: Config): string {
  const { invariants } = search(createLadderSystem(config.design, config.bounds), { invariants: [weakIsr(bounds)] });
  const choices = invariants[0]?.first?.labels ?? [];
  const { hash } = walked(config, choices);
  const model = hashText("the ladder");
  return writeTrace({ highwater: "trace", version: 1, profile: "ladder", model, config, choices, hash });
}

describe.each(ladderDesigns.filter((design) => design !== "KIP-320"))("%s", (design) => {
  it("is refuted by a file that replays to the same violation, and is written the same again", () => {
    const text = fileOf({ design, bounds });
    const read = parseTrace(text);
    if (!read.ok) throw new Error(read.error.message);
    const { config, choices, hash } = read.trace;
    const again = walked(config as Config, choices);
    expect(again).toMatchObject({ outcome: "replayed", holds: false, hash });
    expect(walked(config as Config, choices.slice(0, -1)).holds).toBe(true);
    expect(fileOf(config as Config)).toBe(text);
  });
});
