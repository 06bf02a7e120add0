/** Rules by which a consumer fetches and hands out, and finds out who leads (AbstractFetch, FetchCollector). */
import type { ConsumerEvent } from "../../../model/consumer/consumer-context.ts";
import { observe } from "../../../model/effect.ts";
import { log } from "../../spec/cluster-views.ts";
import type { MachineCase } from "../machine-case.ts";
import {
  asksCommitted,
  asksMetadata,
  at,
  backoff,
  calls,
  closes,
  committed,
  completes,
  delivers,
  disconnected,
  ended,
  fetched,
  fetchedFrom,
  fetches,
  fromStart,
  hasReadTwo,
  input,
  metadata,
  one,
  poll,
  polling,
  pollOver,
  position,
  requestTimeout,
  seek,
  sent,
} from "./reader-parts.ts";

const kind = "consumer";
const idle = calls("idle");

/** Both partitions are read from offset 0 and 5; a fetch is on its way to either leader. */
const readingBoth = [seek(0), seek(5, "t-1"), poll];
const second = { partition: "t-1", leader: 2 };

const timedOut = (broker: number): ConsumerEvent => ({ type: "fetch-timed-out", broker });

const leaderless = [{ partition: "t-0", leader: null, leaderEpoch: 0 }];

const fetching: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "every leader is sent one fetch, from the positions",
    kind,
    input,
    events: readingBoth,
    expect: {
      value: polling("fetching"),
      context: { fetching: [1, 2] },
      effects: [fetches(1, ["t-0", 0]), sent(1), fetches(2, ["t-1", 5]), sent(2)],
      armed: { "poll-timeout": 1000, retryBackoff: 100 },
    },
  },
  {
    name: "one fetch carries all partitions that the broker leads",
    kind,
    input: { ...input, leaders: input.leaders.map((known) => ({ ...known, leader: 2 })) },
    events: readingBoth,
    expect: { context: { fetching: [2] }, effects: [fetches(2, ["t-0", 0], ["t-1", 5]), sent(2)] },
  },
  {
    name: "what is fetched is handed out, and the position moves past it with its epoch",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "a0 b1")],
    expect: {
      value: idle,
      context: { positions: [position("valid", 2, { leaderEpoch: 1 })], fetching: [] },
      effects: [ended(1), ...delivers(0, "ab")],
      running: [],
    },
  },
  {
    name: "an empty answer is followed by the next fetch",
    kind,
    input: one,
    events: [...hasReadTwo, fetched(2)],
    expect: { value: polling("fetching"), effects: [ended(1), fetches(1, ["t-0", 2]), sent(1)] },
  },
  {
    name: "no second fetch goes to a leader while one is on its way",
    kind,
    input,
    events: [...readingBoth, fetchedFrom("b2", { partition: "t-1", fetchOffset: 5 })],
    expect: {
      value: polling("fetching"),
      context: { fetching: [1, 2] },
      effects: [ended(2), fetches(2, ["t-1", 5]), sent(2)],
    },
  },
  {
    name: "a poll hands out at most max.poll.records; the position moves past those alone",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "a0 b0 c0 d0 e0")],
    expect: {
      context: { positions: [position("valid", 3, { leaderEpoch: 0, fetched: log("d0 e0", 3) })] },
      effects: [ended(1), ...delivers(0, "abc")],
    },
  },
  {
    name: "the next poll hands out the rest without a fetch",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "a0 b0 c0 d0 e0"), poll],
    expect: {
      value: idle,
      context: { positions: [position("valid", 5, { leaderEpoch: 0 })] },
      effects: delivers(3, "de"),
      running: [],
    },
  },
  {
    name: "a poll that finds nothing within its time hands out nothing",
    kind,
    input: one,
    events: [...fromStart, pollOver],
    expect: { value: idle, context: { fetching: [1] }, effects: [completes("poll")], running: [] },
  },
  {
    name: "what comes between two polls is kept, and the position does not move",
    kind,
    input: one,
    events: [...fromStart, pollOver, fetched(0, "a0 b0")],
    expect: {
      value: idle,
      context: { positions: [position("valid", 0, { fetched: log("a0 b0") })], fetching: [] },
      effects: [ended(1)],
    },
  },
  {
    name: "what came between two polls is handed out by the next one",
    kind,
    input: one,
    events: [...fromStart, pollOver, fetched(0, "a0 b0"), poll],
    expect: { value: idle, effects: delivers(0, "ab"), running: [] },
  },
  {
    name: "an answer to a fetch from another position is not delivered",
    kind,
    input: one,
    events: [...fromStart, pollOver, seek(7), poll, fetched(0, "a0 b0")],
    expect: {
      value: polling("fetching"),
      context: { positions: [position("valid", 7)], fetching: [1] },
      effects: [ended(1), fetches(1, ["t-0", 7]), sent(1)],
    },
  },
  {
    name: "an error about another position does not reset this one",
    kind,
    input: one,
    events: [...fromStart, pollOver, seek(7), poll, fetched(0, "", "OFFSET_OUT_OF_RANGE")],
    expect: { context: { positions: [position("valid", 7)] }, effects: [ended(1), fetches(1, ["t-0", 7]), sent(1)] },
  },
  {
    name: "a broker that leads no longer is a reason to wait, then to ask who leads",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "", "NOT_LEADER_OR_FOLLOWER")],
    expect: {
      value: polling("backingOff"),
      context: { fetching: [], positions: [position("valid", 0)] },
      effects: [ended(1)],
      armed: { retryBackoff: 100 },
    },
  },
  {
    name: "a connection that breaks is a reason to wait, and its fetch is on its way no more",
    kind,
    input,
    events: [...readingBoth, disconnected("b1")],
    expect: {
      value: polling("backingOff"),
      context: { fetching: [2] },
      effects: [ended(1)],
      armed: { retryBackoff: 100 },
    },
  },
  {
    name: "between two polls, too, a connection that breaks takes its fetch along",
    kind,
    input,
    events: [...readingBoth, pollOver, disconnected("b2")],
    expect: { value: idle, context: { fetching: [1] }, effects: [ended(2)] },
  },
  {
    name: "a leader that does not answer is given up with its fetch; the other's is waited for",
    kind,
    input,
    events: [...readingBoth, timedOut(2)],
    expect: {
      value: polling("backingOff"),
      context: { fetching: [1] },
      effects: [closes("b2"), ended(2)],
    },
  },
  {
    name: "between two polls, too, a leader that does not answer is given up",
    kind,
    input,
    events: [...readingBoth, pollOver, timedOut(2)],
    expect: { value: idle, context: { fetching: [1] }, effects: [closes("b2"), ended(2)] },
  },
  {
    name: "it is asked who leads, and then fetched from again",
    kind,
    input,
    events: [...readingBoth, timedOut(2), backoff, metadata()],
    expect: { value: polling("fetching"), effects: [fetches(2, ["t-1", 5]), sent(2)] },
  },
];

