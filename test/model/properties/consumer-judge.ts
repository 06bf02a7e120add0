/** The promises of a consumer, judged step by step from what it asks for and what it hands out. */
import type {
  ConsumerContext,
  ConsumerEvent,
  ConsumerInput,
  Position,
} from "../../../model/consumer/consumer-context.ts";
import type { Effect } from "../../../model/effect.ts";
import type { RequestBody } from "../../../model/message.ts";
import type { Observation } from "../../../spec/cluster-view.ts";
import { isSame, judgeLeaders, judgeQuestions, type Keep } from "./consumer-questions.ts";
import { valueAt } from "./consumer-surroundings.ts";
import type { Pipes } from "./pipes.ts";
import type { Stepped, Timer } from "./trial.ts";

type Step = Stepped<ConsumerContext>;
export type Call = Extract<ConsumerEvent, { type: "poll" | "commit" | "assign" | "seek" }>;
type Confirmation = Extract<ConsumerEvent, { type: "offset-for-leader-epoch-response" }>;
type Of<Kind extends Observation["kind"]> = Extract<Observation, { kind: Kind }>;

interface ConsumerJudge {
  readonly isBusy: () => boolean;
  /** Records handed out so far. */
  readonly delivered: () => number;
  /** The last poll has failed, and the next one would. */
  readonly hasFailed: () => boolean;
  /** The application is about to make a call. */
  call(call: Call): void;
  /** After the step's requests have been put into the pipes; `timedFetches`: brokers whose fetch is timed, ascending. */
  see(step: Step, timers: readonly Timer[], timedFetches: readonly number[]): void;
}

const isPolling = (states: readonly string[]) => states.some((state) => state.startsWith("running.calls.polling"));
const positionOf = ({ positions }: ConsumerContext, partition: string) =>
  positions.find((position) => position.partition === partition);

function observed<Kind extends Observation["kind"]>(effects: readonly Effect[], kind: Kind): readonly Of<Kind>[] {
  return effects.flatMap((effect) =>
    effect.kind === "observe" && effect.observation.kind === kind ? [effect.observation as Of<Kind>] : [],
  );
}

function requestsOf<Type extends RequestBody["type"]>({ effects }: Step, type: Type) {
  return effects.flatMap((effect) =>
    effect.kind === "request" && effect.body.type === type
      ? [{ to: effect.to, body: effect.body as Extract<RequestBody, { type: Type }> }]
      : [],
  );
}

/** Offsets as a commit of the positions carries them. */
function offsetsOf({ positions }: ConsumerContext) {
  const known = positions.flatMap(({ partition, offset, leaderEpoch }) =>
    offset === null ? [] : [[partition, { offset, leaderEpoch }] as const],
  );
  return Object.fromEntries(known);
}

