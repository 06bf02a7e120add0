/** How a consumer fetches and hands out. Wired in the machine. */
import { assertEvent } from "xstate";
import { type Effect, type Effects, effects, local, observe } from "../effect.ts";
import { completion } from "./consumer-actions.ts";
import { type ConsumerContext, type ConsumerEvent, deliverable, updatePosition } from "./consumer-context.ts";
import type { FetchInFlightEvent } from "./fetch-in-flight-machine.ts";

interface Args {
  readonly context: ConsumerContext;
  readonly event: ConsumerEvent;
}
type Update = Partial<ConsumerContext>;

/** One fetch for every leader that none is under way to, with all partitions that it leads. */
function fetchesToSend(context: ConsumerContext) {
  const idle = context.positions.filter(
    ({ state, leader, fetched }) =>
      state === "valid" && leader !== null && fetched.length === 0 && !context.fetching.includes(leader),
  );
  const leaders = [...new Set(idle.flatMap(({ leader }) => leader ?? []))].sort((one, other) => one - other);
  return leaders.map((leader) => ({ leader, positions: idle.filter((position) => position.leader === leader) }));
}

export function sendFetches({ context }: Args): Effects {
  return effects(
    ...fetchesToSend(context).flatMap(({ leader, positions }): Effect[] => {
      const partitions = positions.map(({ partition, offset, currentLeaderEpoch }) => ({
        partition,
        offset: offset ?? 0,
        currentLeaderEpoch,
        lastFetchedEpoch: null,
      }));
      const { client: consumer, fetchMaxWaitMs: maxWaitMs } = context;
      const body = { type: "fetch", replica: null, consumer, maxWaitMs, partitions } as const;
      return [{ kind: "request", to: `b${leader}`, body }, toInFlight(context, leader, { type: "sent" })];
    }),
  );
}

function toInFlight({ client }: ConsumerContext, broker: number, event: FetchInFlightEvent): Effect {
  return local(`${client}/fetch-b${broker}`, event);
}

/** The fetches that end with this event; runs before they are forgotten. */
export function endFetch({ context, event }: Args): Effects {
  const ended = context.fetching.filter((broker) => isEnded(context, event, broker));
  return effects(...ended.map((broker) => toInFlight(context, broker, { type: "ended" })));
}

function isEnded({ contact }: ConsumerContext, event: ConsumerEvent, broker: number): boolean {
  if (event.type === "fetch-response") return event.from === `b${broker}`;
  if (event.type === "disconnected") return event.node === `b${broker}`;
  // A crash ends all, a contact that does not answer takes its connection along.
  return event.type === "crash" || broker === contact;
}

/** Runs after the fetches are sent. */
export function noteFetching({ context }: Args): Update {
  const leaders = fetchesToSend(context).map(({ leader }) => leader);
  return { fetching: [...context.fetching, ...leaders].sort((one, other) => one - other) };
}

/** Keeps what fits the position; a result for a position that has moved since is dropped. */
export function keepFetched({ context, event }: Args): Update {
  assertEvent(event, "fetch-response");
  const positions = event.results.reduce(
    (known, { partition, error, entries, fetchOffset }) =>
      updatePosition({ ...context, positions: known }, partition, (position) => {
        if (position.offset !== fetchOffset || position.state !== "valid") return {};
        if (error === "OFFSET_OUT_OF_RANGE") return { state: "reset", resetError: "OFFSET_OUT_OF_RANGE" };
        return error === null ? { fetched: entries } : {};
      }),
    context.positions,
  );
  return { positions, fetching: context.fetching.filter((broker) => `b${broker}` !== event.from) };
}

export function dropFetch({ context, event }: Args): Update {
  assertEvent(event, "disconnected");
  return { fetching: context.fetching.filter((broker) => `b${broker}` !== event.node) };
}

/** The connection to the contact is given up, with a fetch that may be on it. */
export function dropContactFetch({ context }: Args): Update {
  return { fetching: context.fetching.filter((broker) => broker !== context.contact) };
}

/** As Kafka's network client does: the connection goes, and whatever else waits on it. */
export function closeTimedOut({ event }: Args): Effects {
  assertEvent(event, "fetch-timed-out");
  return effects({ kind: "close", to: `b${event.broker}` });
}

export function findDisconnected({ event }: Args): ConsumerEvent {
  assertEvent(event, "fetch-timed-out");
  return { type: "disconnected", node: `b${event.broker}` };
}

/** Hands out what has been fetched; the position moves only now. */
export function deliver({ context }: Args): Effects {
  const records = deliverable(context).map(({ position, entry }) => ({
    partition: position.partition,
    offset: entry.offset,
    value: entry.value,
  }));
  const seen = records.map((record) => observe({ kind: "delivered", consumer: context.client, ...record }));
  return effects(...seen, completion(context, "poll", "ok", null, records));
}

/** Runs after the delivery. */
export function advancePositions({ context }: Args): Update {
  const delivered = deliverable(context);
  return {
    positions: context.positions.map((position) => {
      const last = delivered.findLast((one) => one.position === position)?.entry;
      if (last === undefined) return position;
      const fetched = position.fetched.filter(({ offset }) => offset > last.offset);
      return { ...position, offset: last.offset + 1, leaderEpoch: last.epoch, fetched };
    }),
  };
}

export function deliverNothing({ context }: Args): Effects {
  return effects(completion(context, "poll", "ok", null, []));
}
