/** The promises of a producer, judged by keeping its books a second time: from what it is told and what it does. */
import type { Effect } from "../../../model/effect.ts";
import type { RequestBody } from "../../../model/message.ts";
import type { ProducerContext, ProducerEvent, ProducerInput } from "../../../model/producer/producer-context.ts";
import type { Observation } from "../../../spec/cluster-view.ts";
import type { Pipes } from "./pipes.ts";
import { createChooser } from "./producer-partitioning.ts";
import { toBatch } from "./producer-surroundings.ts";
import type { Stepped, Trial } from "./trial.ts";

export const promises = {
  partitions: "a record is accepted once, for the partition that is named or that the partitioner chooses",
  conserves: "every record that was accepted is in exactly one place: queue, in flight, answered or settled",
  order: "a batch is sent for the first time after all records before it in its partition",
  oneInFlight: "with one request in flight nothing is sent while an earlier record of its partition is not settled",
  inFlight: "at most max.in.flight requests are under way to each broker",
  mute: "with one request in flight no two requests under way carry the same partition",
  size: "a batch holds at most batch.size bytes, or one record, and takes none once it is full or a newer one stands behind it",
  perBroker: "a request takes the head batch of every partition that its broker leads, if one of them is ready",
  sends: "at rest nothing is left that could be sent, and no answer that is not decided",
  carries: "a request carries the records of its batches, and each of these is told so",
  answers: "the oldest request of a broker is answered, and each of its batches told its own result",
  breaks: "with a connection all that is in flight on it ends as open, however it is lost",
  reports: "the end of a batch is reported with its records and as it came",
  flushes: "after a flush no batch lingers",
  slots: "no two batches have the same number, and it is the lowest that is free",
  asks: "where a leader is missing or has moved, or a connection is lost, metadata is asked for, one request at a time",
  contact: "metadata is asked of the broker with the fewest requests in flight, then of the next in turn",
  adopts: "the newest leader epoch is believed, and batches that wait for a new leader are told",
  settlesAll: "when all goes well again, every record is settled",
  dies: "a crash forgets every record and every leader",
} as const;

type Step = Stepped<ProducerContext>;
type Keep = Trial<keyof typeof promises>["keep"];
type Of<Kind extends Observation["kind"]> = Extract<Observation, { kind: Kind }>;

interface Book {
  readonly slot: number;
  readonly partition: string;
  readonly values: readonly string[];
  readonly state: "lingering" | "ready" | "backing-off";
  readonly attempts: number;
  /** Takes no more records. */
  readonly isClosed: boolean;
}