export function createConsumerJudge(keep: Keep, input: ConsumerInput, pipes: Pipes): ConsumerJudge {
  /** Next offset of every partition that has been positioned. */
  let next: Readonly<Record<string, number>> = {};
  let call: Call | null = null;
  let committing: unknown = null;
  let delivered = 0;
  let hasFailed = false;
  /** The interval of auto-commit has passed since the last one. */
  let isDue = false;
  /** Partitions that must be confirmed by their leader first. */
  const unconfirmed = new Set<string>();
  /** Partitions of which nothing is committed, as far as the consumer has been told in this life. */
  const uncommitted = new Set<string>();

  function judgePositioned(step: Step, { partition, offset, cause, committed }: Of<"positioned">): void {
    const event = step.event as ConsumerEvent;
    const before = positionOf(step.before, partition);
    switch (cause) {
      case "seek":
        keep("positionsByAnswer", event.type === "seek" && event.offset === offset, step);
        break;
      case "committed": {
        const told = event.type === "offset-fetch-response" ? event.offsets[partition] : null;
        keep("afterRestart", told?.offset === offset && committed === offset && before?.offset === null, step);
        break;
      }
      case "reset":
      case "out-of-range":
        keep("positionsByAnswer", event.type === "list-offsets-response" && event.offset === offset, step);
        keep("positionsByAnswer", event.type === "list-offsets-response" && event.error === null, step);
        keep("resetsByPolicy", input.resetPolicy !== "none" && before?.state === "reset", step);
        if (cause === "reset") {
          keep("afterRestart", input.group === null || uncommitted.has(partition), step);
        }
        break;
      case "truncation": {
        const end = event.type === "offset-for-leader-epoch-response" ? event.end : null;
        keep("positionsByAnswer", end?.endOffset === offset && offset < (next[partition] ?? 0), step);
        break;
      }
    }
    next = { ...next, [partition]: offset };
    unconfirmed.delete(partition);
  }

  function judgeDelivered(step: Step): void {
    const records = observed(step.effects, "delivered");
    delivered += records.length;
    for (const { partition, offset, value } of records) {
      keep("contiguous", next[partition] === offset, { step, next });
      keep("values", value === valueAt(partition, offset), step);
      keep("validates", !unconfirmed.has(partition), step);
      next = { ...next, [partition]: offset + 1 };
    }
    const handed = step.effects.flatMap((effect) => (effect.kind === "complete" ? effect.completion.records : []));
    const seen = records.map(({ partition, offset, value }) => ({ partition, offset, value }));
    keep("bounded", isSame(handed, seen) && handed.length <= input.maxPollRecords, step);
  }

  function judgeCompletion(step: Step): void {
    const completions = step.effects.flatMap((effect) => (effect.kind === "complete" ? [effect.completion] : []));
    keep("completesOnce", completions.length <= (call === null ? 0 : 1), step);
    const [done] = completions;
    const event = step.event as ConsumerEvent;
    if (call?.type === "commit" && input.group !== null) {
      const isAnswered = event.type === "offset-commit-response" && !event.auto;
      keep("commitEnds", (done !== undefined) === (isAnswered || step.timer === "apiTimeout"), step);
    }
    if (call !== null && event.type === call.type) {
      const isImmediate = call.type === "assign" || call.type === "seek" || (call.type === "commit" && !input.group);
      if (isImmediate) keep("atOnce", done !== undefined, step);
    }
    if (event.type === "poll-timeout") keep("pollEnds", done?.outcome === "ok" && done.records.length === 0, step);
    if (done === undefined) return;
    keep("completesOnce", done.f === call?.type && done.client === input.client, step);
    if (done.f === "poll" && done.outcome === "ok" && done.records.length === 0) {
      keep("pollEnds", event.type === "poll-timeout", step);
    }
    hasFailed = done.f === "poll" && done.outcome !== "ok";
    if (hasFailed) {
      const wanted = step.after.positions.filter(({ state }) => state === "reset").map(({ resetError }) => resetError);
      const isTruncated = done.error === "LOG_TRUNCATION" && event.type === "offset-for-leader-epoch-response";
      const isReset = wanted.some((error) => error === done.error);
      keep("pollFails", input.resetPolicy === "none" && (isTruncated || isReset), step);
    }
    if (done.f === "commit" && input.group !== null) {
      const isOk = event.type === "offset-commit-response" && !event.auto;
      keep("commitEnds", done.outcome === (isOk ? "ok" : "unknown"), step);
      keep("commitEnds", isOk || step.timer === "apiTimeout", step);
    }
    call = null;
  }

  function judgeCommits(step: Step): void {
    const event = step.event as ConsumerEvent;
    const offsets = offsetsOf(step.before);
    const commits = requestsOf(step, "offset-commit");
    const automatic = commits.filter(({ body }) => body.auto);
    const shouldCommit = isDue && event.type === "poll" && Object.keys(offsets).length > 0;
    if (shouldCommit || automatic.length > 0) {
      keep("autoCommits", automatic.length === (shouldCommit ? 1 : 0), step);
      for (const { body } of automatic) keep("autoCommits", isSame(body.offsets, offsets), step);
    }
    if (step.timer === "autoCommitInterval") isDue = true;
    else if (event.type === "poll" || event.type === "crash") isDue = false;
    const isOfPositions = event.type === "commit" && event.offsets === null && input.group !== null;
    if (event.type === "commit" && input.group !== null) {
      const named = Object.entries(event.offsets ?? {}).map(([partition, offset]) => {
        return [partition, { offset, leaderEpoch: null }];
      });
      committing = event.offsets === null ? offsets : Object.fromEntries(named);
      const promise = event.offsets === null ? "commitsPositions" : "commitsNamed";
      keep(promise, isSame(commits[0]?.body.offsets, committing), { step, committing });
    }
    const setOut = [...automatic.map(({ body }) => body.offsets), ...(isOfPositions ? [offsets] : [])];
    const seen = observed(step.effects, "committing").map(({ partition, offset }) => [partition, offset]);
    const told = setOut.flatMap(Object.entries).map(([partition, { offset }]) => [partition, offset]);
    if (setOut.length > 0 || seen.length > 0) keep("tellsCommit", isSame(seen, told), step);
    for (const { body, to } of commits) {
      keep("commitEnds", to === "coordinator" && body.group === input.group, step);
      if (!body.auto) keep("commitEnds", call?.type === "commit" && isSame(body.offsets, committing), step);
    }
  }

  function judgeFetches(step: Step, timedFetches: readonly number[]): void {
    const { after } = step;
    const underWay = after.brokers.map(
      (broker) => pipes.to(`b${broker}`).filter(({ type }) => type === "fetch").length,
    );
    const fetching = after.brokers.filter((_, index) => (underWay[index] ?? 0) > 0);
    keep("oneFetch", underWay.every((count) => count <= 1) && isSame(after.fetching, fetching), { step, underWay });
    if (fetching.length + timedFetches.length > 0)
      keep("timesFetches", isSame(timedFetches, fetching), { step, timedFetches });
    if (step.event.type === "fetch-timed-out") {
      const { broker } = step.event as Extract<ConsumerEvent, { type: "fetch-timed-out" }>;
      const closed = step.effects.flatMap((effect) => (effect.kind === "close" ? [effect.to] : []));
      keep("givesUpFetches", isSame(closed, [`b${broker}`]) && !fetching.includes(broker), step);
      const isAwaited = step.statesBefore.some((state) => state.endsWith("fetching"));
      if (isAwaited)
        keep(
          "givesUpFetches",
          step.states.some((state) => state.endsWith("backingOff")),
          step,
        );
    }
    for (const { to, body } of requestsOf(step, "fetch")) {
      const ready = after.positions.filter(
        ({ state, fetched, leader }) => state === "valid" && fetched.length === 0 && `b${leader}` === to,
      );
      const asked = body.partitions.map(({ partition, offset, currentLeaderEpoch }) => {
        return [partition, offset, currentLeaderEpoch];
      });
      const expected = ready.map(({ partition, currentLeaderEpoch }) => {
        return [partition, next[partition], currentLeaderEpoch];
      });
      keep("fetchesPositions", asked.length > 0 && isSame(asked, expected), { step, next });
      for (const { partition } of body.partitions) keep("validates", !unconfirmed.has(partition), step);
    }
    for (const { to, body } of requestsOf(step, "list-offsets")) {
      const position = positionOf(after, body.partition);
      keep("resetsByPolicy", body.at === input.resetPolicy && `b${position?.leader}` === to, step);
      keep("resetsByPolicy", position?.state === "reset", step);
    }
    for (const { to, body } of requestsOf(step, "offset-for-leader-epoch")) {
      const position = positionOf(after, body.partition);
      keep("validates", unconfirmed.has(body.partition) && `b${position?.leader}` === to, step);
      keep("validates", body.leaderEpoch === position?.leaderEpoch, step);
    }
  }

  function judgeTimers(step: Step, timers: readonly Timer[]): void {
    const isCounting = input.autoCommit && !isDue && step.states[0] !== "crashed";
    const counting = timers.filter(({ name }) => name === "autoCommitInterval");
    if (input.autoCommit) keep("autoCommits", counting.length === (isCounting ? 1 : 0), step);
    const pollTimers = timers.filter(({ name }) => name === "poll-timeout");
    keep("pollEnds", pollTimers.length === (isPolling(step.states) ? 1 : 0), step);
  }

  /** Which positions does the event cast into doubt, and which does it confirm? */
  function noteDoubts({ event, before, after, statesBefore }: Step): void {
    const heard = event as ConsumerEvent;
    if (heard.type === "metadata-response" && statesBefore.some((state) => state.endsWith("refreshing"))) {
      for (const position of before.positions) {
        if (isInDoubt(position, positionOf(after, position.partition))) unconfirmed.add(position.partition);
      }
    }
    if (heard.type === "offset-fetch-response" && statesBefore.some((state) => state.endsWith("askingCommitted"))) {
      for (const { partition, offset } of before.positions) {
        const told = heard.offsets[partition];
        if (told === null && offset === null) uncommitted.add(partition);
        if (told && offset === null && told.leaderEpoch !== null) unconfirmed.add(partition);
      }
    }
    if (heard.type === "offset-for-leader-epoch-response" && heard.error === null) {
      const isAwaited = statesBefore.some((state) => state.endsWith("validating"));
      const asked = before.positions.find(({ state, leader }) => state === "validate" && leader !== null);
      if (isAwaited && asked?.partition === heard.partition) judgeConfirmation(heard, after);
    }
  }

  function judgeConfirmation({ partition, end }: Confirmation, after: ConsumerContext): void {
    const position = positionOf(after, partition);
    // A truncation has been judged as it was observed, and the poll fails where no policy says what to do.
    if (end !== null && end.endOffset >= (next[partition] ?? 0)) unconfirmed.delete(partition);
    else if (input.resetPolicy !== "none") {
      const isReset = position?.state === "reset" && position.resetError === "OFFSET_OUT_OF_RANGE";
      keep("validates", end === null && isReset, { end, position });
    }
  }

  function judgeCrash({ after, effects }: Step): void {
    const kinds = effects.flatMap(({ kind }) => (kind === "local" ? [] : [kind]));
    keep("forgets", isSame(kinds, ["process-died", "observe"]), effects);
    keep("forgets", observed(effects, "crashed").length === 1, effects);
    const isBlank = after.positions.every(({ offset, state, fetched }) => {
      return offset === null && state === "unknown" && fetched.length === 0;
    });
    keep("forgets", isBlank && after.fetching.length === 0 && isSame(after.committing, {}), after);
    next = {};
    call = null;
    unconfirmed.clear();
    uncommitted.clear();
  }

  return {
    isBusy: () => call !== null,
    delivered: () => delivered,
    hasFailed: () => hasFailed,
    call(made) {
      call = made;
    },
    see(step, timers, timedFetches) {
      const { event, after } = step;
      if (event.type === "crash") judgeCrash(step);
      if (event.type === "assign") {
        const { partitions } = event as Extract<ConsumerEvent, { type: "assign" }>;
        next = Object.fromEntries(Object.entries(next).filter(([partition]) => partitions.includes(partition)));
        for (const partition of [...unconfirmed, ...uncommitted]) {
          if (partitions.includes(partition)) continue;
          unconfirmed.delete(partition);
          uncommitted.delete(partition);
        }
        keep("atOnce", after.positions.length === partitions.length, step);
      }
      for (const positioned of observed(step.effects, "positioned")) judgePositioned(step, positioned);
      noteDoubts(step);
      judgeDelivered(step);
      judgeCommits(step);
      judgeCompletion(step);
      judgeFetches(step, timedFetches);
      for (const { partition, offset } of after.positions) {
        keep("position", offset === (next[partition] ?? null), { step, next });
      }
      judgeQuestions(keep, input, step);
      judgeLeaders(keep, step);
      judgeTimers(step, timers);
      keep("completesOnce", isPolling(step.states) === (call?.type === "poll"), step);
    },
  };
}

/** A position from which something was read, under a leader that is newer than the one known before. */
function isInDoubt(before: Position, after: Position | undefined): boolean {
  const isNewer = after !== undefined && after.currentLeaderEpoch > before.currentLeaderEpoch;
  return isNewer && before.state === "valid" && before.leaderEpoch !== null;
}
