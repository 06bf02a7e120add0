/** The promises of a consumer, in words, and those among them that are about what it asks whom, and when. */
import type {
  ConsumerContext,
  ConsumerEvent,
  ConsumerInput,
  Position,
} from "../../../model/consumer/consumer-context.ts";
import type { RequestBody } from "../../../model/message.ts";
import type { Stepped, Trial } from "./trial.ts";

export const promises = {
  contiguous: "each partition is delivered offset by offset, from where the consumer was positioned",
  position: "the position is the next offset after the last one delivered, or where it was set",
  values: "what is delivered is what the leader has served at that offset",
  bounded: "a poll hands out at most max.poll.records, all at its end, and the same that is observed",
  completesOnce: "each call ends once, as what it was, and nothing ends that was not called",
  atOnce: "to assign, to seek, and to commit without a group end at once",
  pollEnds: "a poll ends by its timeout at the latest, then with nothing",
  pollFails: "a poll fails only for want of a reset policy",
  positionsByAnswer: "the position is set by a seek, or as the coordinator or a leader has answered",
  afterRestart: "after a restart reading begins at the committed offset, or where nothing is, by the reset policy",
  commitsPositions: "a commit without offsets commits the positions, one beyond what was delivered",
  commitsNamed: "a commit of offsets commits these, for the partitions of the consumer",
  commitEnds: "a commit is ok only by its answer, and unknown when its time runs out; it is tried again as it was",
  autoCommits: "auto-commit happens in a poll that finds it due, with the positions that the poll begins with",
  tellsCommit: "to set out to commit a position is observed, once; to commit what is named is not",
  timesFetches: "exactly the fetches under way are timed",
  givesUpFetches: "a fetch that is not answered in time takes its connection along, and counts as disconnected",
  oneFetch: "at most one fetch is under way to each broker, and the consumer knows to whom",
  fetchesPositions:
    "a fetch asks a leader for everything that it leads and that is ready to be read, from the positions",
  validates: "after a leader change nothing is read on from a position before the new leader has confirmed it",
  resetsByPolicy: "the reset policy asks the leader for the offset that it names, where nothing else positions",
  asksFirst:
    "what stands before a fetch is asked first: the committed offset, then the reset policy, then a new leader",
  asksAgain: "every question is put as it comes up, and is over when its time is: its connection is given up",
  knowsLeaders: "it believes the newest leader that it has been told of, and asks one broker after the other",
  handsOutAtOnce:
    "a poll ends with the first records that come, and looks for the leader where one is wrong or missing",
  getsOn: "when all goes well again, reading goes on",
  forgets: "a crash loses positions, what was fetched and what was asked",
} as const;

type Step = Stepped<ConsumerContext>;
export type Keep = Trial<keyof typeof promises>["keep"];

export const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** What is asked in each state of a call. */
const questions: Readonly<Record<string, RequestBody["type"]>> = {
  asking: "offset-commit",
  askingCommitted: "offset-fetch",
  resetting: "list-offsets",
  validating: "offset-for-leader-epoch",
  fetching: "fetch",
  refreshing: "metadata",
};

/** The connections that are given up where the time for an answer has run out. */
function givenUp(state: string, { contact }: ConsumerContext): readonly string[] {
  if (state === "asking" || state === "askingCommitted") return ["coordinator"];
  return state === "refreshing" ? [`b${contact}`] : [];
}

/** Is there anything that a leader, or the coordinator, could be asked for? */
function canDoAnything({ positions, group }: ConsumerContext): boolean {
  return positions.some(({ state, leader }) => leader !== null || (state === "unknown" && group !== null));
}

function delayOf(timer: string, input: ConsumerInput): number | undefined {
  const delays: Readonly<Record<string, number>> = {
    requestTimeout: input.requestTimeoutMs,
    retryBackoff: input.retryBackoffMs,
    apiTimeout: input.apiTimeoutMs,
    autoCommitInterval: input.autoCommitIntervalMs,
    "poll-timeout": 900,
  };
  return delays[timer];
}

export function judgeQuestions(keep: Keep, input: ConsumerInput, step: Step): void {
  const { event, states, statesBefore, before, after, timer } = step;
  const [now] = states.filter((state) => state.startsWith("running.calls")).map((state) => state.split(".").at(-1));
  const [was] = statesBefore
    .filter((state) => state.startsWith("running.calls"))
    .map((state) => state.split(".").at(-1));
  const isIn = (state: Position["state"]) => after.positions.some((one) => one.state === state);
  const isLedIn = (state: Position["state"]) =>
    after.positions.some((one) => one.state === state && one.leader !== null);
  const entered = step.armed.filter(({ name }) => name !== "autoCommitInterval" && name !== "poll-timeout");
  for (const { name, delay } of step.armed) keep("asksAgain", delay === delayOf(name, input), step);
  if (was === "fetching" && timer === "retryBackoff") {
    const isMissing = before.positions.some(({ leader }) => leader === null);
    keep("handsOutAtOnce", (now === "refreshing") === isMissing, step);
  }
  if (entered.length === 0) return;
  const question = questions[now ?? ""];
  const asked = step.effects.filter((effect) => effect.kind === "request" && effect.body.type === question);
  if (question !== undefined && question !== "fetch") keep("asksAgain", asked.length === 1, step);
  if (now === "resetting" || now === "validating" || now === "fetching") {
    const isCommittedKnown = !isIn("unknown") || input.group === null;
    const isReset = now === "resetting" || !isLedIn("reset");
    const isConfirmed = now !== "fetching" || (isLedIn("valid") && !isLedIn("validate"));
    keep("asksFirst", isCommittedKnown && isReset && isConfirmed, step);
  }
  if (timer === "requestTimeout" || timer === "apiTimeout") {
    const closed = step.effects.flatMap((effect) => (effect.kind === "close" ? [effect.to] : []));
    keep("asksAgain", isSame(closed, givenUp(was ?? "", before)), step);
  }
  if (now === "refreshing") {
    const next = (before.contact % before.brokers.length) + 1;
    const [request] = step.effects.filter(({ kind }) => kind === "request");
    keep("knowsLeaders", request?.kind === "request" && request.to === `b${next}` && after.contact === next, step);
  }
  if (was === "fetching" && event.type === "fetch-response") {
    const { results } = event as Extract<ConsumerEvent, { type: "fetch-response" }>;
    const isStale = results.some(({ error }) => error !== null && error !== "OFFSET_OUT_OF_RANGE");
    keep("handsOutAtOnce", (now === "backingOff") === (isStale || !canDoAnything(after)), step);
  }
}

export function judgeLeaders(keep: Keep, { event, before, after, statesBefore }: Step): void {
  const heard = event as ConsumerEvent;
  const isAwaited = statesBefore.some((state) => state.endsWith("refreshing"));
  const told = heard.type === "metadata-response" && isAwaited ? heard.partitions : [];
  const leaders = before.leaders.map((known) => {
    const news = told.find(({ partition }) => partition === known.partition);
    const isNews = news !== undefined && news.leaderEpoch >= known.leaderEpoch;
    return isNews ? { ...known, leader: news.leader, leaderEpoch: news.leaderEpoch } : known;
  });
  keep("knowsLeaders", isSame(after.leaders, leaders), { event, before, after });
  for (const { partition, leader, currentLeaderEpoch } of after.positions) {
    const known = leaders.find((one) => one.partition === partition);
    keep("knowsLeaders", leader === known?.leader && currentLeaderEpoch === known.leaderEpoch, { event, after });
  }
}
