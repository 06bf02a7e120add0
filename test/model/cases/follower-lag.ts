/**
 * Rules by which a leader knows, by time, that a follower has kept up (Replica.updateFetchStateOrThrow, isCaughtUp).
 * The lag time is 30 s. The two timers, `lag-a` and `lag-b`, each run from one fetch of the follower.
 */
import { type Effect, local } from "../../../model/effect.ts";
import type { FollowerLagEvent } from "../../../model/replica/follower-lag-machine.ts";
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";

const kind = "follower-lag";
const lagTimeMs = 30_000;
const input = { follower: 2, replica: "b1/t-0", lagTimeMs };

const member: FollowerLagEvent = { type: "term-began", inIsr: true };
const outsider: FollowerLagEvent = { type: "term-began", inIsr: false };
const ended: FollowerLagEvent = { type: "term-ended" };

const fetched = (reachedEnd: boolean, reachedPreviousEnd: boolean): FollowerLagEvent => ({
  type: "fetched",
  reachedEnd,
  reachedPreviousEnd,
});
/** Up to the leader's log end, up to where it was at the fetch before, and neither. */
const toEnd = fetched(true, true);
const toPreviousEnd = fetched(false, true);
const behind = fetched(false, false);

const [a, b] = [fire("lag-a"), fire("lag-b")];

const tells = (withinLagTime: boolean): Effect =>
  local<ReplicaEvent>("b1/t-0", { type: "lag-changed", follower: 2, withinLagTime });