interface Request {
  readonly broker: number;
  readonly partitions: readonly string[];
  readonly books: readonly Book[];
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
/** Values begin with the number of their record. */
const numberOf = (value: string) => Number.parseInt(value, 10);

export function createProducerJudge(keep: Keep, input: ProducerInput, pipes: Pipes) {
  let queue: readonly Book[] = [];
  let inFlight: readonly Request[] = [];
  let undecided: readonly Book[] = [];
  let leaders = input.leaders;
  /** Of the records that were accepted, by value. */
  const keys = new Map<string, string | null>();
  const bytesOf = (values: readonly string[]) =>
    values.reduce((sum, value) => sum + value.length + (keys.get(value)?.length ?? 0), 0);
  const lastIn = (partition: string) => queue.findLast((book) => book.partition === partition);
  const chooser = createChooser(input, (partition, bytes) => {
    const last = lastIn(partition);
    return last?.isClosed === false && bytesOf(last.values) + bytes <= input.batchSize;
  });
  const all = () => [...queue, ...undecided, ...inFlight.flatMap(({ books }) => books)];
  const without = (books: readonly Book[], slot: number) => books.filter((book) => book.slot !== slot);

  function lose(broker: number): void {
    undecided = [...undecided, ...inFlight.filter((one) => one.broker === broker).flatMap(({ books }) => books)];
    inFlight = inFlight.filter((one) => one.broker !== broker);
  }

  /** The event, before anything is done about it. */
  function noteEvent(event: ProducerEvent, step: Step): void {
    switch (event.type) {
      case "batch-ready":
        queue = queue.map((book) => (book.slot === event.slot ? { ...book, state: "ready" } : book));
        break;
      case "batch-retries": {
        const retried = undecided.filter(({ slot }) => slot === event.slot);
        keep("conserves", retried.length === 1, step);
        undecided = without(undecided, event.slot);
        queue = [...retried.map((book) => ({ ...book, state: "backing-off" as const })), ...queue];
        break;
      }
      case "batch-settled":
        judgeReport(event, step);
        queue = without(queue, event.slot);
        undecided = without(undecided, event.slot);
        inFlight = inFlight.map((one) => ({ ...one, books: without(one.books, event.slot) }));
        break;
      case "produce-response":
        judgeAnswers(event, step);
        break;
      case "disconnected": {
        judgeLoss(step, event.node, "NETWORK_EXCEPTION");
        lose(Number(event.node.slice(1)));
        break;
      }
      case "request-timed-out": {
        const carrier = inFlight.find(({ books }) => books.some(({ slot }) => slot === event.slot));
        const closed = step.effects.flatMap((effect) => (effect.kind === "close" ? [effect.to] : []));
        keep("breaks", isSame(closed, carrier === undefined ? [] : [`b${carrier.broker}`]), step);
        break;
      }
      case "crash":
        keep("dies", step.effects[0]?.kind === "process-died" && step.effects.length === 2, step);
        [queue, inFlight, undecided] = [[], [], []];
        chooser.forget();
        break;
      default:
        break;
    }
  }

  function judgeReport(event: Extract<ProducerEvent, { type: "batch-settled" }>, { effects }: Step): void {
    const { slot, type: _, ...end } = event;
    const book = all().find((one) => one.slot === slot);
    const told = observed(effects, "outcome").map(({ partition, values, outcome, error, baseOffset, attempts }) => {
      return { partition, values, outcome, error, baseOffset, attempts };
    });
    keep("reports", isSame(told, [{ partition: book?.partition, values: book?.values, ...end }]), { told, event });
  }

  function judgeAnswers(event: Extract<ProducerEvent, { type: "produce-response" }>, { effects }: Step): void {
    const request = inFlight.find(({ broker }) => event.from === `b${broker}`);
    const books = request?.books ?? [];
    const expected = books.map(({ slot, partition }) => {
      const result = event.results.find((one) => one.partition === partition);
      const { error = null, baseOffset = null } = result ?? {};
      return error === null ? { type: "acknowledged", baseOffset, slot } : { type: "refused", error, slot };
    });
    const told = effects.flatMap((effect) => toBatch(effect) ?? []).filter(({ type }) => type !== "sent");
    keep("answers", request !== undefined && isSame(told, expected), { told, expected });
    inFlight = inFlight.filter((one) => one !== request);
    undecided = [...undecided, ...books];
  }

  function judgeLoss({ effects }: Step, node: string, error: string): void {
    const lost = inFlight.filter(({ broker }) => node === `b${broker}`).flatMap(({ books }) => books);
    const told = effects.flatMap((effect) => toBatch(effect) ?? []).filter(({ type }) => type === "refused");
    const expected = lost.map(({ slot }) => ({ type: "refused", error, slot }));
    keep("breaks", isSame(told, expected), { told, expected });
  }

  /** Also tells the batch that is closed by a first choice that did not last. */
  function judgePartition({ to, partition, key, value }: Of<"accepted">, step: Step): Book | undefined {
    const event = step.event as Extract<ProducerEvent, { type: "append" }>;
    const choice = chooser.choose(event, leaders);
    keep("partitions", partition === choice.partition, { step, choice });
    keep("partitions", isSame([to, { value, key }], [event.to, event.record]), step);
    keys.set(value, key);
    const first = choice.first === null ? undefined : lastIn(choice.first);
    if (first?.isClosed !== false) return undefined;
    queue = queue.map((book) => (book === first ? { ...book, isClosed: true } : book));
    return first;
  }

  function noteAccepted(accepted: Of<"accepted">, step: Step): void {
    const { partition, value } = accepted;
    const dropped = judgePartition(accepted, step);
    const created = step.effects.flatMap((effect) => (effect.kind === "create" ? [effect.input] : []));
    const last = lastIn(partition);
    if (created.length === 0) {
      const values = [...(last?.values ?? []), value];
      keep("size", last?.isClosed === false && last.attempts === 0 && bytesOf(values) <= input.batchSize, step);
      queue = queue.map((book) => (book === last ? { ...book, values } : book));
    } else {
      const { slot } = created[0] as { slot: number };
      const free = Array.from({ length: 99 }, (_, number) => number).find((n) =>
        all().every((book) => book.slot !== n),
      );
      keep("slots", created.length === 1 && slot === free, step);
      const fits = last?.isClosed === false && bytesOf([...last.values, value]) <= input.batchSize;
      keep("size", !fits, step);
      queue = queue.map((book) => (book === last ? { ...book, isClosed: true } : book));
      queue = [...queue, { slot, partition, values: [value], state: "lingering", attempts: 0, isClosed: false }];
    }
    // What is full need not linger; nor need what a newer batch stands behind.
    const book = lastIn(partition);
    const isFull = bytesOf(book?.values ?? []) >= input.batchSize;
    queue = queue.map((one) => (one === book ? { ...one, isClosed: isFull } : one));
    const mustLeave = [...(isFull ? [book] : []), ...(created.length > 0 && last?.isClosed === false ? [last] : [])];
    const told = step.effects.flatMap((effect) => toBatch(effect) ?? []).filter(({ type }) => type === "filled");
    const slots = [...mustLeave, dropped].flatMap((one) => one?.slot ?? []).sort();
    keep("size", isSame(told.map((one) => one.slot).sort(), slots), { told, slots, step });
  }

  /** Head batches that a broker could be sent now. */
  function sendable(broker: number): readonly Book[] {
    const underWay = inFlight.flatMap((one) => (input.maxInFlight === 1 ? one.partitions : []));
    return leaders
      .filter(({ leader, partition }) => leader === broker && !underWay.includes(partition))
      .flatMap(({ partition }) => queue.find((book) => book.partition === partition) ?? []);
  }

  function noteRequest(to: string, body: Extract<RequestBody, { type: "produce" }>, step: Step): void {
    const broker = Number(to.slice(1));
    const heads = sendable(broker);
    const taken = heads.filter(({ state }) => state !== "backing-off");
    keep(
      "perBroker",
      heads.some(({ state }) => state === "ready"),
      { heads, step },
    );
    const carried = body.partitions.map(({ partition, records }) => [partition, records.map(({ value }) => value)]);
    const expected = taken.map(({ partition, values }) => [partition, values]);
    keep("perBroker", isSame(carried, expected), { carried, expected, step });
    for (const book of taken) {
      const first = Math.min(...book.values.map(numberOf));
      const isBefore = (other: Book) => other.partition === book.partition && numberOf(other.values[0] ?? "") < first;
      if (book.attempts === 0) keep("order", !queue.some((other) => other.attempts === 0 && isBefore(other)), step);
      if (input.maxInFlight === 1) keep("oneInFlight", !all().some(isBefore), { book, all: all(), step });
    }
    const sent = taken.map((book) => ({ ...book, attempts: book.attempts + 1, isClosed: true }));
    queue = queue.filter((book) => !taken.includes(book));
    if (input.batch.acks === 0) undecided = [...undecided, ...sent];
    else inFlight = [...inFlight, { broker, books: sent, partitions: sent.map(({ partition }) => partition) }];
    const underWay = inFlight.filter((one) => one.broker === broker).length;
    keep("inFlight", underWay <= input.maxInFlight, step);
  }

  function noteEffect(effect: Effect, step: Step): void {
    if (effect.kind === "observe" && effect.observation.kind === "accepted") noteAccepted(effect.observation, step);
    if (effect.kind === "close") {
      judgeLoss(step, effect.to, step.event.type === "request-timed-out" ? "REQUEST_TIMED_OUT" : "NETWORK_EXCEPTION");
      lose(Number(effect.to.slice(1)));
    }
    if (effect.kind === "request" && effect.body.type === "produce") noteRequest(effect.to, effect.body, step);
    if (effect.kind === "request" && effect.body.type === "metadata") {
      const load = (broker: number) => inFlight.filter((one) => one.broker === broker).length;
      const least = Math.min(...input.brokers.map(load));
      const turn = input.brokers.map((_, index) => ((step.before.contact + index) % input.brokers.length) + 1);
      const next = turn.find((broker) => load(broker) === least);
      keep("contact", effect.to === `b${next}`, { step, inFlight });
    }
  }

  function judgeSent({ effects }: Step): void {
    const requests = effects.flatMap((effect) =>
      effect.kind === "request" && effect.body.type === "produce" ? [effect.body] : [],
    );
    if (requests.length === 0) return;
    const records = requests.flatMap(({ partitions }) => partitions.flatMap((one) => one.records));
    keep(
      "carries",
      records.every(({ value, key }) => keys.get(value) === key),
      effects,
    );
    const carried = requests.flatMap(({ partitions }) =>
      partitions.map(({ partition, records }) => [partition, records.map(({ value }) => value)]),
    );
    const seen = observed(effects, "sent").map(({ partition, values, bytes }) => {
      keep("carries", bytes === bytesOf(values), effects);
      return [partition, values];
    });
    const told = effects.flatMap((effect) => toBatch(effect) ?? []).filter(({ type }) => type === "sent");
    keep("carries", isSame(seen, carried) && told.length === carried.length, effects);
    keep("carries", observed(effects, "requested").length === requests.length, effects);
  }

  /** What is known of the leaders, and who is told of new ones. */
  function judgeMetadata(step: Step): void {
    const event = step.event as ProducerEvent;
    const isAwaited = step.statesBefore.some((state) => state.endsWith("asking"));
    const news = event.type === "metadata-response" && isAwaited ? event.partitions : [];
    const isNewer = ({ partition, leaderEpoch }: { partition: string; leaderEpoch: number }, least: number) =>
      news.find((one) => one.partition === partition && one.leaderEpoch >= leaderEpoch + least);
    const waiting = queue.filter(({ partition }) => {
      const known = leaders.find((one) => one.partition === partition);
      return known !== undefined && (isNewer(known, 1)?.leader ?? null) !== null;
    });
    const told = step.effects
      .flatMap((effect) => toBatch(effect) ?? [])
      .filter(({ type }) => type === "leader-changed");
    keep(
      "adopts",
      isSame(
        told.map(({ slot }) => slot),
        waiting.map(({ slot }) => slot),
      ),
      { step, waiting },
    );
    leaders = leaders.map((known) => {
      if (event.type === "crash") return { partition: known.partition, leader: null, leaderEpoch: -1 };
      const { leader, leaderEpoch } = isNewer(known, 0) ?? known;
      return { partition: known.partition, leader, leaderEpoch };
    });
    keep("adopts", isSame(step.after.leaders, leaders), { step, leaders });
    const isMoved = event.type === "produce-response" && event.results.some(({ error }) => error === moved);
    const isIdle = step.statesBefore.some((state) => state.endsWith("current"));
    const isIdleStill = step.states.some((state) => state.endsWith("current"));
    const isLost = event.type === "disconnected" || step.effects.some(({ kind }) => kind === "close");
    const isMissing = step.after.queue.some((batch) =>
      leaders.some(({ partition, leader }) => partition === batch.partition && leader === null),
    );
    if (isAwaited && event.type === "metadata-response") keep("asks", isIdleStill === !isMissing, step);
    if (isIdle && event.type !== "crash") {
      keep("asks", isIdleStill === !(isMoved || isLost || isMissing), step);
    }
    const isAsking = step.states.some((state) => state.endsWith("asking"));
    const asked = input.brokers.flatMap((broker) => pipes.to(`b${broker}`).filter(({ type }) => type === "metadata"));
    keep("asks", asked.length === (isAsking ? 1 : 0), { step, asked });
    const delays: Readonly<Record<string, number>> = {
      requestTimeout: input.requestTimeoutMs,
      retryBackoff: input.retryBackoffMs,
    };
    for (const { name, delay } of step.armed) keep("asks", delay === delays[name], step);
  }

  function judgeBooks({ after }: Step): void {
    const short = ({ slot, partition, values, attempts }: Book) => [slot, partition, values, attempts];
    const asBook = (batch: ProducerContext["queue"][number]) => {
      const values = batch.records.map(({ value }) => value);
      keep("size", batch.bytes === bytesOf(values) && (batch.bytes <= input.batchSize || values.length === 1), batch);
      return [batch.slot, batch.partition, values, batch.attempts];
    };
    keep("conserves", isSame(after.queue.map(asBook), queue.map(short)), { after, queue });
    keep(
      "conserves",
      isSame(
        after.queue.map(({ state }) => state),
        queue.map(({ state }) => state),
      ),
      { after, queue },
    );
    keep("conserves", isSame(after.undecided.map(asBook), undecided.map(short)), { after, undecided });
    const requests = after.inFlight.map(({ broker, batches }) => [broker, batches.map(asBook)]);
    keep(
      "conserves",
      isSame(
        requests,
        inFlight.map(({ broker, books }) => [broker, books.map(short)]),
      ),
      { after, inFlight },
    );
    const carried = inFlight.flatMap(({ partitions }) => partitions);
    if (input.maxInFlight === 1) keep("mute", new Set(carried).size === carried.length, inFlight);
    const slots = all().map(({ slot }) => slot);
    keep("slots", new Set(slots).size === slots.length, slots);
  }

  return {
    isEmpty: () => all().length === 0,
    /** After the step's requests have been put into the pipes. */
    see(step: Step): void {
      judgeMetadata(step);
      const isAppend = step.event.type === "append";
      keep("partitions", observed(step.effects, "accepted").length === (isAppend ? 1 : 0), step);
      noteEvent(step.event as ProducerEvent, step);
      for (const effect of step.effects) noteEffect(effect, step);
      judgeSent(step);
      judgeBooks(step);
    },
    /** After all batches have answered. */
    rest(states: readonly string[], hasFlushed: boolean): void {
      keep("sends", undecided.length === 0, undecided);
      for (const broker of input.brokers) {
        const hasRoom = inFlight.filter((one) => one.broker === broker).length < input.maxInFlight;
        keep("sends", !hasRoom || sendable(broker).every(({ state }) => state !== "ready"), {
          broker,
          queue,
          inFlight,
        });
      }
      if (hasFlushed)
        keep(
          "flushes",
          queue.every(({ state }) => state !== "lingering"),
          queue,
        );
      const isMissing = queue.some((book) =>
        leaders.some((one) => one.partition === book.partition && one.leader === null),
      );
      if (isMissing) keep("asks", !states.some((state) => state.endsWith("current")), states);
    },
  };
}

const moved = "NOT_LEADER_OR_FOLLOWER";

function observed<Kind extends Observation["kind"]>(effects: readonly Effect[], kind: Kind): readonly Of<Kind>[] {
  return effects.flatMap((effect) =>
    effect.kind === "observe" && effect.observation.kind === kind ? [effect.observation as Of<Kind>] : [],
  );
}
