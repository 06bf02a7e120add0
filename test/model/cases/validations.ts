/** Rules by which a consumer validates its position after a leader change (SubscriptionState; KIP-320). */
import type { ConsumerEvent } from "../../../model/consumer/consumer-context.ts";
import type { MachineCase } from "../machine-case.ts";
import {
  asksEpochEnd,
  asksMetadata,
  at,
  backoff,
  calls,
  committed,
  completes,
  disconnected,
  epochEnd,
  fetched,
  fetches,
  fromStart,
  hasNewLeader,
  hasReadTwo,
  input,
  metadata,
  one,
  poll,
  polling,
  position,
  positioned,
  requestTimeout,
  seek,
  sent,
  withoutPolicy,
} from "./reader-parts.ts";

const kind = "consumer";
const idle = calls("idle");

/** t-0 is being validated; t-1 needs no validation. */
const validatesFirst = [poll, committed({ "t-0": at(5, 0), "t-1": at(3) })];

export const cases: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "under a new leader a position that has read something is validated before the next fetch",
    kind,
    input: one,
    events: hasNewLeader,
    expect: {
      value: polling("validating"),
      context: { positions: [position("validate", 2, { leaderEpoch: 0, leader: 2, currentLeaderEpoch: 3 })] },
      effects: [asksEpochEnd(2, 0, 3)],
    },
  },
  {
    name: "a position that has read nothing has nothing to validate",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "", "NOT_LEADER_OR_FOLLOWER"), backoff, metadata(["t-0", 2, 3])],
    expect: { value: polling("fetching"), effects: [fetches(2, ["t-0", 0, 3]), sent(2)] },
  },
  {
    name: "the same leader epoch, told again, is nothing new",
    kind,
    input: one,
    events: [...hasReadTwo, fetched(2, "", "NOT_LEADER_OR_FOLLOWER"), backoff, metadata(["t-0", 1, 0])],
    expect: { value: polling("fetching"), effects: [fetches(1, ["t-0", 2]), sent(1)] },
  },
  {
    name: "an epoch that ends at the position or beyond confirms it",
    kind,
    input: one,
    events: [...hasNewLeader, epochEnd({ epoch: 0, endOffset: 2 })],
    expect: {
      value: polling("fetching"),
      context: { positions: [position("valid", 2, { leaderEpoch: 0, leader: 2, currentLeaderEpoch: 3 })] },
      effects: [fetches(2, ["t-0", 2, 3]), sent(2)],
    },
  },
  {
    name: "an epoch that ends below the position: the log was truncated, reading goes on where the logs part",
    kind,
    input: one,
    events: [...hasNewLeader, epochEnd({ epoch: 0, endOffset: 1 })],
    expect: {
      value: polling("fetching"),
      context: { positions: [position("valid", 1, { leaderEpoch: 0, leader: 2, currentLeaderEpoch: 3 })] },
      effects: [positioned(1, "truncation"), fetches(2, ["t-0", 1, 3]), sent(2)],
    },
  },
  {
    name: "a leader that knows no epoch as low leaves it to the reset policy",
    kind,
    input: one,
    events: [...hasNewLeader, epochEnd(null)],
    expect: {
      value: polling("resetting"),
      context: {
        positions: [
          position("reset", 2, { leaderEpoch: 0, leader: 2, currentLeaderEpoch: 3, resetError: "OFFSET_OUT_OF_RANGE" }),
        ],
      },
    },
  },
  {
    name: "reading goes on with the epoch that ends there, not with that of what was lost",
    kind,
    input: { ...one, leaders: [{ partition: "t-0", leader: 1, leaderEpoch: 2 }] },
    events: [
      ...[...fromStart, fetched(0, "a0 b2"), poll, fetched(2, "", "NOT_LEADER_OR_FOLLOWER"), backoff],
      ...[metadata(["t-0", 2, 3]), epochEnd({ epoch: 1, endOffset: 1 })],
    ],
    expect: {
      context: { positions: [position("valid", 1, { leaderEpoch: 1, leader: 2, currentLeaderEpoch: 3 })] },
    },
  },
  {
    name: "a late answer about a partition that is not being validated moves nothing",
    kind,
    input,
    events: [...validatesFirst, epochEnd({ epoch: 0, endOffset: 1 }, null, "t-1")],
    expect: {
      value: polling("validating"),
      context: {
        positions: [position("validate", 5, { leaderEpoch: 0 }), position("valid", 3, { partition: "t-1", leader: 2 })],
      },
      effects: [],
    },
  },
  {
    name: "a late error about a partition that is not being validated does not delay the one that is",
    kind,
    input,
    events: [...validatesFirst, epochEnd(null, "NOT_LEADER_OR_FOLLOWER", "t-1")],
    expect: { value: polling("validating"), effects: [] },
  },
  {
    name: "without a policy a truncation is an error, and the position stays in question",
    kind,
    input: withoutPolicy,
    events: [poll, committed({ "t-0": at(5, 0) }), epochEnd({ epoch: 0, endOffset: 1 })],
    expect: {
      value: idle,
      context: { positions: [position("validate", 5, { leaderEpoch: 0 })] },
      effects: [completes("poll", "fail", "LOG_TRUNCATION")],
      running: [],
    },
  },
  {
    name: "without a policy a leader that knows no epoch as low is a truncation, too",
    kind,
    input: withoutPolicy,
    events: [poll, committed({ "t-0": at(5, 0) }), epochEnd(null)],
    expect: {
      value: idle,
      context: { positions: [position("validate", 5, { leaderEpoch: 0 })] },
      effects: [completes("poll", "fail", "LOG_TRUNCATION")],
    },
  },
  {
    name: "without a policy a leader that cannot answer is no truncation",
    kind,
    input: withoutPolicy,
    events: [poll, committed({ "t-0": at(5, 0) }), epochEnd(null, "FENCED_LEADER_EPOCH")],
    expect: { value: polling("backingOff"), effects: [] },
  },
  {
    name: "without a policy a position that is confirmed is read from",
    kind,
    input: withoutPolicy,
    events: [poll, committed({ "t-0": at(5, 0) }), epochEnd({ epoch: 0, endOffset: 5 })],
    expect: { value: polling("fetching"), effects: [fetches(1, ["t-0", 5]), sent(1)] },
  },
  {
    name: "a leader that cannot answer is asked again, after a back-off and fresh metadata",
    kind,
    input: one,
    events: [...hasNewLeader, epochEnd(null, "FENCED_LEADER_EPOCH")],
    expect: {
      value: polling("backingOff"),
      context: { positions: [position("validate", 2, { leaderEpoch: 0, leader: 2, currentLeaderEpoch: 3 })] },
      effects: [],
    },
  },
  {
    name: "a leader that does not answer in time is a reason to ask who leads",
    kind,
    input: one,
    events: [...hasNewLeader, requestTimeout],
    expect: { value: polling("refreshing"), effects: [asksMetadata(2)] },
  },
  {
    name: "a connection that breaks meanwhile is a reason to wait, then to ask who leads",
    kind,
    input: one,
    events: [...hasNewLeader, disconnected("b2")],
    expect: { value: polling("backingOff"), effects: [] },
  },
  {
    name: "a connection that breaks meanwhile takes the fetch of another partition along",
    kind,
    input,
    events: [
      ...[seek(0), seek(5, "t-1"), poll, fetched(0, "a0"), poll, fetched(1, "", "NOT_LEADER_OR_FOLLOWER"), backoff],
      ...[metadata(["t-0", 1, 3]), disconnected("b2")],
    ],
    expect: { context: { fetching: [] } },
  },
];
