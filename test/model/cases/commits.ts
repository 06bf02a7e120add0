/** Rules by which a consumer commits (ConsumerCoordinator; a committed offset is the next one to read). */
import type { ConsumerEvent } from "../../../model/consumer/consumer-context.ts";
import { type Effect, observe } from "../../../model/effect.ts";
import type { CommittedOffset } from "../../../model/message.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  at,
  backoff,
  calls,
  closes,
  committed,
  completes,
  fetched,
  fetches,
  fromStart,
  input,
  one,
  poll,
  requestTimeout,
  seek,
  sent,
  withoutGroup,
} from "./reader-parts.ts";

const kind = "consumer";
const idle = calls("idle");
const automatic = { ...one, autoCommit: true };
const interval = fire("autoCommitInterval");

const commit = (offsets: Readonly<Record<string, number>> | null): ConsumerEvent => ({ type: "commit", offsets });
const answered = (auto: boolean): ConsumerEvent => ({ type: "offset-commit-response", auto, from: "coordinator" });

const commits = (offsets: Readonly<Record<string, CommittedOffset>>, auto = false): Effect => ({
  kind: "request",
  to: "coordinator",
  body: { type: "offset-commit", group: "g", offsets, auto },
});

/** Says that it commits its own position. */
const tells = (partition: string, offset: number): Effect =>
  observe({ kind: "committing", consumer: "c1", partition, offset });

const committing = (state: "asking" | "backingOff") => calls({ committing: state });
const autoCommit = (state: "counting" | "due", call: unknown) => ({ running: { autoCommit: state, calls: call } });

const byHand: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "a commit of the positions commits the next offset to read, with the epoch of the last record read",
    kind,
    input: one,
    events: [...fromStart, fetched(0, "a0 b2"), commit(null)],
    expect: {
      value: committing("asking"),
      context: { committing: { "t-0": at(2, 2) } },
      effects: [tells("t-0", 2), commits({ "t-0": at(2, 2) })],
      armed: { apiTimeout: 60_000, requestTimeout: 30_000 },
    },
  },
  {
    name: "a partition without a position is not committed",
    kind,
    input,
    events: [seek(4, "t-1"), commit(null)],
    expect: { effects: [tells("t-1", 4), commits({ "t-1": at(4) })] },
  },
  {
    name: "a commit of named offsets commits those, whatever the positions",
    kind,
    input,
    events: [seek(4), commit({ "t-1": 9, "t-0": 2 })],
    expect: { effects: [commits({ "t-0": at(2), "t-1": at(9) })] },
  },
  {
    name: "a commit is over when the coordinator has answered",
    kind,
    input,
    events: [seek(4), commit(null), answered(false)],
    expect: { value: idle, effects: [completes("commit")], running: [] },
  },
  {
    name: "the answer to an auto-commit does not answer a commit",
    kind,
    input,
    events: [seek(4), commit(null), answered(true)],
    expect: { value: committing("asking"), effects: [] },
  },
  {
    name: "a coordinator that does not answer is given up, and after a back-off asked again",
    kind,
    input,
    events: [seek(4), commit(null), requestTimeout],
    expect: {
      value: committing("backingOff"),
      effects: [closes("coordinator")],
      armed: { retryBackoff: 100 },
      running: ["apiTimeout", "retryBackoff"],
    },
  },
  {
    name: "the commit that is tried again is the same one",
    kind,
    input,
    events: [seek(4), commit(null), requestTimeout, backoff],
    expect: { value: committing("asking"), effects: [commits({ "t-0": at(4) })] },
  },
  {
    name: "a commit that is never answered has an unknown end: the coordinator may have taken it",
    kind,
    input,
    events: [seek(4), commit(null), fire("apiTimeout")],
    expect: {
      value: idle,
      effects: [closes("coordinator"), completes("commit", "unknown", "TIMEOUT")],
      running: [],
    },
  },
  {
    name: "without a group there is nothing to commit to",
    kind,
    input: withoutGroup,
    events: [seek(4), commit(null)],
    expect: { value: idle, effects: [completes("commit", "fail", "INVALID_GROUP_ID")] },
  },
];

const byItself: readonly MachineCase<ConsumerEvent>[] = [
  {
    name: "without auto-commit there is none",
    kind,
    input: one,
    events: [],
    expect: { value: idle, running: [] },
  },
  {
    name: "auto-commit counts its interval from the start",
    kind,
    input: automatic,
    events: [],
    expect: { value: autoCommit("counting", "idle"), armed: { autoCommitInterval: 5000 } },
  },
  {
    name: "before the interval is over a poll commits nothing",
    kind,
    input: automatic,
    events: [seek(4), poll, fetched(4, "a0"), poll],
    expect: {
      value: autoCommit("counting", { polling: "fetching" }),
      effectsOf: { request: [fetches(1, ["t-0", 5])] },
    },
  },
  {
    name: "when the interval is over nothing is committed by itself: it takes a poll",
    kind,
    input: automatic,
    events: [seek(4), interval],
    expect: { value: autoCommit("due", "idle"), effects: [], running: [] },
  },
  {
    name: "the poll commits the positions that it starts from, what the polls before have handed out, and counts anew",
    kind,
    input: automatic,
    events: [seek(4), poll, fetched(4, "a0 b0"), interval, poll],
    expect: {
      value: autoCommit("counting", { polling: "fetching" }),
      effects: [tells("t-0", 6), commits({ "t-0": at(6, 0) }, true), fetches(1, ["t-0", 6]), sent(1)],
      armed: { autoCommitInterval: 5000, "poll-timeout": 1000, retryBackoff: 100 },
    },
  },
  {
    name: "what has been fetched and not handed out yet is not committed (KAFKA-2942)",
    kind,
    input: { ...automatic, maxPollRecords: 1 },
    events: [seek(4), poll, fetched(4, "a0 b0"), interval, poll],
    expect: { effectsOf: { request: [commits({ "t-0": at(5, 0) }, true)] } },
  },
  {
    name: "nobody waits for the answer to an auto-commit",
    kind,
    input: automatic,
    events: [seek(4), interval, poll, answered(true)],
    expect: { value: autoCommit("counting", { polling: "fetching" }), effects: [] },
  },
  {
    name: "the committed offset that is asked for is not mixed up with one that is committed",
    kind,
    input: one,
    events: [poll, answered(true), committed({ "t-0": at(3) })],
    expect: { effectsOf: { request: [fetches(1, ["t-0", 3])] } },
  },
];

export const cases: readonly MachineCase<ConsumerEvent>[] = [...byHand, ...byItself];
