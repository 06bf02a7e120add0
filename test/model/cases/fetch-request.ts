/** Rules of a fetch request at its broker (ReplicaManager.fetchMessages, DelayedFetch; fetch.min.bytes is 1). */
import { type Effect, local } from "../../../model/effect.ts";
import type { FetchPartition, FetchResult } from "../../../model/message.ts";
import type { ReplicaEvent, RequesterEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";

type FetchRequestEvent = RequesterEvent;

const kind = "fetch-request";
const connection = "b2/t-0→b1#0";
const id = `b1/serve/${connection}`;
const replica = { broker: 2, brokerEpoch: 1 };

const at = (partition: string): FetchPartition => ({
  partition,
  offset: 4,
  currentLeaderEpoch: 3,
  lastFetchedEpoch: 2,
});

/** Broker 2 fetches two partitions from broker 1, each at offset 4. */
const input = {
  id,
  connection,
  node: "b1",
  replica,
  consumer: null,
  maxWaitMs: 500,
  partitions: [at("t-0"), at("t-1")],
};

function result(partition: string, found: Partial<FetchResult> = {}): FetchResult {
  const nothing = { error: null, diverging: null, entries: [], fetchOffset: 4, highWatermark: 4, logStart: 0 };
  return { partition, ...nothing, ...found };
}

const read = (found: FetchResult): RequesterEvent => ({ type: "read-result", result: found });

const changed: RequesterEvent = { type: "changed" };
const over = fire("wait-over");

const empty = [read(result("t-0")), read(result("t-1"))];
const entries = [{ offset: 4, epoch: 3, value: "e", key: null }];
const withRecords = result("t-1", { entries });

const asks = (partition: string, again: boolean): Effect =>
  local<ReplicaEvent>(`b1/${partition}`, {
    type: "read",
    requester: id,
    at: at(partition),
    replica,
    consumer: null,
    again,
  });

const forget = (partition: string): Effect => local<ReplicaEvent>(`b1/${partition}`, { type: "forget", requester: id });

function answer(...results: readonly FetchResult[]): Effect[] {
  return [forget("t-0"), forget("t-1"), { kind: "reply", connection, body: { type: "fetch-response", results } }];
}

export const cases: readonly MachineCase<FetchRequestEvent>[] = [
  {
    name: "every partition is read, and the longest wait begins",
    kind,
    input,
    events: [],
    expect: {
      value: "reading",
      effects: [asks("t-0", false), asks("t-1", false)],
      armed: { "wait-over": 500 },
      done: false,
    },
  },
  {
    name: "records in one partition are answered at once",
    kind,
    input,
    events: [read(result("t-0")), read(withRecords)],
    expect: { effects: answer(result("t-0"), withRecords), done: true },
  },
  {
    name: "no answer before every partition is read",
    kind,
    input,
    events: [read(result("t-0", { entries }))],
    expect: { value: "reading", effects: [], done: false },
  },
  {
    name: "an error is answered at once",
    kind,
    input,
    events: [read(result("t-0", { error: "NOT_LEADER_OR_FOLLOWER" })), read(result("t-1"))],
    expect: { effects: answer(result("t-0", { error: "NOT_LEADER_OR_FOLLOWER" }), result("t-1")), done: true },
  },
  {
    name: "a diverging epoch is answered at once",
    kind,
    input,
    events: [read(result("t-0", { diverging: { epoch: 1, endOffset: 2 } })), read(result("t-1"))],
    expect: { effects: answer(result("t-0", { diverging: { epoch: 1, endOffset: 2 } }), result("t-1")), done: true },
  },
  {
    name: "with nothing to say it is parked",
    kind,
    input,
    events: empty,
    expect: { value: "parked", effects: [], running: ["wait-over"], done: false },
  },
  {
    name: "when something changes all is read again, which does not count as a further fetch",
    kind,
    input,
    events: [...empty, changed],
    expect: { value: "reading", effects: [asks("t-0", true), asks("t-1", true)], running: ["wait-over"] },
  },
  {
    name: "a change that brings nothing parks it again",
    kind,
    input,
    events: [...empty, changed, ...empty],
    expect: { value: "parked", effects: [], done: false },
  },
  {
    name: "a change that brings records is answered, with what the second reading found",
    kind,
    input,
    events: [...empty, changed, read(result("t-0", { highWatermark: 5 })), read(withRecords)],
    expect: { effects: answer(result("t-0", { highWatermark: 5 }), withRecords), done: true },
  },
  {
    name: "when the longest wait is over all is read a last time",
    kind,
    input,
    events: [...empty, over],
    expect: { value: "reading", effects: [asks("t-0", true), asks("t-1", true)], running: [] },
  },
  {
    name: "the last reading is answered even if it is empty",
    kind,
    input,
    events: [...empty, over, ...empty],
    expect: { effects: answer(result("t-0"), result("t-1")), done: true },
  },
  {
    name: "the last reading, too, is answered only when every partition is read",
    kind,
    input,
    events: [...empty, over, read(result("t-0"))],
    expect: { value: "reading", effects: [], done: false },
  },
];