const leaders: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "after a back-off it is asked who leads",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "", "NOT_LEADER_OR_FOLLOWER"), backoff],
    expect: { value: polling("refreshing"), effects: [asksMetadata(1)], armed: { requestTimeout: 30_000 } },
  },
  {
    name: "a broker that does not tell is given up with the fetch that is on its way to it",
    kind,
    input,
    events: [
      ...[...readingBoth, fetched(0, "", "NOT_LEADER_OR_FOLLOWER"), backoff],
      ...[requestTimeout, requestTimeout],
    ],
    expect: {
      value: polling("refreshing"),
      context: { fetching: [], contact: 1 },
      effects: [ended(2), closes("b2"), asksMetadata(1)],
    },
  },
  {
    name: "the brokers are asked in turn; one that does not tell is given up",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "", "NOT_LEADER_OR_FOLLOWER"), backoff, requestTimeout],
    expect: {
      value: polling("refreshing"),
      context: { contact: 2 },
      effects: [closes("b1"), asksMetadata(2)],
      armed: { requestTimeout: 30_000 },
    },
  },
  {
    name: "after the last broker comes the first one again",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "", "NOT_LEADER_OR_FOLLOWER"), backoff, requestTimeout, requestTimeout],
    expect: { context: { contact: 1 }, effects: [closes("b2"), asksMetadata(1)] },
  },
  {
    name: "a broker whose connection breaks before it tells is followed by another one later",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "", "NOT_LEADER_OR_FOLLOWER"), backoff, disconnected("b1")],
    expect: { value: polling("backingOff"), effects: [], armed: { retryBackoff: 100 } },
  },
  {
    name: "while it is asked who leads, a connection that breaks takes its fetch along",
    kind,
    input,
    events: [...readingBoth, fetched(0, "", "NOT_LEADER_OR_FOLLOWER"), backoff, disconnected("b2")],
    expect: { context: { fetching: [] } },
  },
  {
    name: "metadata of an earlier leader epoch is of a broker that lags, and is not believed (KIP-320)",
    kind,
    input: { ...one, leaders: [{ partition: "t-0", leader: 1, leaderEpoch: 4 }] },
    events: [seek(0), poll, fetched(0, "", "NOT_LEADER_OR_FOLLOWER"), backoff, metadata(["t-0", 2, 3])],
    expect: {
      context: { leaders: [{ partition: "t-0", leader: 1, leaderEpoch: 4 }] },
      effects: [fetches(1, ["t-0", 0, 4]), sent(1)],
    },
  },
  {
    name: "without a leader there is nobody to fetch from: it waits, and asks again",
    kind,
    input: { ...one, leaders: leaderless },
    events: [seek(0), poll],
    expect: { value: polling("backingOff"), effects: [], armed: { "poll-timeout": 1000, retryBackoff: 100 } },
  },
  {
    name: "a partition without a leader does not keep others from being fetched, but is asked for after a while",
    kind,
    input: { ...input, leaders: [...leaderless, { partition: "t-1", leader: 2, leaderEpoch: 0 }] },
    events: [...readingBoth, backoff],
    expect: { value: polling("refreshing"), context: { fetching: [2] }, effects: [asksMetadata(1)] },
  },
  {
    name: "with every leader known a fetch is waited for, however long it is parked",
    kind,
    input,
    events: [...readingBoth, backoff],
    expect: {
      value: polling("fetching"),
      effects: [],
      armed: {},
      running: ["poll-timeout"],
    },
  },
];

const crashes: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "a crash throws the positions away, with all that was fetched; the assignment stays",
    kind,
    input,
    events: [...readingBoth, crashEvent()],
    expect: {
      value: "crashed",
      context: {
        positions: [position("unknown", null), position("unknown", null, second)],
        fetching: [],
        committing: {},
      },
      effects: [ended(1), ended(2), { kind: "process-died" }, observe({ kind: "crashed", client: "c1" })],
      running: [],
    },
  },
  {
    name: "after a restart reading goes on at the committed offset, whatever had been read",
    kind,
    input: one,
    events: [...hasReadTwo, crashEvent(), { type: "restart" }, poll, committed({ "t-0": at(1) }), fetched(1, "b0")],
    expect: { effects: [ended(1), ...delivers(1, "b")] },
  },
  {
    name: "after a restart the committed offset is asked for",
    kind,
    input: one,
    events: [...hasReadTwo, crashEvent(), { type: "restart" }, poll],
    expect: { value: polling("askingCommitted"), effects: [asksCommitted("t-0")] },
  },
];

function crashEvent(): ConsumerEvent {
  return { type: "crash" };
}

export const cases: readonly MachineCase<ConsumerEvent>[] = [...fetching, ...leaders, ...crashes];
