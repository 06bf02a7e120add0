/** Rules by which a consumer comes to a position and keeps it valid (SubscriptionState, OffsetFetcher; KIP-320). */
import type { ConsumerEvent } from "../../../model/consumer/consumer-context.ts";
import type { MachineCase } from "../machine-case.ts";
import {
  asksCommitted,
  asksEpochEnd,
  asksMetadata,
  asksOffset,
  assign,
  at,
  calls,
  closes,
  committed,
  completes,
  disconnected,
  ended,
  fetched,
  fetchedFrom,
  fetches,
  fromStart,
  hasReadTwo,
  input,
  listed,
  one,
  poll,
  polling,
  pollOver,
  position,
  positioned,
  requestTimeout,
  seek,
  sent,
  withoutGroup,
  withoutPolicy,
} from "./reader-parts.ts";

const kind = "consumer";
const idle = calls("idle");

const oneAfterTheOtherOutOfRange: readonly ConsumerEvent[] = [
  ...[seek(0), seek(5, "t-1"), poll],
  fetchedFrom("b2", { partition: "t-1", fetchOffset: 5, error: "OFFSET_OUT_OF_RANGE" }),
  fetched(0, "", "OFFSET_OUT_OF_RANGE"),
];

const starting: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "the first poll asks for the committed offsets of all partitions",
    kind,
    input,
    events: [poll],
    expect: {
      value: polling("askingCommitted"),
      effects: [asksCommitted("t-0", "t-1")],
      armed: { "poll-timeout": 1000, requestTimeout: 30_000 },
    },
  },
  {
    name: "reading goes on exactly at the committed offset",
    kind,
    input: one,
    events: [poll, committed({ "t-0": at(5) })],
    expect: {
      value: polling("fetching"),
      context: { positions: [position("valid", 5)] },
      effects: [positioned(5, "committed"), fetches(1, ["t-0", 5]), sent(1)],
    },
  },
  {
    name: "a committed offset with a leader epoch is validated first: the log may have been truncated since (KIP-320)",
    kind,
    input: one,
    events: [poll, committed({ "t-0": at(5, 0) })],
    expect: {
      value: polling("validating"),
      context: { positions: [position("validate", 5, { leaderEpoch: 0 })] },
      effects: [positioned(5, "committed"), asksEpochEnd(1, 0, 0)],
      armed: { requestTimeout: 30_000 },
    },
  },
  {
    name: "a coordinator that does not answer is given up, and asked again",
    kind,
    input: one,
    events: [poll, requestTimeout],
    expect: { value: polling("askingCommitted"), effects: [closes("coordinator"), asksCommitted("t-0")] },
  },
  {
    name: "a committed offset does not move a position that is known already",
    kind,
    input,
    events: [poll, pollOver, seek(8), poll, committed({ "t-0": at(2), "t-1": at(3) })],
    expect: {
      context: {
        positions: [position("valid", 8), position("valid", 3, { partition: "t-1", leader: 2 })],
      },
      effects: [positioned(3, "committed", "t-1"), fetches(1, ["t-0", 8]), sent(1), fetches(2, ["t-1", 3]), sent(2)],
    },
  },
  {
    name: "an answer that leaves a partition out says nothing of it",
    kind,
    input,
    events: [poll, committed({ "t-0": at(5) })],
    expect: { value: polling("askingCommitted"), effects: [positioned(5, "committed"), asksCommitted("t-1")] },
  },
];

