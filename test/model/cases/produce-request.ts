/** Rules of a produce request at its broker (ReplicaManager.appendRecords, DelayedProduce, KafkaApis). */
import { type Effect, local } from "../../../model/effect.ts";
import type { Acks, ErrorName } from "../../../model/message.ts";
import type { ReplicaEvent, RequesterEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";

const kind = "produce-request";
const connection = "p1→b1#0";
const id = `b1/serve/${connection}`;
const records = [{ key: null, value: "a" }];

/** One record each for two partitions that broker 1 leads. */
const requestWith = (acks: Acks) => ({
  id,
  connection,
  node: "b1",
  acks,
  timeoutMs: 30_000,
  partitions: [
    { partition: "t-0", records },
    { partition: "t-1", records },
  ],
});
const [none, leader, all] = [requestWith(0), requestWith(1), requestWith(-1)];

const appended = (partition: string, baseOffset: number): RequesterEvent => ({
  type: "appended",
  partition,
  error: null,
  baseOffset,
});
const refused = (partition: string, error: ErrorName): RequesterEvent => ({
  type: "appended",
  partition,
  error,
  baseOffset: null,
});
const replicated = (partition: string, error: ErrorName | null = null): RequesterEvent => ({
  type: "replicated",
  partition,
  error,
});

const append = (partition: string, acks: Acks): Effect =>
  local<ReplicaEvent>(`b1/${partition}`, { type: "append", requester: id, acks, records });

const forget = (partition: string): Effect => local<ReplicaEvent>(`b1/${partition}`, { type: "forget", requester: id });

type Result = readonly [error: ErrorName | null, baseOffset: number | null];

function answer(...results: readonly Result[]): Effect {
  const body = results.map(([error, baseOffset], index) => ({ partition: `t-${index}`, error, baseOffset }));
  return { kind: "reply", connection, body: { type: "produce-response", results: body } };
}

export const cases: readonly MachineCase<RequesterEvent>[] = [
  {
    name: "the leader of each partition is asked to append, and told the acks",
    kind,
    input: all,
    events: [],
    expect: { value: "appending", effects: [append("t-0", -1), append("t-1", -1)], running: [], done: false },
  },
  {
    name: "with acks=1 it is answered when every leader has appended",
    kind,
    input: leader,
    events: [appended("t-1", 7), appended("t-0", 3)],
    expect: { effects: [answer([null, 3], [null, 7])], done: true },
  },
  {
    name: "no answer before the last leader has appended",
    kind,
    input: leader,
    events: [appended("t-0", 3)],
    expect: { value: "appending", effects: [], running: [], done: false },
  },
  {
    name: "with acks=all it waits after the append, at most for the request's timeout",
    kind,
    input: all,
    events: [appended("t-0", 3), appended("t-1", 7)],
    expect: { value: "waiting", effects: [], armed: { requestTimeout: 30_000 }, done: false },
  },
  {
    name: "with acks=all it is answered when every partition is replicated",
    kind,
    input: all,
    events: [appended("t-0", 3), appended("t-1", 7), replicated("t-1"), replicated("t-0")],
    expect: { effects: [answer([null, 3], [null, 7])], done: true },
  },
  {
    name: "one partition replicated is not enough",
    kind,
    input: all,
    events: [appended("t-0", 3), appended("t-1", 7), replicated("t-1")],
    expect: { value: "waiting", effects: [], done: false },
  },
  {
    name: "a partition may be replicated before another has been appended to",
    kind,
    input: all,
    events: [appended("t-0", 3), replicated("t-0"), appended("t-1", 7), replicated("t-1")],
    expect: { effects: [answer([null, 3], [null, 7])], done: true },
  },
  {
    name: "an append that is refused is not waited for, and has no offset",
    kind,
    input: all,
    events: [refused("t-0", "NOT_ENOUGH_REPLICAS"), appended("t-1", 7), replicated("t-1")],
    expect: { effects: [answer(["NOT_ENOUGH_REPLICAS", null], [null, 7])], done: true },
  },
  {
    name: "with every append refused there is nothing to wait for",
    kind,
    input: all,
    events: [refused("t-0", "NOT_LEADER_OR_FOLLOWER"), refused("t-1", "NOT_LEADER_OR_FOLLOWER")],
    expect: { effects: [answer(["NOT_LEADER_OR_FOLLOWER", null], ["NOT_LEADER_OR_FOLLOWER", null])], done: true },
  },
  {
    name: "an error after the append is answered in place of the offset",
    kind,
    input: all,
    events: [appended("t-0", 3), appended("t-1", 7), replicated("t-1", "NOT_LEADER_OR_FOLLOWER"), replicated("t-0")],
    expect: { effects: [answer([null, 3], ["NOT_LEADER_OR_FOLLOWER", null])], done: true },
  },
  {
    name: "after the timeout what is not replicated is answered REQUEST_TIMED_OUT and waited for no more",
    kind,
    input: all,
    events: [appended("t-0", 3), appended("t-1", 7), replicated("t-0"), fire("requestTimeout")],
    expect: { effects: [forget("t-1"), answer([null, 3], ["REQUEST_TIMED_OUT", null])], done: true },
  },
  {
    name: "with acks=0 nothing is answered",
    kind,
    input: none,
    events: [appended("t-0", 3), appended("t-1", 7)],
    expect: { effects: [], done: true },
  },
  {
    name: "with acks=0 an error closes the connection, as there is no answer that could tell it",
    kind,
    input: none,
    events: [appended("t-0", 3), refused("t-1", "NOT_LEADER_OR_FOLLOWER")],
    expect: { effects: [{ kind: "reset", connection }], done: true },
  },
  {
    name: "with acks=0, too, every leader is heard first",
    kind,
    input: none,
    events: [refused("t-0", "NOT_LEADER_OR_FOLLOWER")],
    expect: { value: "appending", effects: [], done: false },
  },
];
