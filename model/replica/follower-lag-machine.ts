/**
 * How a leader knows that a follower has kept up: by time, never by a count of records. A follower is caught up at
 * time t if it had fetched up to the leader's log end of time t; it is within the lag time while the last such t is at
 * most `replica.lag.time.max.ms` ago.
 *
 * A fetch that reaches only the leader's log end *at the previous fetch* proves that the follower was caught up then,
 * not now. So two timers run: one since the last moment that is proven, one since the last fetch; the next fetch may
 * promote the second to the first. They take the ids `a` and `b` in turn.
 *
 * Source: Replica.updateFetchStateOrThrow, Replica.isCaughtUp (core/…/cluster/Replica.scala); KIP-16.
 */
import { assign, cancel, emit, raise, setup } from "xstate";
import type { BrokerId } from "../../spec/vocabulary.ts";
import { type Effects, effects, local } from "../effect.ts";
import type { ReplicaEvent } from "./replica-context.ts";

type Timer = "a" | "b";

export interface FollowerLagContext {
  readonly follower: BrokerId;
  /** Machine id of the leader's replica. */
  readonly replica: string;
  readonly lagTimeMs: number;
  /** The timer that runs since the last moment at which the follower is known to have been caught up. */
  readonly proven: Timer | null;
  /** The timer that runs since the last fetch, where that is another moment. */
  readonly sinceFetch: Timer | null;
}

export type FollowerLagEvent =
  /** The leader has taken office; ISR members count as caught up now, others as never. */
  | { readonly type: "term-began"; readonly inIsr: boolean }
  | { readonly type: "term-ended" }
  | { readonly type: "fetched"; readonly reachedEnd: boolean; readonly reachedPreviousEnd: boolean }
  | { readonly type: "expired-a" }
  | { readonly type: "expired-b" };

export function createFollowerLagMachine() {
  return setup({
    types: {} as {
      context: FollowerLagContext;
      events: FollowerLagEvent;
      emitted: Effects;
      input: Pick<FollowerLagContext, "follower" | "replica" | "lagTimeMs">;
    },
    delays: { lagTime: ({ context }) => context.lagTimeMs },
    guards: {
      inIsr: ({ event }) => event.type === "term-began" && event.inIsr,
      reachedEnd: ({ event }) => event.type === "fetched" && event.reachedEnd,
      reachedPreviousEnd: ({ context, event }) =>
        event.type === "fetched" && event.reachedPreviousEnd && context.sinceFetch !== null,
      aIsProven: ({ context }) => context.proven === "a",
      bIsProven: ({ context }) => context.proven === "b",
    },
    actions: {
      forgetBoth: assign({ proven: null, sinceFetch: null }),
      proveByA: assign({ proven: "a", sinceFetch: null }),
      promote: assign({ proven: ({ context }) => context.sinceFetch, sinceFetch: null }),
      noteFetchByA: assign({ sinceFetch: "a" }),
      noteFetchByB: assign({ sinceFetch: "b" }),
      dropProven: assign({ proven: null }),
      dropSinceFetch: assign({ sinceFetch: null }),
      startA: raise({ type: "expired-a" }, { id: "lag-a", delay: "lagTime" }),
      startB: raise({ type: "expired-b" }, { id: "lag-b", delay: "lagTime" }),
      stopA: cancel("lag-a"),
      stopB: cancel("lag-b"),
      tellCaughtUp: emit(({ context }) => tell(context, true)),
      tellLagging: emit(({ context }) => tell(context, false)),
    },
  }).createMachine({
    id: "followerLag",
    context: ({ input }) => ({ ...input, proven: null, sinceFetch: null }),
    initial: "off",
    on: {
      "term-began": [
        { guard: "inIsr", target: ".caughtUp", actions: ["proveByA", "stopB", "startA"] },
        { target: ".lagging", actions: ["forgetBoth", "stopA", "stopB"] },
      ],
      "term-ended": { target: ".off", actions: ["forgetBoth", "stopA", "stopB"] },
    },
    states: {
      off: {},
      lagging: {
        on: {
          fetched: [
            { guard: "reachedEnd", target: "caughtUp", actions: ["proveByA", "stopB", "startA", "tellCaughtUp"] },
            { guard: "reachedPreviousEnd", target: "promoting", actions: "tellCaughtUp" },
            { actions: ["noteFetchByA", "stopB", "startA"] },
          ],
          "expired-a": { actions: "dropSinceFetch" },
          "expired-b": { actions: "dropSinceFetch" },
        },
      },
      caughtUp: {
        on: {
          fetched: [
            { guard: "reachedEnd", actions: ["proveByA", "stopB", "startA"] },
            { guard: "reachedPreviousEnd", target: "promoting" },
            { target: "noting" },
          ],
          "expired-a": [
            { guard: "aIsProven", target: "lagging", actions: ["dropProven", "tellLagging"] },
            { actions: "dropSinceFetch" },
          ],
          "expired-b": [
            { guard: "bIsProven", target: "lagging", actions: ["dropProven", "tellLagging"] },
            { actions: "dropSinceFetch" },
          ],
        },
      },
      // The previous fetch is now proven to have been at the log end of its time: its timer becomes the proven one.
      promoting: { always: { target: "noting", actions: "promote" } },
      // This fetch starts the timer that the next one may promote; the other id is taken by the proven one.
      noting: {
        always: [
          { guard: "bIsProven", target: "caughtUp", actions: ["noteFetchByA", "startA"] },
          { target: "caughtUp", actions: ["noteFetchByB", "startB"] },
        ],
      },
    },
  });
}

function tell(context: FollowerLagContext, withinLagTime: boolean): Effects {
  const event: ReplicaEvent = { type: "lag-changed", follower: context.follower, withinLagTime };
  return effects(local(context.replica, event));
}
