/** The cluster as a labelled transition system: the same labels give the same bytes, and its states are plain data. */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../explore/canonical-json.ts";
import { randomWalk } from "../../explore/random-walk.ts";
import { replay } from "../../explore/replay.ts";
import { parseTrace, writeTrace } from "../../explore/trace-file.ts";
import { createTraceHash } from "../../explore/trace-hash.ts";
import { changedIn } from "../../model/cluster/changed-in.ts";
import type { ClusterChoice, ExternalChoice } from "../../model/cluster/choice.ts";
import { createCluster } from "../../model/cluster/cluster.ts";
import { createCompiledStepper } from "../../model/cluster/compiled-stepper.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { modelHash } from "../../model/cluster/model-hash.ts";
import type { ClusterState } from "../../model/cluster/state.ts";
import type { LogReconciliation } from "../../spec/config/cluster-config.ts";
import { configOf, externalOf } from "../random/plan.ts";
import { planOf } from "../random/run.ts";
import { configWith } from "../spec/cluster-views.ts";

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
const stepper = createCompiledStepper(createMachines());

function clusterOf(seed: number) {
  const plan = planOf(seed);
  const config = configOf(plan);
  const { slackMs } = plan.schedule;
  return createCluster(config, { external: externalOf(plan, config), slackMs, stepper });
}

/** Hashes labels and everything that a step has changed. */
function hashing() {
  const trace = createTraceHash();
  return {
    hash: () => trace.digest(),
    step: (before: ClusterState, label: string, next: ClusterState) => trace.step(label, changedIn(before, next)),
  };
}

function walk(seed: number) {
  const { hash, step } = hashing();
  const walked = randomWalk(clusterOf(seed), {
    seed,
    maxSteps: 400,
    weight: ({ kind }) => (kind === "fault" ? 5 : kind === "client" ? 10 : 100),
    onStep(before, _choice, label, next) {
      step(before, label, next);
      return undefined;
    },
  });
  return { ...walked, hash: hash() };
}

describe("a cluster under fire", () => {
  const walks = seeds.map((seed) => ({ seed, walk: walk(seed) }));

  it("gives the same bytes again, by seed and by strict replay of the labels", () => {
    for (const { seed, walk: first } of walks) {
      const { hash, step } = hashing();
      const replayed = replay(clusterOf(seed), first.labels, {
        mode: "strict",
        onStep: (before, _choice, label, next) => step(before, label, next),
      });
      expect(replayed.outcome).toBe("replayed");
      expect(hash()).toBe(first.hash);
      if (seed <= 8) expect(walk(seed).hash).toBe(first.hash);
    }
  });

  it("can be replayed leniently after deletions, and never throws", () => {
    for (const { seed, walk: first } of walks) {
      const kept = first.labels.filter((_, index) => index % 7 !== seed % 7);
      const replayed = replay(clusterOf(seed), kept, { mode: "lenient" });
      expect(replayed.labels.length + replayed.skipped.length).toBe(kept.length);
    }
  });

  it("has states that are plain data", () => {
    for (const { walk: first } of walks) expect(() => canonicalJson(first.state)).not.toThrow();
  });

  it("goes on the same from a copy of a state, whatever was kept beside the original", () => {
    for (const { seed, walk: first } of walks) {
      const cluster = clusterOf(seed);
      const copy = structuredClone(first.state);
      for (const choice of cluster.enabled(copy)) {
        expect(canonicalJson(cluster.apply(copy, choice))).toBe(canonicalJson(cluster.apply(first.state, choice)));
      }
    }
  });

  it("writes a trace that names the model, and reads back", () => {
    const seed = 1;
    const { labels, hash } = walk(seed);
    const { config } = clusterOf(seed);
    const { profile } = config;
    const trace = {
      highwater: "trace",
      version: 1,
      profile,
      model: modelHash(),
      config,
      choices: labels,
      hash,
    } as const;
    expect(parseTrace(writeTrace(trace))).toEqual({ ok: true, trace });
  });
});

describe("a cluster without machines of the caller's", () => {
  const asks = (reconciliation: LogReconciliation) => {
    const config = configWith({ server: { "log.reconciliation": reconciliation }, producers: { p: { acks: 1 } } });
    const external: readonly ExternalChoice[] = [
      { kind: "client", client: "p", operation: { f: "send", to: "t-0", records: [{ key: null, value: "a" }] } },
      { kind: "fault", fault: { kind: "kill", broker: 1 } },
    ];
    const weight = ({ kind }: ClusterChoice) => (kind === "fault" ? 1 : 100);
    return seeds.some((seed) =>
      randomWalk(createCluster(config, { external }), { seed, maxSteps: 400, weight }).labels.some((label) =>
        label.startsWith("deliver offset-for-leader-epoch b"),
      ),
    );
  };

  it("has those of its reconciliation", () => {
    expect([asks("kip-320"), asks("kip-595")]).toEqual([true, false]);
  });
});
