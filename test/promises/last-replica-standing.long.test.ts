/**
 * The last replica standing (KIP-966): the last member of the ISR loses its tail with its power. Two replicas, min ISR 2,
 * acks=all, one record, two elections after the first; the operating system writes nothing back, and nothing is slow but
 * what is dead or cut off.
 */
import { describe, expect, it } from "vitest";
import type { FaultBudget } from "../../model/cluster/untimed-faults.ts";
import type { Profile } from "../../spec/config/cluster-config.ts";
import { type Answer, ask } from "../check/confined-search.ts";

const minutes = 60_000;

function lose(profile: Profile, faults: Partial<FaultBudget>): Answer {
  const cluster = {
    profile,
    brokers: 2,
    topics: { t: { "replication.factor": 2, "min.insync.replicas": 2 } },
    producers: { p: { acks: "all", "linger.ms": 0 } },
  };
  const without =
    /heartbeatInterval|deliveryTimeout|requestTimeout|socketTimeout|isr-check|retryBackoff|writeback|checkpoint/;
  return ask({ cluster, faults, records: 1, elections: 2, without, requirement: "DUR-1" });
}

describe("a cut and one power loss", () => {
  const faults = { cut: 1, "power-off": 1 };

  it.each(["pre-3.7", "3.7"] as const)(
    "lose an acknowledged record in profile %s",
    { timeout: 2 * minutes },
    (profile) => {
      expect(lose(profile, faults).story?.slice(-2)).toEqual([
        "the power of broker 2 fails; broker 2 loses the offsets 0 to 0",
        "the session of broker 2 runs out; the ISR is 2",
      ]);
    },
  );

  it("do not in profile 4.1: whoever has left the ISR stays eligible", { timeout: 2 * minutes }, () => {
    expect(lose("4.1", faults)).toEqual({ complete: true, met: true, story: null });
  });
});

describe("a kill and one power loss", () => {
  it("lose an acknowledged record in profile 4.1, too: a kill is an unclean shutdown", { timeout: 2 * minutes }, () => {
    const { story } = lose("4.1", { kill: 1, "power-off": 1 });
    expect(story).toHaveLength(12);
    expect(story?.slice(-2)).toEqual([
      "broker 1 hears from the controller; broker 1 is elected in epoch 2, uncleanly; the ISR is 1",
      "broker 1 hears from the controller",
    ]);
  });
});
