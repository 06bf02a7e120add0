/** What a consumer does with positions, fetches and commits. Wired in the machine. */
import { assertEvent } from "xstate";
import type { Outcome, TopicPartition } from "../../spec/vocabulary.ts";
import type { Completion } from "../client-operation.ts";
import { type Effect, type Effects, effects, observe } from "../effect.ts";
import type { CommittedOffset, RequestBody } from "../message.ts";
import {
  type ConsumerContext,
  type ConsumerEvent,
  type ConsumerInput,
  firstIn,
  firstLedIn,
  type Position,
  updatePosition,
} from "./consumer-context.ts";

interface Args {
  readonly context: ConsumerContext;
  readonly event: ConsumerEvent;
}
type Update = Partial<ConsumerContext>;

/** Assigned by hand to every partition, until `assign` says otherwise. */
export function createConsumerContext(input: ConsumerInput): ConsumerContext {
  const positions = input.leaders.map(({ partition, leader, leaderEpoch }) =>
    unknownPosition(partition, leader, leaderEpoch),
  );
  return { ...input, positions, fetching: [], contact: 0, committing: {} };
}

function unknownPosition(partition: TopicPartition, leader: number | null, currentLeaderEpoch: number): Position {
  return {
    partition,
    state: "unknown",
    offset: null,
    leaderEpoch: null,
    resetError: null,
    fetched: [],
    leader,
    currentLeaderEpoch,
  };
}

// --- calls that are over at once -------------------------------------------------------------------------------

export function assignPartitions({ context, event }: Args): Update {
  assertEvent(event, "assign");
  const assigned = context.leaders.filter(({ partition }) => event.partitions.includes(partition));
  return {
    positions: assigned.map(
      ({ partition, leader, leaderEpoch }) =>
        context.positions.find((position) => position.partition === partition) ??
        unknownPosition(partition, leader, leaderEpoch),
    ),
  };
}

export function seek({ context, event }: Args): Update {
  assertEvent(event, "seek");
  const { partition, offset } = event;
  const change = { state: "valid", offset, leaderEpoch: null, resetError: null, fetched: [] } as const;
  return { positions: updatePosition(context, partition, () => change) };
}

export function observeSeek({ context, event }: Args): Effects {
  assertEvent(event, "seek");
  return effects(positioned(context, event.partition, event.offset, "seek", null));
}

export const complete =
  (f: Completion["f"], outcome: Outcome = "ok") =>
  ({ context }: Args): Effects =>
    effects(completion(context, f, outcome, null, []));

export function completion(
  context: ConsumerContext,
  f: Completion["f"],
  outcome: Outcome,
  error: string | null,
  records: Completion["records"],
): Effect {
  return { kind: "complete", completion: { client: context.client, f, outcome, error, records } };
}

// --- positions -------------------------------------------------------------------------------------------------

export function askCommitted({ context }: Args): Effects {
  const partitions = context.positions.filter(({ state }) => state === "unknown").map(({ partition }) => partition);
  const body: RequestBody = { type: "offset-fetch", group: context.group ?? "", partitions };
  return effects({ kind: "request", to: "coordinator", body });
}

/** Without a group there is nothing committed anywhere. */
export function presumeNothingCommitted({ context }: Args): Update {
  return {
    positions: context.positions.map((position) => (position.state === "unknown" ? toReset(position) : position)),
  };
}

function toReset(position: Position): Position {
  return { ...position, state: "reset", resetError: "NO_OFFSET_FOR_PARTITION" };
}

export function adoptCommitted({ context, event }: Args): Update {
  assertEvent(event, "offset-fetch-response");
  return {
    positions: context.positions.map((position) => {
      const committed = event.offsets[position.partition];
      if (position.state !== "unknown" || committed === undefined) return position;
      if (committed === null) return toReset(position);
      // A leader that has changed since the commit may have lost the record before it.
      const { offset, leaderEpoch } = committed;
      return { ...position, state: leaderEpoch === null ? "valid" : "validate", offset, leaderEpoch };
    }),
  };
}

