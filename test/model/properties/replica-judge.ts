/** The promises of a replica, judged against a book that is kept from what it is told. */
import type { Effect } from "../../../model/effect.ts";
import type { ErrorName, RequestBody } from "../../../model/message.ts";
import type { ReplicaContext, ReplicaEvent, ReplicaInput } from "../../../model/replica/replica-context.ts";
import type { Pipes } from "./pipes.ts";
import { type Book, emptyBook, endOf, lastEpoch, nothingHeard, upTo } from "./replica-book.ts";
import { createFollowerBook } from "./replica-follower-book.ts";
import { createLeaderBook, maximalIsr, replicated } from "./replica-leader-book.ts";
import { createLogJudge } from "./replica-log-judge.ts";
import type { replicaPromises } from "./replica-promises.ts";
import { partition } from "./replica-surroundings.ts";
import type { Stepped, Trial } from "./trial.ts";

type Step = Stepped<ReplicaContext>;
type Of<Type extends ReplicaEvent["type"]> = Extract<ReplicaEvent, { type: Type }>;
type Asking = Of<"read" | "list-offsets" | "offset-for-leader-epoch" | "append" | "delete-records">;

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const toDisk = (effect: Effect) => effect.kind === "local" && effect.to === `b1/${partition}/disk`;

export function createReplicaJudge(
  keep: Trial<keyof typeof replicaPromises>["keep"],
  input: ReplicaInput,
  pipes: Pipes,
) {
  const book = emptyBook(input);
  const leader = createLeaderBook(book, input);
  const follower = createFollowerBook(book, input);
  const logJudge = createLogJudge(keep, input);

  function refuse(event: Asking, error: ErrorName): Effect[] {
    const offset = -1;
    switch (event.type) {
      case "append": {
        const told = { type: "appended", partition, error, baseOffset: null };
        return [{ kind: "local", to: event.requester, event: told }];
      }
      case "read": {
        const found = { partition, error, diverging: null, entries: [], fetchOffset: event.at.offset };
        const result = { ...found, highWatermark: book.highWatermark, logStart: book.log.start };
        return [{ kind: "local", to: event.requester, event: { type: "read-result", result } as { type: string } }];
      }
      case "delete-records":
        return [reply(event.connection, { type: "delete-records-response", partition, error })];
      case "list-offsets":
        return [reply(event.connection, { type: "list-offsets-response", partition, error, offset })];
      case "offset-for-leader-epoch":
        return [reply(event.connection, { type: "offset-for-leader-epoch-response", partition, error, end: null })];
    }
  }

  function answer(event: Asking, step: Step): Effect[] {
    const epoch = epochOf(event);
    if (epoch !== null && epoch !== book.leaderEpoch) {
      const error = epoch < book.leaderEpoch ? "FENCED_LEADER_EPOCH" : "UNKNOWN_LEADER_EPOCH";
      const told = refuse(event, error);
      keep("fences", isSame(step.effects, told), step);
      return told;
    }
    if (book.role !== "leader") {
      const told = refuse(event, "NOT_LEADER_OR_FOLLOWER");
      keep("refersOn", isSame(step.effects, told), step);
      return told;
    }
    switch (event.type) {
      case "append":
        return leader.append(event);
      case "read":
        return leader.read(event);
      case "delete-records": {
        const error = leader.deleteRecords(event);
        return [reply(event.connection, { type: "delete-records-response", partition, error })];
      }
      case "list-offsets": {
        const offset = leader.offsetAt(event);
        if (offset === null) return refuse(event, "OFFSET_NOT_AVAILABLE");
        return [reply(event.connection, { type: "list-offsets-response", partition, error: null, offset })];
      }
      case "offset-for-leader-epoch": {
        const end = logJudge.epochEnd(book.log, event.leaderEpoch);
        const body = { type: "offset-for-leader-epoch-response", partition, error: null, end } as const;
        return [reply(event.connection, body)];
      }
    }
  }

  function hearChange({ change }: Of<"partition-changed">, step: Step): Effect[] {
    const isLeading = book.role === "leader";
    const isKnown = isLeading && change.partitionEpoch === book.partitionEpoch;
    if (change.partitionEpoch < book.partitionEpoch || isKnown) {
      keep(isKnown ? "known" : "stale", step.after === step.before && step.effects.length === 0, step);
      return [];
    }
    const { leaderEpoch, partitionEpoch, isr } = change;
    if (leaderEpoch === book.leaderEpoch) {
      if (isLeading) return leader.commit(isr, partitionEpoch);
      book.partitionEpoch = partitionEpoch;
      return [];
    }
    const farewell = isLeading ? leader.endTerm() : follower.closes();
    Object.assign(book, { leader: change.leader, leaderEpoch, partitionEpoch, isr, proposed: null, doing: "idle" });
    book.role = change.leader === 1 ? "leader" : "follower";
    if (book.role === "leader") return [...farewell, ...leader.beginTerm()];
    return [...farewell, ...(change.leader === null ? [] : follower.fetch())];
  }

  function hearTimer(timer: string): Effect[] {
    if (timer === "checkpoint") book.checkpointed = book.highWatermark;
    if (timer === "isr-check") return leader.checkIsr();
    if (timer === "fetchBackoff") return follower.fetch();
    if (timer === "socketTimeout") return [...follower.closes(), ...follower.rest("backingOff")];
    return [];
  }

  function hear(event: ReplicaEvent, step: Step): Effect[] {
    switch (event.type) {
      case "process-started":
        Object.assign(book, { role: "follower", brokerEpoch: event.brokerEpoch });
        book.highWatermark = Math.max(book.log.start, Math.min(book.checkpointed, endOf(book.log)));
        keep("opens", isSame(step.after.log, step.before.log), step);
        return [];
      case "process-died": {
        const told = book.role === "leader" ? leader.endTerm() : [];
        Object.assign(book, nothingHeard(input.followers), { role: "offline" });
        const isMute = step.effects.every(({ kind }) => kind === "local");
        keep("dies", isMute && isSame(step.after.log, step.before.log), step);
        return told;
      }
      case "broker-changed": {
        const { broker, epoch, fenced } = event;
        const others = book.live.filter((one) => one.broker !== broker);
        book.live = [...others, ...(fenced ? [] : [{ broker, epoch }])].sort((a, b) => a.broker - b.broker);
        return [];
      }
      case "partition-changed":
        return hearChange(event, step);
      case "forget":
        book.waiting = book.waiting.filter(({ requester }) => requester !== event.requester);
        book.watchers = book.watchers.filter((requester) => requester !== event.requester);
        return [];
      case "lag-changed":
        book.remotes = book.remotes.map((remote) =>
          remote.broker === event.follower ? { ...remote, withinLagTime: event.withinLagTime } : remote,
        );
        return [];
      case "alter-partition-response":
        return leader.hearAnswer(event);
      case "fetch-response":
        return event.results.flatMap((result) => follower.hearFetched(result));
      case "list-offsets-response":
        return follower.hearListed(event);
      case "disconnected":
        return follower.rest("backingOff");
      case "append":
      case "read":
      case "list-offsets":
      case "offset-for-leader-epoch":
      case "delete-records":
        return answer(event, step);
      default:
        return hearTimer(step.timer ?? "");
    }
  }

  /** A dead process: only its disk may lose something. */
  function judgeDead(step: Step): void {
    const event = step.event as ReplicaEvent;
    if (event.type !== "tail-lost") {
      keep("dead", step.effects.length === 0 && step.armed.length === 0 && step.after === step.before, step);
      return;
    }
    const end = endOf(book.log);
    const to = Math.max(book.log.start, event.logEnd);
    book.log = upTo(book.log, to);
    const kinds = step.effects.map((effect) => (effect.kind === "observe" ? effect.observation : null));
    const lost = { kind: "tail-lost", broker: 1, partition, from: end, to };
    keep("tellsDisk", isSame(kinds, to < end ? [lost] : []), step);
  }

  function judgeLog(step: Step): void {
    const { start, entries, epochs } = step.after.log;
    keep("log", isSame({ start, entries }, { start: book.log.start, entries: book.log.entries }), { step, book });
    keep("epochs", isSame(epochs, book.log.epochs), { step, book });
    logJudge.judgeLog(step.after);
  }

  function judgeKnowledge({ after, states }: Step): void {
    const { log: _, role, doing, checkpointed, proposed, ...known } = book;
    const { isr, waiting, watchers, remotes, live, highWatermark, ...rest } = known;
    const found = {
      ...{ brokerEpoch: after.brokerEpoch, leader: after.leader, leaderEpoch: after.leaderEpoch },
      ...{ partitionEpoch: after.partitionEpoch, epochStart: after.epochStart },
    };
    keep("knows", isSame(rest, found), { rest, found });
    keep("knows", isSame([isr, live, remotes], [after.isr, after.liveBrokers, after.remotes]), { known, after });
    keep("knows", isSame([waiting, watchers], [after.waiting, after.watchers]), { known, after });
    keep("checkpoint", checkpointed === after.checkpointedHighWatermark, { book, after });
    if (role !== "offline") keep("highWatermark", highWatermark === after.highWatermark, { book, after });
    const pending = { null: "committed", true: "pendingExpansion", false: "pendingShrink" } as const;
    const change = `${proposed === null ? null : proposed.length > isr.length}` as keyof typeof pending;
    const inRole = {
      offline: "offline",
      follower: `online.follower.${doing}`,
      leader: `online.leader.${pending[change]}`,
    };
    keep("role", isSame(states, [inRole[role]]) && isSame(after.proposedIsr, proposed ?? []), { states, book, after });
  }

  /** What holds of a leader however it came about. */
  function judgeLeader(step: Step, before: Book): void {
    const { after, effects } = step;
    const isNew = before.role !== "leader" || before.leaderEpoch !== book.leaderEpoch;
    const maximal = maximalIsr(book);
    const told = toldReplicated(effects);
    if (!isNew) {
      keep("highWatermark", after.highWatermark >= before.highWatermark, step);
      const kept = before.log.entries.filter(({ offset }) => offset >= after.log.start);
      keep("keeps", isSame(after.log.entries.slice(0, kept.length), kept), step);
      keep("keeps", after.log.start === before.log.start || after.log.start <= before.highWatermark, step);
    } else {
      const others = after.isr.filter((member) => member !== 1);
      if (others.length > 0) keep("newTerm", after.highWatermark === step.before.highWatermark, step);
      if (before.waiting.length > 0) {
        const refused = before.waiting.map(({ requester }) => `${requester} NOT_LEADER_OR_FOLLOWER`);
        keep("dismisses", isSame(told.slice(0, refused.length), refused), step);
      }
    }
    if (after.highWatermark > before.highWatermark) {
      const ends = book.remotes.filter(({ broker }) => maximal.includes(broker)).map(({ logEnd }) => logEnd);
      keep(
        "everybodyHasIt",
        ends.every((end) => end >= after.highWatermark),
        step,
      );
    }
    if (input.strictMinIsr && book.isr.length < input.effectiveMinIsr && replicated(book) > before.highWatermark) {
      keep("frozen", after.highWatermark === (isNew ? step.before : before).highWatermark, step);
    }
    for (const line of told.filter((one) => one.endsWith(" ok"))) {
      const waited = [...before.waiting, ...step.after.waiting, ...appendedBy(step, before)];
      const required = waited.find(({ requester }) => line === `${requester} ok`)?.required;
      const isThere = required !== undefined && required <= after.highWatermark;
      keep("acknowledges", isThere && maximal.length >= input.effectiveMinIsr, step);
    }
    for (const _ of told.filter((one) => one.endsWith("_AFTER_APPEND"))) {
      keep("tooFewAfter", maximal.length < input.effectiveMinIsr, step);
    }
    const { event } = step as { event: ReplicaEvent };
    if (event.type === "append" && event.acks === -1 && before.isr.length < input.effectiveMinIsr) {
      keep("refusesAppend", step.after === step.before, step);
    }
    if (event.type === "read") judgeRead(event, step);
  }

  function judgeProposals({ effects, after, event }: Step, before: Book): void {
    const proposals = requestsOf(effects).filter((body) => body.type === "alter-partition");
    for (const { isr, partitionEpoch, leaderEpoch } of proposals) {
      const members = isr.map(({ broker }) => broker);
      const isBased = partitionEpoch === after.partitionEpoch && leaderEpoch === after.leaderEpoch;
      const isOnly = before.proposed === null && proposals.length === 1 && isSame(after.proposedIsr, members);
      keep("oneProposal", isBased && isOnly && members.includes(1), { before, event });
      const added = after.remotes.filter((one) => members.includes(one.broker) && !before.isr.includes(one.broker));
      if (added.length > 0) {
        const isLarger = added.length === 1 && members.length === before.isr.length + 1;
        const least = Math.max(before.highWatermark, after.epochStart ?? 0);
        keep("expands", isLarger && added.every(({ logEnd }) => logEnd >= least), { before, event });
      } else {
        const end = endOf(book.log);
        const dropped = after.remotes.filter(({ broker }) => before.isr.includes(broker) && !members.includes(broker));
        const haveGone = dropped.every(({ logEnd, withinLagTime }) => logEnd !== end && !withinLagTime);
        keep("shrinks", dropped.length > 0 && haveGone && isSame(after.isr, before.isr), { before, event });
      }
    }
    if (event.type !== "alter-partition-response" || before.proposed === null) return;
    const { error } = event as Of<"alter-partition-response">;
    const isPending = after.proposedIsr.length > 0;
    if (!isPending)
      keep("answered", isSame(after.isr, error === null ? before.proposed : before.isr), { before, event });
    else keep("open", isSame([after.isr, after.proposedIsr], [before.isr, before.proposed]), { before, event });
  }

  function judgeRead({ at, replica, requester }: Of<"read">, { effects, before }: Step): void {
    for (const effect of effects) {
      if (effect.kind !== "local" || effect.event.type !== "read-result" || effect.to !== requester) continue;
      const { result } = effect.event as unknown as { result: { diverging: unknown; entries: { offset: number }[] } };
      if (result.diverging !== null) keep("tellsDivergence", result.entries.length === 0, effect);
      const limit = replica === null ? before.highWatermark : endOf(before.log);
      const isInside = result.entries.every(({ offset }, index) => offset === at.offset + index && offset < limit);
      if (result.entries.length > 0) keep("serves", isInside && result.entries.length === limit - at.offset, effect);
    }
  }

  function judgeFollower({ effects, event, timer, armed, after }: Step, before: Book, armedDelay: number): void {
    const underWay = pipes.busy().flatMap((node) => pipes.to(node).map((body) => [node, body.type]));
    const questions = underWay.filter(([, type]) => type !== "alter-partition");
    const kinds: Readonly<Record<string, string>> = {
      fetching: "fetch",
      asking: "list-offsets",
      askingStart: "list-offsets",
    };
    const kind = kinds[book.doing];
    keep("asksOneThing", isSame(questions, kind === undefined ? [] : [[`b${book.leader}`, kind]]), { questions, book });
    for (const body of requestsOf(effects)) {
      if (body.type !== "fetch") continue;
      const [at] = body.partitions;
      const isEnd = at?.offset === endOf(after.log) && at.currentLeaderEpoch === after.leaderEpoch;
      keep("fetches", isEnd && at.lastFetchedEpoch === lastEpoch(book.log), { body, after });
    }
    const isLost = event.type === "disconnected" || timer === "socketTimeout";
    if (isLost) keep("retries", armed.length === 1 && armed[0]?.delay === armedDelay, { event, armed });
    if (endOf(book.log) < endOf(before.log)) {
      const cut = effects.filter((effect) => effect.kind === "observe" && effect.observation.kind === "truncated");
      keep(
        "truncates",
        cut.length === 1 && isSame(after.log.entries, upTo(before.log, endOf(book.log)).entries),
        effects,
      );
    }
    const begun = after.log.start > endOf(before.log);
    if (begun) keep("startsAfresh", after.log.entries.length === 0 && after.highWatermark === after.log.start, after);
  }

  return {
    book: (): Readonly<Book> => book,
    see(step: Step): void {
      const before = { ...book };
      const event = step.event as ReplicaEvent;
      if (before.role === "offline" && event.type !== "process-started") {
        judgeDead(step);
        if (event.type === "tail-lost") logJudge.note(step.after);
      } else {
        const expected = hear(event, step);
        book.log = logJudge.retain(step, book.log, book.highWatermark);
        const said = step.effects.filter((effect) => !toDisk(effect));
        keep("says", isSame(said, expected), { said, expected, event, before });
        if (event.type === "forget") keep("forgets", said.length === 0, step);
        logJudge.judge(step, book.role === "leader", before.log);
      }
      if (step.after.log !== step.before.log || book.log !== before.log) judgeLog(step);
      judgeKnowledge(step);
      if (book.role === "leader") {
        judgeLeader(step, before);
        judgeProposals(step, before);
      } else if (before.role === "leader" && before.waiting.length > 0) {
        const refused = before.waiting.map(({ requester }) => `${requester} NOT_LEADER_OR_FOLLOWER`);
        keep("dismisses", isSame(toldReplicated(step.effects), refused), step);
      }
      if (book.role === "follower") judgeFollower(step, before, input.fetchBackoffMs);
    },
  };
}

function epochOf(event: Asking): number | null {
  if (event.type === "read") return event.at.currentLeaderEpoch;
  return event.type === "append" || event.type === "delete-records" ? null : event.currentLeaderEpoch;
}

const reply = (connection: string, body: Extract<Effect, { kind: "reply" }>["body"]): Effect => {
  return { kind: "reply", connection, body };
};

function requestsOf(effects: readonly Effect[]): readonly RequestBody[] {
  return effects.flatMap((effect) => (effect.kind === "request" ? [effect.body] : []));
}

/** Who has been told of replication, and what. */
function toldReplicated(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== "local" || effect.event.type !== "replicated") return [];
    const { error } = effect.event as { type: string; error?: string | null };
    return [`${effect.to} ${error ?? "ok"}`];
  });
}

/** The request that this very step has appended. */
function appendedBy({ event, after }: Step, before: Book) {
  const appended = event as ReplicaEvent;
  if (appended.type !== "append" || endOf(after.log) === endOf(before.log)) return [];
  return [{ requester: appended.requester, required: endOf(after.log) }];
}