export const cases: readonly MachineCase<FollowerLagEvent>[] = [
  {
    name: "nothing is measured before a term begins",
    kind,
    input,
    events: [],
    expect: { value: "off", running: [], effects: [] },
  },
  {
    name: "at the beginning of a term an ISR member counts as caught up now",
    kind,
    input,
    events: [member],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: null },
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a"],
      effects: [],
    },
  },
  {
    name: "at the beginning of a term a replica outside the ISR counts as never caught up",
    kind,
    input,
    events: [outsider],
    expect: { value: "lagging", context: { proven: null, sinceFetch: null }, running: [], effects: [] },
  },
  {
    name: "an ISR member that does not fetch falls behind after the lag time",
    kind,
    input,
    events: [member, a],
    expect: { value: "lagging", context: { proven: null }, effects: [tells(false)], running: [] },
  },
  {
    name: "a fetch up to the log end proves that the follower is caught up now",
    kind,
    input,
    events: [outsider, toEnd],
    expect: { value: "caughtUp", effects: [tells(true)], armed: { "lag-a": lagTimeMs }, running: ["lag-a"] },
  },
  {
    name: "every fetch up to the log end starts the lag time anew",
    kind,
    input,
    events: [member, behind, toEnd],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: null },
      effects: [],
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a"],
    },
  },
  {
    name: "a fetch below the log end proves nothing by itself: the lag time goes on, another is counted from this fetch",
    kind,
    input,
    events: [member, behind],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: "b" },
      armed: { "lag-b": lagTimeMs },
      running: ["lag-a", "lag-b"],
    },
  },
  {
    name: "who fetches all the time but always behind falls behind, whenever it fetched last",
    kind,
    input,
    events: [member, behind, behind, behind, a],
    expect: {
      value: "lagging",
      context: { proven: null, sinceFetch: "b" },
      effects: [tells(false)],
      running: ["lag-b"],
    },
  },
  {
    name: "a fetch up to the log end of the fetch before proves that the follower was caught up then",
    kind,
    input,
    events: [member, behind, toPreviousEnd],
    expect: {
      value: "caughtUp",
      context: { proven: "b", sinceFetch: "a" },
      effects: [],
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a", "lag-b"],
    },
  },
  {
    name: "what is proven so changes its timer every time",
    kind,
    input,
    events: [member, behind, toPreviousEnd, toPreviousEnd],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: "b" },
      armed: { "lag-b": lagTimeMs },
      running: ["lag-a", "lag-b"],
    },
  },
  {
    name: "then the lag time runs from the fetch before, not from this one",
    kind,
    input,
    events: [member, behind, toPreviousEnd, b],
    expect: {
      value: "lagging",
      context: { proven: null, sinceFetch: "a" },
      effects: [tells(false)],
      running: ["lag-a"],
    },
  },
  {
    name: "a fetch behind keeps the proven timer and counts from this fetch, whichever the timers are",
    kind,
    input,
    events: [member, behind, toPreviousEnd, behind],
    expect: {
      value: "caughtUp",
      context: { proven: "b", sinceFetch: "a" },
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a", "lag-b"],
    },
  },
  {
    name: "a fetch of longer ago than the lag time can prove nothing of use",
    kind,
    input,
    events: [member, behind, b],
    expect: { value: "caughtUp", context: { proven: "a", sinceFetch: null }, effects: [], running: ["lag-a"] },
  },
  {
    name: "the same with the timers exchanged",
    kind,
    input,
    events: [member, behind, toPreviousEnd, a],
    expect: { value: "caughtUp", context: { proven: "b", sinceFetch: null }, effects: [], running: ["lag-b"] },
  },
  {
    name: "the first fetch of a term that is not up to the end has no fetch before it to prove anything of",
    kind,
    input,
    events: [outsider, toPreviousEnd],
    expect: {
      value: "lagging",
      context: { proven: null, sinceFetch: "a" },
      effects: [],
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a"],
    },
  },
  {
    name: "nor does the first fetch of an ISR member: it stays caught up as of the beginning of the term",
    kind,
    input,
    events: [member, toPreviousEnd],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: "b" },
      effects: [],
      armed: { "lag-b": lagTimeMs },
      running: ["lag-a", "lag-b"],
    },
  },
  {
    name: "after a fetch up to the log end, one that is behind proves nothing that the former has not",
    kind,
    input,
    events: [outsider, toEnd, toPreviousEnd],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: "b" },
      effects: [],
      armed: { "lag-b": lagTimeMs },
      running: ["lag-a", "lag-b"],
    },
  },
  {
    name: "an outsider that reaches the log end of its fetch before is caught up, though never at the end of now",
    kind,
    input,
    events: [outsider, behind, toPreviousEnd],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: "b" },
      effects: [tells(true)],
      armed: { "lag-b": lagTimeMs },
      running: ["lag-a", "lag-b"],
    },
  },
  {
    name: "an outsider whose fetch before is longer ago than the lag time is not caught up by reaching its log end",
    kind,
    input,
    events: [outsider, behind, a, toPreviousEnd],
    expect: {
      value: "lagging",
      context: { proven: null, sinceFetch: "a" },
      effects: [],
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a"],
    },
  },
  {
    name: "who has fallen behind is caught up again by the log end of its last fetch, if that is recent enough",
    kind,
    input,
    events: [member, behind, a, toPreviousEnd],
    expect: {
      value: "caughtUp",
      context: { proven: "b", sinceFetch: "a" },
      effects: [tells(true)],
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a", "lag-b"],
    },
  },
  {
    name: "who has fallen behind, and has not fetched since for the lag time, starts afresh",
    kind,
    input,
    events: [member, behind, a, b],
    expect: { value: "lagging", context: { proven: null, sinceFetch: null }, effects: [], running: [] },
  },
  {
    name: "a laggard's fetch behind counts from this fetch alone",
    kind,
    input,
    events: [member, behind, a, behind],
    expect: {
      value: "lagging",
      context: { proven: null, sinceFetch: "a" },
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a"],
    },
  },
  {
    name: "a laggard's fetch up to the log end leaves one timer, from now",
    kind,
    input,
    events: [member, behind, a, toEnd],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: null },
      effects: [tells(true)],
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a"],
    },
  },
  {
    name: "with the end of the term nothing is measured any more",
    kind,
    input,
    events: [member, behind, ended],
    expect: { value: "off", context: { proven: null, sinceFetch: null }, effects: [], running: [] },
  },
  {
    name: "a new term starts from now for an ISR member, whatever was known before",
    kind,
    input,
    events: [member, behind, toPreviousEnd, member],
    expect: {
      value: "caughtUp",
      context: { proven: "a", sinceFetch: null },
      effects: [],
      armed: { "lag-a": lagTimeMs },
      running: ["lag-a"],
    },
  },
  {
    name: "a new term starts from nothing for an outsider, whatever was known before",
    kind,
    input,
    events: [member, behind, toPreviousEnd, outsider],
    expect: { value: "lagging", context: { proven: null, sinceFetch: null }, effects: [], running: [] },
  },
];