/** Runs before the positions are adopted. */
export function observeCommitted({ context, event }: Args): Effects {
  assertEvent(event, "offset-fetch-response");
  return effects(
    ...context.positions.flatMap(({ state, partition }) => {
      const committed = event.offsets[partition];
      return state === "unknown" && committed
        ? [positioned(context, partition, committed.offset, "committed", committed.offset)]
        : [];
    }),
  );
}

export function askReset({ context }: Args): Effects {
  const position = firstLedIn(context, "reset");
  if (position?.leader === undefined || position.leader === null) return effects();
  const { partition, leader, currentLeaderEpoch } = position;
  const at = context.resetPolicy === "earliest" ? "earliest" : "latest";
  return effects({
    kind: "request",
    to: `b${leader}`,
    body: { type: "list-offsets", partition, at, currentLeaderEpoch, isFollower: false },
  });
}

export function adoptReset({ context, event }: Args): Update {
  assertEvent(event, "list-offsets-response");
  const { offset } = event;
  return {
    positions: updatePosition(context, event.partition, () => ({
      state: "valid",
      offset,
      leaderEpoch: null,
      resetError: null,
      fetched: [],
    })),
  };
}

export function observeReset({ context, event }: Args): Effects {
  assertEvent(event, "list-offsets-response");
  const { partition, offset } = event;
  const position = context.positions.find((one) => one.partition === partition);
  const cause = position?.resetError === "OFFSET_OUT_OF_RANGE" ? "out-of-range" : "reset";
  return effects(positioned(context, partition, offset, cause, null));
}

export function askEpochEnd({ context }: Args): Effects {
  const position = firstLedIn(context, "validate");
  if (position?.leader === undefined || position.leader === null) return effects();
  const { partition, leader, currentLeaderEpoch } = position;
  const leaderEpoch = position.leaderEpoch ?? -1;
  return effects({
    kind: "request",
    to: `b${leader}`,
    body: { type: "offset-for-leader-epoch", partition, leaderEpoch, currentLeaderEpoch },
  });
}

export function markValid({ context, event }: Args): Update {
  assertEvent(event, "offset-for-leader-epoch-response");
  return { positions: updatePosition(context, event.partition, () => ({ state: "valid" })) };
}

/** The log was truncated below the position: reading goes on where the logs part. */
export function adoptDivergence({ context, event }: Args): Update {
  assertEvent(event, "offset-for-leader-epoch-response");
  const { end } = event;
  return {
    positions: updatePosition(context, event.partition, () => ({
      state: "valid",
      offset: end?.endOffset ?? 0,
      leaderEpoch: end?.epoch ?? null,
      fetched: [],
    })),
  };
}

/** The leader knows no epoch as low as that of the last record read: the reset policy decides. */
export function resetDiverged({ context, event }: Args): Update {
  assertEvent(event, "offset-for-leader-epoch-response");
  const change = { state: "reset", resetError: "OFFSET_OUT_OF_RANGE", fetched: [] } as const;
  return { positions: updatePosition(context, event.partition, () => change) };
}

export function observeDivergence({ context, event }: Args): Effects {
  assertEvent(event, "offset-for-leader-epoch-response");
  return effects(positioned(context, event.partition, event.end?.endOffset ?? 0, "truncation", null));
}

function positioned(
  context: ConsumerContext,
  partition: TopicPartition,
  offset: number,
  cause: "committed" | "reset" | "out-of-range" | "seek" | "truncation",
  committed: number | null,
): Effect {
  return observe({ kind: "positioned", consumer: context.client, partition, offset, cause, committed });
}

// --- failures of a poll ----------------------------------------------------------------------------------------

export function failReset({ context }: Args): Effects {
  const error = firstIn(context, "reset")?.resetError ?? "NO_OFFSET_FOR_PARTITION";
  return effects(completion(context, "poll", "fail", error, []));
}

export function failTruncated({ context }: Args): Effects {
  return effects(completion(context, "poll", "fail", "LOG_TRUNCATION", []));
}

// --- metadata --------------------------------------------------------------------------------------------------

export function chooseContact({ context }: Args): Update {
  return { contact: (context.contact % context.brokers.length) + 1 };
}

export function askMetadata({ context }: Args): Effects {
  return effects({ kind: "request", to: `b${context.contact}`, body: { type: "metadata" } });
}

