/** Rules of an administrator's client that deletes records (KafkaAdminClient, DeleteRecordsHandler). */
import type { AdminEvent } from "../../../model/admin/admin-machine.ts";
import type { Effect } from "../../../model/effect.ts";
import type { ErrorName } from "../../../model/message.ts";
import { fire, type MachineCase } from "../machine-case.ts";

const kind = "admin";

const input = {
  client: "admin",
  brokers: [1, 2, 3],
  requestTimeoutMs: 30_000,
  retryBackoffMs: 100,
  apiTimeoutMs: 60_000,
};

const deletes = (before: number): AdminEvent => ({ type: "delete-records", partition: "t-1", before });

/** The leaders of t-0 and t-1. */
function metadata(...leaders: readonly (number | null)[]): AdminEvent {
  const partitions = leaders.map((leader, index) => {
    return { partition: `t-${index}`, leader, leaderEpoch: 0, isr: [], partitionEpoch: 0 };
  });
  return { type: "metadata-response", partitions, from: "b1" };
}

const answered = (error: ErrorName | null = null): AdminEvent => ({
  type: "delete-records-response",
  partition: "t-1",
  error,
  from: "b3",
});
const disconnected = (node: string): AdminEvent => ({ type: "disconnected", node });

const asks = (broker: number): Effect => ({ kind: "request", to: `b${broker}`, body: { type: "metadata" } });
const sends = (broker: number, before: number): Effect => ({
  kind: "request",
  to: `b${broker}`,
  body: { type: "delete-records", partition: "t-1", before },
});
const closes = (broker: number): Effect => ({ kind: "close", to: `b${broker}` });
const ends = (outcome: "ok" | "fail" | "unknown", error: string | null): Effect => ({
  kind: "complete",
  completion: { client: "admin", f: "delete-records", outcome, error, records: [] },
});

const calling = (state: "refreshing" | "deleting" | "backingOff") => ({ calling: state });
const asked = [deletes(3), metadata(1, 3)];

export const cases: readonly MachineCase<AdminEvent>[] = [
  {
    name: "a call asks the first broker for the leader",
    kind,
    input,
    events: [deletes(3)],
    expect: {
      value: calling("refreshing"),
      context: { call: { partition: "t-1", before: 3 } },
      effects: [asks(1)],
      armed: { apiTimeout: 60_000, requestTimeout: 30_000 },
    },
  },
  {
    name: "the leader of the partition is asked to delete",
    kind,
    input,
    events: asked,
    expect: { value: calling("deleting"), effects: [sends(3, 3)], armed: { requestTimeout: 30_000 } },
  },
  {
    name: "its answer ends the call",
    kind,
    input,
    events: [...asked, answered()],
    expect: { value: "idle", context: { call: null }, effects: [ends("ok", null)], running: [] },
  },
  {
    name: "an offset that is out of range fails the call",
    kind,
    input,
    events: [...asked, answered("OFFSET_OUT_OF_RANGE")],
    expect: { value: "idle", effects: [ends("fail", "OFFSET_OUT_OF_RANGE")], running: [] },
  },
  {
    name: "a leader that is one no longer is looked for anew after a back-off, at the broker after it",
    kind,
    input,
    events: [...asked, answered("NOT_LEADER_OR_FOLLOWER"), fire("retryBackoff")],
    expect: { value: calling("refreshing"), effects: [asks(1)], running: ["apiTimeout", "requestTimeout"] },
  },
  {
    name: "a partition without a leader is asked for again after a back-off, of the next broker",
    kind,
    input,
    events: [deletes(3), metadata(1, null), fire("retryBackoff")],
    expect: { value: calling("refreshing"), effects: [asks(2)] },
  },
  {
    name: "a partition that the metadata does not name has no leader",
    kind,
    input,
    events: [deletes(3), metadata(1)],
    expect: { value: calling("backingOff"), effects: [], armed: { retryBackoff: 100 } },
  },
  {
    name: "a broker that does not answer for the metadata is given up",
    kind,
    input,
    events: [deletes(3), fire("requestTimeout")],
    expect: { value: calling("backingOff"), effects: [closes(1)] },
  },
  {
    name: "a leader that does not answer is given up",
    kind,
    input,
    events: [...asked, fire("requestTimeout")],
    expect: { value: calling("backingOff"), effects: [closes(3)] },
  },
  {
    name: "a connection that breaks is tried again after a back-off, whatever it was used for",
    kind,
    input,
    events: [deletes(3), disconnected("b1")],
    expect: { value: calling("backingOff"), effects: [] },
  },
  {
    name: "a connection to the leader that breaks is tried again after a back-off",
    kind,
    input,
    events: [...asked, disconnected("b3")],
    expect: { value: calling("backingOff"), effects: [] },
  },
  {
    name: "a connection to a broker that was asked before may break: the leader is awaited",
    kind,
    input,
    events: [...asked, disconnected("b1")],
    expect: { value: calling("deleting"), effects: [] },
  },
  {
    name: "a connection to a broker that was asked before may break: the metadata is awaited",
    kind,
    input,
    events: [...asked, disconnected("b3"), fire("retryBackoff"), disconnected("b3")],
    expect: { value: calling("refreshing"), effects: [] },
  },
  {
    name: "a call that lasts too long ends; whether the leader has taken it is not known",
    kind,
    input,
    events: [...asked, fire("apiTimeout")],
    expect: { value: "idle", effects: [closes(3), ends("unknown", "TIMEOUT")], running: [] },
  },
];
