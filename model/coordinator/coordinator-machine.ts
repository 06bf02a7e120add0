/**
 * The group coordinator, as far as consumers that are assigned by hand need it: it keeps the committed offsets of each
 * group. Such a group has no members and stays in the state that Kafka calls Empty. A commit may go backwards.
 *
 * The coordinator is a node of its own that never fails; its log is not modelled yet.
 *
 * Source: group-coordinator/…/OffsetMetadataManager.java.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import { type Effect, type Effects, effects, observe } from "../effect.ts";
import type { CommittedOffset, RequestBody } from "../message.ts";

interface GroupOffsets {
  readonly group: string;
  readonly offsets: Readonly<Record<string, CommittedOffset>>;
}

export interface CoordinatorContext {
  readonly groups: readonly GroupOffsets[];
}

type CoordinatorEvent =
  | (Extract<RequestBody, { type: "offset-commit" }> & { readonly connection: string })
  | (Extract<RequestBody, { type: "offset-fetch" }> & { readonly connection: string });

interface Args {
  readonly context: CoordinatorContext;
  readonly event: CoordinatorEvent;
}

export function createCoordinatorMachine() {
  return setup({
    types: {} as { context: CoordinatorContext; events: CoordinatorEvent; emitted: Effects },
    actions: {
      storeOffsets: assign(storeOffsets),
      answerCommit: emit(answerCommit),
      answerFetch: emit(answerFetch),
    },
  }).createMachine({
    id: "coordinator",
    context: { groups: [] },
    initial: "empty",
    states: {
      empty: {
        on: {
          "offset-commit": { actions: ["storeOffsets", "answerCommit"] },
          "offset-fetch": { actions: "answerFetch" },
        },
      },
    },
  });
}

function storeOffsets({ context, event }: Args): CoordinatorContext {
  assertEvent(event, "offset-commit");
  const { group } = event;
  const known = context.groups.find((one) => one.group === group)?.offsets ?? {};
  const offsets = Object.fromEntries(
    Object.entries({ ...known, ...event.offsets }).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  const others = context.groups.filter((one) => one.group !== group);
  return { groups: [...others, { group, offsets }].sort((one, other) => (one.group < other.group ? -1 : 1)) };
}

function answerCommit({ event }: Args): Effects {
  assertEvent(event, "offset-commit");
  const { connection, group, auto } = event;
  const taken = Object.entries(event.offsets).map(
    ([partition, { offset }]): Effect => observe({ kind: "committed", group, partition, offset }),
  );
  return effects(...taken, { kind: "reply", connection, body: { type: "offset-commit-response", auto } });
}

function answerFetch({ context, event }: Args): Effects {
  assertEvent(event, "offset-fetch");
  const known = context.groups.find(({ group }) => group === event.group)?.offsets ?? {};
  const offsets = Object.fromEntries(event.partitions.map((partition) => [partition, known[partition] ?? null]));
  return effects({ kind: "reply", connection: event.connection, body: { type: "offset-fetch-response", offsets } });
}