export function closeContact({ context }: Args): Effects {
  return effects({ kind: "close", to: `b${context.contact}` });
}

export function closeCoordinator(): Effects {
  return effects({ kind: "close", to: "coordinator" });
}

/** A new leader epoch makes a position that has read something subject to validation. */
export function adoptMetadata({ context, event }: Args): Update {
  assertEvent(event, "metadata-response");
  const leaders = context.leaders.map((known) => {
    const told = event.partitions.find(({ partition }) => partition === known.partition);
    return told !== undefined && told.leaderEpoch >= known.leaderEpoch
      ? { partition: known.partition, leader: told.leader, leaderEpoch: told.leaderEpoch }
      : known;
  });
  return {
    leaders,
    positions: context.positions.map((position) => {
      const known = leaders.find(({ partition }) => partition === position.partition);
      if (known === undefined) return position;
      const isNew = known.leaderEpoch > position.currentLeaderEpoch;
      const state = isNew && position.state === "valid" && position.leaderEpoch !== null ? "validate" : position.state;
      return { ...position, state, leader: known.leader, currentLeaderEpoch: known.leaderEpoch };
    }),
  };
}

// --- committing ------------------------------------------------------------------------------------------------

/** A committed offset is the *next* one to read: last processed plus one. */
function currentOffsets(context: ConsumerContext): Readonly<Record<TopicPartition, CommittedOffset>> {
  return Object.fromEntries(
    context.positions.flatMap(({ partition, offset, leaderEpoch }) =>
      offset === null ? [] : [[partition, { offset, leaderEpoch }]],
    ),
  );
}

export function planCommit({ context, event }: Args): Update {
  assertEvent(event, "commit");
  const { offsets } = event;
  if (offsets === null) return { committing: currentOffsets(context) };
  const partitions = context.leaders.map(({ partition }) => partition).filter((partition) => partition in offsets);
  return {
    committing: Object.fromEntries(
      partitions.map((partition) => [partition, { offset: offsets[partition] ?? 0, leaderEpoch: null }]),
    ),
  };
}

/** A commit of positions is told apart from one of offsets that the application names. Runs after the plan. */
export function observeCommit({ context, event }: Args): Effects {
  assertEvent(event, "commit");
  return effects(...(event.offsets === null ? observeOffsets(context, context.committing) : []));
}

function observeOffsets(
  { client: consumer }: ConsumerContext,
  offsets: Readonly<Record<TopicPartition, CommittedOffset>>,
): readonly Effect[] {
  return Object.entries(offsets).map(([partition, { offset }]) =>
    observe({ kind: "committing", consumer, partition, offset }),
  );
}

export function sendCommit({ context }: Args): Effects {
  const body: RequestBody = {
    type: "offset-commit",
    group: context.group ?? "",
    offsets: context.committing,
    auto: false,
  };
  return effects({ kind: "request", to: "coordinator", body });
}

/** Auto-commit: the positions that this poll starts from, that is, what the poll before has handed out. */
export function sendAutoCommit({ context }: Args): Effects {
  if (context.positions.every(({ offset }) => offset === null)) return effects();
  const offsets = currentOffsets(context);
  const body: RequestBody = { type: "offset-commit", group: context.group ?? "", offsets, auto: true };
  return effects(...observeOffsets(context, offsets), { kind: "request", to: "coordinator", body });
}

/** The coordinator may have taken it. */
export function expireCommit({ context }: Args): Effects {
  return effects(completion(context, "commit", "unknown", "TIMEOUT", []));
}

export function failCommit({ context }: Args): Effects {
  return effects(completion(context, "commit", "fail", "INVALID_GROUP_ID", []));
}

// --- crash -----------------------------------------------------------------------------------------------------

export function die({ context }: Args): Effects {
  return effects({ kind: "process-died" }, observe({ kind: "crashed", client: context.client }));
}

/** The positions are lost; the assignment is the application's and stays. */
export function forgetPositions({ context }: Args): Update {
  return {
    positions: context.positions.map(({ partition, leader, currentLeaderEpoch }) =>
      unknownPosition(partition, leader, currentLeaderEpoch),
    ),
    fetching: [],
    committing: {},
  };
}
