/** A small timeline by hand, with everything that can stand in one. */
import type { Finding } from "../../report/judge-walk.ts";
import type { PartitionShown, ReplicaShown, Timeline, TimelineStep } from "../../report/timeline.ts";

export function replica(
  broker: number,
  state: ReplicaShown["state"],
  values: string,
  rest: Partial<ReplicaShown> = {},
) {
  const log = [...values].map((value, offset) => ({ offset, epoch: 0, value, key: null }));
  return { broker, state, leaderEpoch: 0, logStart: 0, logEnd: log.length, highWatermark: 0, log, ...rest };
}

const record = { leader: 1, leaderEpoch: 0, isr: [1, 2], elr: [] };

export function step(
  number: number,
  event: TimelineStep["event"],
  text: string,
  changes: readonly PartitionShown[] = [],
) {
  return { number, time: null, choice: `choice ${number}`, event, text, quiet: false, changes };
}

export const finding: Finding = {
  requirement: "DUR-1",
  title: "acknowledged records are never lost",
  verdict: "violated",
  step: 4,
  text: "a is gone",
  lost: [{ partition: "t-0", offset: 0, value: "a", client: "p", was: "acknowledged to", since: 1 }],
};

export const timeline: Timeline = {
  lanes: ["p", "controller", "b1", "b2"],
  begin: [{ partition: "t-0", record, replicas: [replica(1, "leader", ""), replica(2, "follower", "")] }],
  steps: [
    step(1, { kind: "message", from: "p", to: "b1" }, "broker 1 gets what p sends", [
      { partition: "t-0", record: null, replicas: [replica(1, "leader", "a")] },
    ]),
    step(2, { kind: "message", from: "b2", to: "b1" }, "broker 2 fetches from broker 1"),
    step(3, { kind: "break", from: "b1", to: "b2" }, "the link between broker 1 and broker 2 is cut"),
    step(4, { kind: "break", from: "b1", to: "b1" }, "broker 1 is killed", [
      {
        partition: "t-0",
        record: { ...record, leader: 2, leaderEpoch: 1, isr: [2], elr: [1] },
        replicas: [replica(1, "dead", "a", { leaderEpoch: -1 }), replica(2, "leader", "", { leaderEpoch: 1 })],
      },
    ]),
    step(5, { kind: "mend", from: null, to: null }, "every link heals"),
    step(6, { kind: "local", from: "controller", to: "controller" }, "a timer of the controller runs out"),
  ],
  end: [
    {
      partition: "t-0",
      record: { ...record, leader: null, leaderEpoch: 2, isr: [2] },
      replicas: [replica(1, "dead", "a", { leaderEpoch: -1 }), replica(2, "offline", "xy", { logStart: 1 })],
    },
  ],
  findings: [finding],
};
