/** The cluster as a labelled transition system, on random clusters under faults. */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../explore/canonical-json.ts";
import { replay } from "../../explore/replay.ts";
import { parseTrace, writeTrace } from "../../explore/trace-file.ts";
import { createCluster } from "../../model/cluster/cluster.ts";
import { createMachines, createStepper } from "../../model/cluster/machines.ts";
import { modelHash } from "../../model/cluster/model-hash.ts";
import type { Observation } from "../../spec/cluster-view.ts";
import { drawCluster, hashing, walkCluster } from "./random-clusters.ts";

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
const maxSteps = 600;

describe("random clusters under faults", () => {
  const met: Record<string, number> = {};
  const walks = seeds.map((seed) => {
    const kinds = new Set<string>();
    const walk = walkCluster(seed, {
      maxSteps,
      onView({ observed }) {
        for (const one of observed) for (const name of namesOf(one)) kinds.add(name);
      },
    });
    for (const kind of kinds) met[kind] = (met[kind] ?? 0) + 1;
    return { seed, walk };
  });

  it("violate no promised requirement", () => {
    const violated = walks.flatMap(({ seed, walk }) =>
      walk.verdicts.filter(({ verdict }) => verdict === "violated").map((one) => ({ seed, ...one })),
    );
    expect(violated).toEqual([]);
  });

  it("meet what makes the promises hard to keep", () => {
    const wanted = [
      "election",
      "ISR change",
      "truncation",
      "retry",
      "unknown outcome",
      "crash",
      "delivery",
      "commit",
      "tail lost",
    ];
    for (const name of wanted) expect(met[name] ?? 0, name).toBeGreaterThan(0);
  });

  it("find every requirement's premise at least once", () => {
    const held = new Set(
      walks.flatMap(({ walk }) => walk.verdicts.filter((one) => one.verdict === "holds").map(({ id }) => id)),
    );
    expect(
      [...new Set(walks.flatMap(({ walk }) => walk.verdicts.map(({ id }) => id)))].filter((id) => !held.has(id)),
    ).toEqual([]);
  });

  it("give the same bytes again, by seed and by strict replay of the labels", () => {
    for (const { seed, walk } of walks.slice(0, 8)) {
      expect(walkCluster(seed, { maxSteps }).hash).toBe(walk.hash);
      const { hash, step } = hashing();
      const { config, external } = drawCluster(seed);
      const slackMs = seed % 2 === 0 ? 0 : 2;
      const replayed = replay(createCluster(config, { external, slackMs }), walk.labels, {
        mode: "strict",
        onStep: (before, _choice, label, next) => step(before, label, next),
      });
      expect(replayed.outcome).toBe("replayed");
      expect(hash()).toBe(walk.hash);
    }
  });

  it("can be replayed leniently after deletions, and never throw", () => {
    for (const { seed, walk } of walks.slice(0, 8)) {
      const { config, external } = drawCluster(seed);
      const kept = walk.labels.filter((_, index) => index % 7 !== seed % 7);
      const replayed = replay(createCluster(config, { external, slackMs: 2 }), kept, { mode: "lenient" });
      expect(replayed.labels.length + replayed.skipped.length).toBe(kept.length);
    }
  });

  it("have states that are plain data", () => {
    for (const { walk } of walks) expect(() => canonicalJson(walk.state)).not.toThrow();
  });

  it("step the same from plain data as from XState's own snapshots", () => {
    const fresh = createStepper(createMachines());
    for (const { walk } of walks) {
      const state = walk.state;
      // A stepper that has never seen these states has to rebuild every snapshot.
      const restored = structuredClone(state.machines);
      for (const { machine, event } of state.timers) {
        const mine = createStepper(createMachines()).step(required(state.machines[machine]), event);
        const other = fresh.step(required(restored[machine]), event);
        expect(JSON.stringify(other)).toBe(JSON.stringify(mine));
      }
    }
  });

  it("write a trace that names the model, and reads back", () => {
    const [first] = walks;
    const { walk, seed } = required(first);
    const { config } = drawCluster(seed);
    const trace = {
      highwater: "trace",
      version: 1,
      profile: config.profile,
      model: modelHash(),
      config,
      choices: walk.labels,
      hash: walk.hash,
    } as const;
    expect(parseTrace(writeTrace(trace))).toEqual({ ok: true, trace });
  });
});

function namesOf(one: Observation): readonly string[] {
  switch (one.kind) {
    case "elected":
      return one.unclean ? ["election", "unclean election"] : ["election"];
    case "isr":
      return ["ISR change"];
    case "truncated":
      return ["truncation"];
    case "tail-lost":
      return ["tail lost"];
    case "sent":
      return one.attempt > 1 ? ["retry"] : [];
    case "outcome":
      return one.outcome === "unknown" ? ["unknown outcome"] : [];
    case "crashed":
      return ["crash"];
    case "delivered":
      return ["delivery"];
    case "committed":
      return ["commit"];
    default:
      return [];
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}
