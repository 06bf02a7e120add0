/**
 * The published ladder of reconciliations, on our own cluster: each of the three older ones loses records in a way that
 * the next one closes, and the two that fence by leader epoch hold. Three replicas, min ISR 2, acks=all, two kills, two
 * elections after the first; beyond that each rung is searched among the choices that its story needs (`without`).
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { playScenario } from "../../scenarios/play-scenario.ts";
import type { LogReconciliation } from "../../spec/config/cluster-config.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { comparesEpochs } from "../../spec/safety.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";
import { type Answer, ask, type Question } from "../check/confined-search.ts";

const minutes = 60_000;

/** Nothing is slow but what is dead. */
const calm = "heartbeatInterval|deliveryTimeout|requestTimeout|socketTimeout|isr-check";

type Rung = Omit<Question, "cluster" | "faults" | "elections">;

function climb(reconciliation: LogReconciliation, rung: Rung): Answer {
  const cluster = {
    brokers: 3,
    server: { "log.reconciliation": reconciliation },
    topics: { t: { "replication.factor": 3, "min.insync.replicas": 2 } },
    producers: { p: { acks: "all", "linger.ms": 0 } },
  };
  return ask({ cluster, faults: { kill: 2 }, elections: 2, ...rung });
}

/** Nothing is promised where leader epochs are not compared. */
function holds(reconciliation: LogReconciliation): Answer {
  return { complete: true, met: comparesEpochs(reconciliation), story: null };
}

describe("truncation to the high watermark", () => {
  // Nobody who is dead comes back.
  const rung = { records: 1, requirement: "DUR-1", without: new RegExp(`${calm}|retryBackoff|start`) };

  it("loses an acknowledged record when leaders fail faster than the high watermark travels", {
    timeout: 2 * minutes,
  }, () => {
    expect(climb("high-watermark", rung).story).toEqual([
      "p is to send a to t-0",
      "broker 1 gets what p sends",
      "broker 2 fetches from broker 1",
      "broker 3 fetches from broker 1",
      "broker 3 fetches from broker 1",
      "broker 2 fetches from broker 1; broker 1 answers for a at offset 0; p knows that a is written",
      "broker 2 is killed",
      "broker 1 is killed",
      "the session of broker 1 runs out; broker 2 is elected in epoch 1; the ISR is 2, 3",
      "broker 3 hears from the controller; broker 3 cuts its log off at 0",
      "the session of broker 2 runs out; broker 3 is elected in epoch 2; the ISR is 3",
      "broker 3 hears from the controller",
    ]);
  });

  it.each(["kip-101", "kip-279", "kip-320", "kip-595"] as const)("%s does not", { timeout: 2 * minutes }, (one) => {
    expect(climb(one, rung)).toEqual(holds(one));
  });
});

describe("asking for the end of an epoch that the leader does not know", () => {
  // Broker 2 is slow to fetch from broker 1, and broker 3 from broker 2; only broker 2 comes back.
  const slow = "b2/t-0→b1|b3/t-0→b2|b1/t-0→|kill 3|start [13]|checkpoint";
  const rung = { records: 2, requirement: "ISR-1", without: new RegExp(`${calm}|${slow}`) };

  it("keeps another record than the leader's, with kip-101", { timeout: 2 * minutes }, () => {
    const { story } = climb("kip-101", rung);
    expect(story).toHaveLength(17);
    expect(story?.slice(-4)).toEqual([
      "broker 3 hears from the controller",
      "offset-for-leader-epoch of broker 2 reaches broker 3",
      "broker 2 fetches from broker 3",
      "the controller gets broker 3's change of the ISR; the ISR is 2, 3",
    ]);
  });

  it.each(["kip-279", "kip-595"] as const)("%s does not", { timeout: 2 * minutes }, (one) => {
    expect(climb(one, rung)).toEqual(holds(one));
  });
});

describe("fetching from a leader that has led again since", () => {
  // Broker 3 hears nothing of any election; broker 2 is slow to fetch from broker 1; only broker 1 comes back.
  const slow =
    "controller→b3|b[12]/t-0→b3|b2/t-0→b1|p→b[23]|fetchBackoff.*b[12]|retryBackoff|kill 3|start [23]|checkpoint";
  const rung = { records: 2, requirement: "ISR-1", without: new RegExp(`${calm}|${slow}`) };

  it("takes a follower for in sync that has another record, with kip-279", { timeout: 2 * minutes }, () => {
    const { story } = climb("kip-279", rung);
    expect(story).toHaveLength(18);
    expect(story?.at(-1)).toBe(
      "broker 3 fetches from broker 1; broker 1 answers for b at offset 0; p knows that b is written",
    );
  });

  it.each(["kip-320", "kip-595"] as const)("%s does not", { timeout: 2 * minutes }, (one) => {
    expect(climb(one, rung)).toEqual(holds(one));
  });
});

describe("the scenario of each rung", () => {
  const folder = join(dirname(fileURLToPath(import.meta.url)), "../../scenarios/reconciliation");
  const rungs = [
    ["high-watermark", "kip-101"],
    ["kip-101", "kip-279"],
    ["kip-279", "kip-320"],
    ["kip-279", "kip-595"],
  ] as const;

  it.each(rungs)("%s: what it loses is not lost with %s", async (broken, next) => {
    const text = readFileSync(join(folder, `${broken}.yaml`), "utf8");
    const changed = text.replace(`log.reconciliation: ${broken}`, `log.reconciliation: ${next}`);
    const lost = await play(text);
    expect(lost.status).toBe("passed");
    expect(lost.violated).not.toEqual([]);
    expect(await play(changed)).toEqual({ status: "failed", violated: [] });
  });
});

/** Of what the scenario shows, what is violated, promised or not. */
async function play(text: string) {
  const loaded = loadScenario("rung.yaml", text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const { scenario } = loaded;
  const { status, requirements: verdicts } = (await playScenario(scenario, createModelSubject(), requirements)).result;
  const violated = verdicts.filter(
    ({ id, verdict }) => scenario.shows.includes(id) && (verdict === "violated" || verdict === "expected-loss"),
  );
  return { status, violated };
}
