/** Words for every kind of choice and of observation that a story tells. */
import { describe, expect, it } from "vitest";
import type { ClusterChoice } from "../../../model/cluster/choice.ts";
import { textOfChoice, textOfObservation } from "../../../model/cluster/words.ts";
import type { Observation } from "../../../spec/cluster-view.ts";

const deliver = (message: string, connection: string, direction: "request" | "response" = "request"): ClusterChoice => {
  return { kind: "deliver", message, connection, direction };
};
const fire = (machine: string, timer: string): ClusterChoice => ({ kind: "fire", machine, timer });

describe("the words of a choice", () => {
  it.each<[ClusterChoice, string]>([
    [
      {
        kind: "client",
        client: "p",
        operation: {
          f: "send",
          to: "t-0",
          records: [
            { key: null, value: "a" },
            { key: "k", value: "b" },
          ],
        },
      },
      "p is to send a, b to t-0",
    ],
    [{ kind: "client", client: "c", operation: { f: "poll", timeoutMs: 1 } }, "c is called: poll"],
    [{ kind: "wait", until: 3 }, "time passes"],
    [deliver("partition-change", "controller→b2#0"), "broker 2 hears from the controller"],
    [deliver("broker-change", "controller→b2#0"), "broker 2 hears from the controller"],
    [deliver("fetch-response", "b2/t-0→b1#1", "response"), "broker 2 hears from broker 1 (fetch-response)"],
    [deliver("fetch", "b2/t-0→b1#1"), "broker 2 fetches from broker 1"],
    [deliver("produce", "p→b1#0"), "broker 1 gets what p sends"],
    [deliver("alter-partition", "b1/t-0→controller#0"), "the controller gets broker 1's change of the ISR"],
    [deliver("offset-commit", "c→coordinator#0"), "offset-commit of c reaches the coordinator"],
    [fire("controller/b1", "after.sessionTimeout.x"), "the session of broker 1 runs out"],
    [fire("b1/t-0/lag-2", "lag-a"), "broker 1 has not seen broker 2 caught up for too long"],
    [fire("b1/t-0", "isr-check"), "broker 1 looks for followers that lag"],
    [fire("p/batch-0", "after.linger.batch.lingering"), "linger of p runs out"],
    [fire("b1/t-0", "checkpoint"), "checkpoint of broker 1 runs out"],
    [{ kind: "fault", fault: { kind: "kill", broker: 1 } }, "broker 1 is killed"],
    [{ kind: "fault", fault: { kind: "start", broker: 1 } }, "broker 1 is started again"],
    [{ kind: "fault", fault: { kind: "pause", broker: 1 } }, "broker 1 is paused"],
    [{ kind: "fault", fault: { kind: "resume", broker: 1 } }, "broker 1 goes on"],
    [{ kind: "fault", fault: { kind: "power-off", broker: 1, keeps: {} } }, "the power of broker 1 fails"],
    [
      { kind: "fault", fault: { kind: "cut", between: ["b1", "controller"] } },
      "the link between broker 1 and the controller is cut",
    ],
    [{ kind: "fault", fault: { kind: "heal", between: ["b1", "b2"] } }, "the link between broker 1 and broker 2 heals"],
    [{ kind: "fault", fault: { kind: "heal-all" } }, "every link heals"],
    [
      { kind: "fault", fault: { kind: "hold", from: "b1", to: "p", message: "fetch" } },
      "every fetch from broker 1 to p waits",
    ],
    [
      { kind: "fault", fault: { kind: "release", from: "b1", to: "p", message: "fetch" } },
      "what waits from broker 1 to p goes on (fetch)",
    ],
  ])("%j: %s", (choice, text) => {
    expect(textOfChoice(choice)).toBe(text);
  });
});

describe("the words of what was seen", () => {
  const of = { partition: "t-0", leaderEpoch: 1, producer: "p", broker: 1, values: ["a", "b"] } as const;
  const ended = { kind: "outcome", ...of, baseOffset: 0, attempts: 1 } as const;

  it.each<[Observation, readonly string[]]>([
    [{ kind: "answered", ...of, acks: 1, baseOffset: 3 }, ["broker 1 answers for a, b at offset 3"]],
    [{ ...ended, outcome: "ok", error: null }, ["p knows that a, b is written"]],
    [{ ...ended, outcome: "unknown", error: "TIMEOUT" }, ["p gives up a, b (TIMEOUT)"]],
    [{ kind: "elected", ...of, leader: 2, unclean: false }, ["broker 2 is elected in epoch 1"]],
    [{ kind: "elected", ...of, leader: 2, unclean: true }, ["broker 2 is elected in epoch 1, uncleanly"]],
    [{ kind: "isr", ...of, isr: [1, 2] }, ["the ISR is 1, 2"]],
    [{ kind: "truncated", ...of, from: 5, to: 3 }, ["broker 1 cuts its log off at 3"]],
    [{ kind: "tail-lost", ...of, from: 5, to: 3 }, ["broker 1 loses the offsets 3 to 4"]],
    [{ kind: "delivered", consumer: "c", partition: "t-0", offset: 2, value: "a" }, ["c reads a at offset 2"]],
    [{ kind: "requested", producer: "p", broker: 1 }, []],
  ])("%j: %j", (seen, text) => {
    expect(textOfObservation(seen)).toEqual(text);
  });
});