const resets: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "with nothing committed the reset policy decides: earliest",
    kind,
    input: one,
    events: [poll, committed({ "t-0": null })],
    expect: {
      value: polling("resetting"),
      context: { positions: [position("reset", null, { resetError: "NO_OFFSET_FOR_PARTITION" })] },
      effects: [asksOffset("earliest")],
      armed: { requestTimeout: 30_000 },
    },
  },
  {
    name: "with nothing committed the reset policy decides: latest",
    kind,
    input: { ...one, resetPolicy: "latest" },
    events: [poll, committed({ "t-0": null })],
    expect: { effects: [asksOffset("latest")] },
  },
  {
    name: "with nothing committed the reset policy decides: none is an error",
    kind,
    input: withoutPolicy,
    events: [poll, committed({ "t-0": null })],
    expect: { value: idle, effects: [completes("poll", "fail", "NO_OFFSET_FOR_PARTITION")], running: [] },
  },
  {
    name: "the next poll fails again: nothing has been decided",
    kind,
    input: withoutPolicy,
    events: [poll, committed({ "t-0": null }), poll],
    expect: { value: idle, effects: [completes("poll", "fail", "NO_OFFSET_FOR_PARTITION")] },
  },
  {
    name: "without a group nothing is committed anywhere, and no coordinator is asked",
    kind,
    input: withoutGroup,
    events: [poll],
    expect: { value: polling("resetting"), effects: [asksOffset("earliest")] },
  },
  {
    name: "the position is the offset that the leader tells, and needs no validation",
    kind,
    input: one,
    events: [...fromStart],
    expect: {
      value: polling("fetching"),
      context: { positions: [position("valid", 0)] },
      effects: [positioned(0, "reset"), fetches(1, ["t-0", 0]), sent(1)],
    },
  },
  {
    name: "partitions are reset one after the other, each by its own leader",
    kind,
    input,
    events: [poll, committed({ "t-0": null, "t-1": null }), listed(4)],
    expect: { value: polling("resetting"), effects: [positioned(4, "reset"), asksOffset("earliest", "t-1", 2)] },
  },
  {
    name: "an answer about a partition that is not being reset is ignored",
    kind,
    input,
    events: [poll, committed({ "t-0": null, "t-1": at(3) }), listed(7, null, "t-1")],
    expect: {
      value: polling("resetting"),
      context: {
        positions: [
          position("reset", null, { resetError: "NO_OFFSET_FOR_PARTITION" }),
          position("valid", 3, { partition: "t-1", leader: 2 }),
        ],
      },
      effects: [],
    },
  },
  {
    name: "a late error about a partition that is not being reset does not delay the one that is",
    kind,
    input,
    events: [poll, committed({ "t-0": null, "t-1": at(3) }), listed(-1, "NOT_LEADER_OR_FOLLOWER", "t-1")],
    expect: { value: polling("resetting"), effects: [] },
  },
  {
    name: "an offset that the leader cannot tell yet is asked for again, after a back-off and fresh metadata",
    kind,
    input: one,
    events: [poll, committed({ "t-0": null }), listed(-1, "OFFSET_NOT_AVAILABLE")],
    expect: {
      value: polling("backingOff"),
      context: { positions: [position("reset", null, { resetError: "NO_OFFSET_FOR_PARTITION" })] },
      effects: [],
      armed: { retryBackoff: 100 },
    },
  },
  {
    name: "a leader that does not tell in time is a reason to ask who leads",
    kind,
    input: one,
    events: [poll, committed({ "t-0": null }), requestTimeout],
    expect: { value: polling("refreshing"), effects: [asksMetadata(1)] },
  },
  {
    name: "a broken connection is a reason to wait, then to ask who leads",
    kind,
    input: one,
    events: [poll, committed({ "t-0": null }), disconnected("b1")],
    expect: { value: polling("backingOff"), effects: [] },
  },
  {
    name: "a connection that breaks during a reset takes the fetch of another partition along",
    kind,
    input,
    events: [seek(0), seek(5, "t-1"), poll, fetched(0, "", "OFFSET_OUT_OF_RANGE"), disconnected("b2")],
    expect: { context: { fetching: [] } },
  },
  {
    name: "an answer counts although a fetch that was under way has put another partition before its own",
    kind,
    input,
    events: [...oneAfterTheOtherOutOfRange, listed(7, null, "t-1")],
    expect: {
      value: polling("resetting"),
      effects: [positioned(7, "out-of-range", "t-1"), asksOffset("earliest")],
    },
  },
  {
    name: "why a position is reset is seen of each by itself",
    kind,
    input,
    events: [
      ...[assign("t-0"), seek(0), poll, pollOver, assign("t-0", "t-1"), poll],
      ...[committed({ "t-1": null }), fetched(0, "", "OFFSET_OUT_OF_RANGE"), listed(7, null, "t-1")],
    ],
    expect: { effects: [positioned(7, "reset", "t-1"), asksOffset("earliest")] },
  },
  {
    name: "a reset waits for a leader",
    kind,
    input: { ...one, leaders: [{ partition: "t-0", leader: null, leaderEpoch: 0 }] },
    events: [poll, committed({ "t-0": null })],
    expect: { value: polling("backingOff"), effects: [], running: ["poll-timeout", "retryBackoff"] },
  },
];

const outOfRange: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "a position that is out of range is reset by the policy",
    kind,
    input: one,
    events: [...hasReadTwo, fetched(2, "", "OFFSET_OUT_OF_RANGE")],
    expect: {
      value: polling("resetting"),
      context: { positions: [position("reset", 2, { leaderEpoch: 0, resetError: "OFFSET_OUT_OF_RANGE" })] },
      effects: [ended(1), asksOffset("earliest")],
    },
  },
  {
    name: "the reset of a position that was out of range is seen as such",
    kind,
    input: one,
    events: [...hasReadTwo, fetched(2, "", "OFFSET_OUT_OF_RANGE"), listed(1)],
    expect: {
      context: { positions: [position("valid", 1)] },
      effects: [positioned(1, "out-of-range"), fetches(1, ["t-0", 1]), sent(1)],
    },
  },
  {
    name: "without a policy a position that is out of range is an error",
    kind,
    input: withoutPolicy,
    events: [seek(9), poll, fetched(9, "", "OFFSET_OUT_OF_RANGE")],
    expect: { value: idle, effects: [ended(1), completes("poll", "fail", "OFFSET_OUT_OF_RANGE")] },
  },
];

const moves: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "a seek sets the position, and what was fetched elsewhere is not delivered",
    kind,
    input: one,
    events: [...fromStart, pollOver, fetched(0, "a0 b0"), seek(7)],
    expect: {
      value: idle,
      context: { positions: [position("valid", 7)] },
      effects: [positioned(7, "seek"), completes("seek")],
    },
  },
  {
    name: "a seek concerns its partition alone",
    kind,
    input,
    events: [seek(7, "t-1")],
    expect: {
      context: {
        positions: [position("unknown", null), position("valid", 7, { partition: "t-1", leader: 2 })],
      },
      effects: [positioned(7, "seek", "t-1"), completes("seek")],
    },
  },
  {
    name: "an assignment keeps the positions of partitions that stay, and starts new ones from nothing",
    kind,
    input,
    events: [seek(7), seek(8, "t-1"), assign("t-0"), assign("t-1", "t-0")],
    expect: {
      value: idle,
      context: { positions: [position("valid", 7), position("unknown", null, { partition: "t-1", leader: 2 })] },
      effects: [completes("assign")],
    },
  },
];

export const cases: readonly MachineCase<ConsumerEvent>[] = [...starting, ...resets, ...outOfRange, ...moves];
