/** A choice's label says all that makes it this choice, in words that stay the same from version to version. */
import { describe, expect, it } from "vitest";
import { actorOf, type ClusterChoice, type ExternalChoice, labelOf } from "../../../model/cluster/choice.ts";

const call = (operation: Extract<ExternalChoice, { kind: "client" }>["operation"]): ExternalChoice => {
  return { kind: "client", client: "p1", operation };
};
const fault = (of: Extract<ExternalChoice, { kind: "fault" }>["fault"]): ExternalChoice => ({
  kind: "fault",
  fault: of,
});

const labels: readonly (readonly [string, ClusterChoice])[] = [
  ["deliver fetch b2/t-0→b1#0", { kind: "deliver", connection: "b2/t-0→b1#0", direction: "request", message: "fetch" }],
  ["fire isr-check b1/t-0", { kind: "fire", machine: "b1/t-0", timer: "isr-check" }],
  ["wait until 30", { kind: "wait", until: 30 }],
  [
    'p1 send t-0 ["a",{"key":"k","value":"b"}]',
    call({
      f: "send",
      to: "t-0",
      records: [
        { key: null, value: "a" },
        { key: "k", value: "b" },
      ],
    }),
  ],
  ["p1 flush", call({ f: "flush" })],
  ["p1 poll 500", call({ f: "poll", timeoutMs: 500 })],
  ["p1 commit", call({ f: "commit", offsets: null })],
  ['p1 commit {"t-0":3}', call({ f: "commit", offsets: { "t-0": 3 } })],
  ["p1 assign t-1,t-0", call({ f: "assign", partitions: ["t-1", "t-0"] })],
  ["p1 seek t-0 7", call({ f: "seek", partition: "t-0", offset: 7 })],
  ["p1 crash", call({ f: "crash" })],
  ["p1 restart", call({ f: "restart" })],
  ["kill 1", fault({ kind: "kill", broker: 1 })],
  ["start 2", fault({ kind: "start", broker: 2 })],
  ["pause 3", fault({ kind: "pause", broker: 3 })],
  ["resume 3", fault({ kind: "resume", broker: 3 })],
  ["cut b1 controller", fault({ kind: "cut", between: ["b1", "controller"] })],
  ["heal b1 b2", fault({ kind: "heal", between: ["b1", "b2"] })],
  ["heal all", fault({ kind: "heal-all" })],
  ["hold fetch b2 b1", fault({ kind: "hold", from: "b2", to: "b1", message: "fetch" })],
  ["release fetch b2 b1", fault({ kind: "release", from: "b2", to: "b1", message: "fetch" })],
];

describe("the label of a choice", () => {
  it.each(labels)("%s", (label, choice) => {
    expect(labelOf(choice)).toBe(label);
  });
});

describe("choices keep their order", () => {
  it("among those of one client, among faults, and among waits", () => {
    expect(actorOf(call({ f: "flush" }))).toBe("p1");
    expect(actorOf(fault({ kind: "heal-all" }))).toBe("nemesis");
    expect(actorOf({ kind: "wait", until: 1 })).toBe("clock");
  });
});
