/** Makes the moves of a trial: sends to a replica what they stand for where it stands, and lets the judge see each step. */
import type { PartitionMetadata, RequestBody } from "../../../model/message.ts";
import type { ReplicaContext, ReplicaEvent, ReplicaInput } from "../../../model/replica/replica-context.ts";
import { pick } from "./moves.ts";
import { createPipes } from "./pipes.ts";
import { endOf, lastEpoch } from "./replica-book.ts";
import { createReplicaJudge } from "./replica-judge.ts";
import type { Move, Place } from "./replica-moves.ts";
import type { replicaPromises } from "./replica-promises.ts";
import { createWorld, type Flavour, honest, type Inheritance, partition } from "./replica-surroundings.ts";
import type { Stepped, Trial } from "./trial.ts";

interface ReplicaDriver {
  /** The process starts, and hears what its controller knows. */
  start(): void;
  elect(leader: number | null, how: Inheritance): void;
  learnAll(): void;
  come(move: Move): void;
  readonly role: () => "offline" | "follower" | "leader";
  /** All is well from now on, and the replica leads: what it takes is committed. */
  getOnAsLeader(): void;
  /** All is well from now on, and another leads: its log is the replica's. */
  getOnAsFollower(): void;
}

export const honestly: Inheritance = { ofReplica: true, lost: 0, unheard: 0 };

export function createReplicaDriver(trial: Trial<keyof typeof replicaPromises>, input: ReplicaInput): ReplicaDriver {
  const run = trial.start<ReplicaContext, ReplicaEvent>(input);
  const pipes = createPipes();
  const judge = createReplicaJudge(trial.keep, input, pipes);
  const world = createWorld();
  const brokers = new Map([1, 2, 3].map((broker) => [broker, { epoch: 1, fenced: false }]));
  let news: readonly PartitionMetadata[] = [world.truth()];
  let heard: readonly PartitionMetadata[] = [];
  let requests = 0;
  const onTheWay = new Map<RequestBody, ReplicaEvent>();

  const isDead = () => judge.book().role === "offline";
  const see = (step: Stepped<ReplicaContext>): void => {
    pipes.carryOut(step.effects);
    judge.see(step);
  };
  const send = (event: ReplicaEvent): void => see(run.send(event));
  const publish = (): void => {
    const last = news.at(-1) ?? heard.at(-1);
    if (last?.partitionEpoch !== world.truth().partitionEpoch) news = [...news, world.truth()];
  };
  const elect = (leader: number | null, how: Inheritance): void => {
    world.elect(leader, judge.book().log, how);
    publish();
  };
  const tellBroker = (broker: number): void => {
    const { epoch, fenced } = brokers.get(broker) ?? { epoch: 1, fenced: true };
    send({ type: "broker-changed", broker, epoch, fenced });
  };
  const learn = (which: string): void => {
    if (isDead()) return;
    const [next, ...later] = news;
    const change = which === "next" ? next : which === "again" ? heard.at(-1) : heard.at(-2);
    if (change === undefined) return;
    if (which === "next") [news, heard] = [later, [...heard, change]];
    send({ type: "partition-changed", change });
  };

  const learnAll = (): void => {
    while (!isDead() && news.length > 0) learn("next");
  };

  function die(keeps: number | null): void {
    if (!isDead()) {
      send({ type: "process-died" });
      pipes.carryOut([{ kind: "process-died" }]);
      // The controller fences it before it can come back.
      if (world.truth().leader === 1) elect(null, honestly);
    }
    if (keeps !== null) send({ type: "tail-lost", logEnd: keeps % (endOf(judge.book().log) + 1) });
  }

  function start(): void {
    if (!isDead()) return;
    const epoch = (brokers.get(1)?.epoch ?? 0) + 1;
    brokers.set(1, { epoch, fenced: false });
    send({ type: "process-started", brokerEpoch: epoch });
    for (const broker of brokers.keys()) tellBroker(broker);
    [heard, news] = [[...heard, ...news], []];
    learn("again");
  }

  function offsetAt({ from, off }: Place): number {
    const { log, highWatermark } = judge.book();
    const places: Readonly<Record<string, number>> = {
      end: endOf(log),
      "high-watermark": highWatermark,
      start: log.start,
    };
    return Math.max(0, (places[from] ?? 0) + off);
  }

  function epochAt(offset: number): number | null {
    const { log } = judge.book();
    return log.entries.find((entry) => entry.offset === offset - 1)?.epoch ?? lastEpoch(log);
  }

  function read(move: Extract<Move, { place: Place }>): void {
    const offset = offsetAt(move.place);
    const currentLeaderEpoch = judge.book().leaderEpoch + move.epochOff;
    const isFollower = "fetcher" in move;
    const last = isFollower && move.lastEpochOff !== null ? epochAt(offset) : null;
    const lastFetchedEpoch = isFollower && last !== null ? Math.max(0, last + (move.lastEpochOff ?? 0)) : null;
    const at = { partition, offset, currentLeaderEpoch, lastFetchedEpoch };
    const brokerEpoch = isFollower ? (brokers.get(move.fetcher)?.epoch ?? 1) - (move.isOld ? 1 : 0) : 0;
    const requester = isFollower ? `f${move.fetcher}` : "c";
    const replica = isFollower ? { broker: move.fetcher, brokerEpoch } : null;
    const again = isFollower && move.again;
    send({ type: "read", requester, at, replica, consumer: isFollower ? null : "c1", again });
  }

  function fetchFrom(fetcher: number, place: Place): void {
    read({ fetcher, place, epochOff: 0, lastEpochOff: 0, isOld: false, again: false });
  }

  function fetchAll(): void {
    for (const fetcher of [2, 3]) fetchFrom(fetcher, { from: "end", off: 0 });
  }

  function append(acks: -1 | 0 | 1, count: number): void {
    requests += 1;
    const records = Array.from({ length: count }, (_, index) => ({ value: `${requests}${"ab"[index]}`, key: null }));
    send({ type: "append", requester: `r${requests}`, acks, records });
  }

  /** The answer to the oldest request that waits at a node; it may be on its way for a while. */
  function answer(which: number, how: Flavour, isSlow = false): void {
    const node = pick(pipes.busy(), which);
    const [body] = node === undefined ? [] : pipes.to(node);
    if (node === undefined || body === undefined) return;
    const event = onTheWay.get(body) ?? world.answer(body, node, how);
    publish();
    if (isSlow && !onTheWay.has(body)) {
      onTheWay.set(body, event);
      return;
    }
    pipes.take(node);
    send(event);
  }

  function come(move: Move): void {
    if ("elect" in move) {
      elect(move.elect, move.how);
      if (move.isLearnt) learnAll();
    } else if ("isr" in move) {
      const { leader } = world.truth();
      if (leader === null || move.isr.includes(leader)) world.changeIsr(move.isr);
      publish();
      if (move.isLearnt) learnAll();
    } else if ("learn" in move) learn(move.learn);
    else if ("restarts" in move) {
      const { epoch } = brokers.get(move.broker) ?? { epoch: 1 };
      brokers.set(move.broker, { epoch: epoch + (move.restarts ? 1 : 0), fenced: move.fenced });
      if (!isDead()) tellBroker(move.broker);
    } else if ("kill" in move) die(move.kill ? null : move.keeps);
    else if ("outsider" in move) {
      const { broker } = judge.book().remotes.find((one) => !judge.book().isr.includes(one.broker)) ?? {};
      if (broker !== undefined) fetchFrom(broker, move.outsider);
    } else if ("allFetch" in move) fetchAll();
    else if ("fireIsrCheck" in move) {
      const timer = run.timers().find(({ name }) => name === "isr-check");
      if (timer !== undefined) see(run.fire(timer));
    } else if ("acks" in move) append(move.acks, move.records);
    else if ("place" in move) read(move);
    else if ("forget" in move) {
      const { waiting, watchers } = judge.book();
      const requester = pick([...waiting.map((one) => one.requester), ...watchers], move.forget);
      if (requester !== undefined) send({ type: "forget", requester });
    } else if ("list" in move) {
      const currentLeaderEpoch = judge.book().leaderEpoch + move.epochOff;
      const { list: at, isFollower } = move;
      send({ type: "list-offsets", connection: "k", at, currentLeaderEpoch, isFollower });
    } else if ("epochEnd" in move) {
      const { leaderEpoch } = judge.book();
      const currentLeaderEpoch = leaderEpoch + move.epochOff;
      const asked = Math.max(-1, leaderEpoch - move.epochEnd);
      send({ type: "offset-for-leader-epoch", connection: "k", leaderEpoch: asked, currentLeaderEpoch });
    } else if ("deleteTo" in move) send({ type: "delete-records", connection: "k", before: offsetAt(move.deleteTo) });
    else if ("lag" in move) {
      const { lag: follower, withinLagTime } = move;
      if (judge.book().role === "leader") send({ type: "lag-changed", follower, withinLagTime });
    } else if ("answer" in move) answer(move.answer, move.flavour, move.isSlow);
    else if ("disconnect" in move) {
      const node = pipes.busy().find((one) => one !== "controller");
      if (node === undefined) return;
      pipes.drop(node);
      send({ type: "disconnected", node });
    } else if ("fire" in move) {
      const timer = pick(run.timers(), move.fire);
      if (timer !== undefined) see(run.fire(timer));
    } else {
      world.write(move.write);
      world.move(move.up, move.start);
    }
  }

  function getOnAsLeader(): void {
    world.changeIsr([1, 2, 3]);
    elect(1, honestly);
    learnAll();
    for (const broker of [2, 3]) brokers.set(broker, { epoch: brokers.get(broker)?.epoch ?? 1, fenced: false });
    for (const broker of brokers.keys()) tellBroker(broker);
    append(-1, 1);
    fetchAll();
    const { highWatermark, waiting, log } = run.context();
    trial.keep("getsOn", highWatermark === endOf(log) && waiting.length === 0, run.context());
  }

  function getOnAsFollower(): void {
    elect(2, { ...honestly, lost: endOf(judge.book().log) % 3, unheard: 1 });
    world.write(2);
    learnAll();
    const isThere = () => endOf(run.context().log) === endOf(world.leaderLog()) && !pipes.busy().includes("controller");
    for (let round = 0; round < 40; round += 1) {
      const backOff = run.timers().find(({ name }) => name === "fetchBackoff");
      if (backOff !== undefined) see(run.fire(backOff));
      else answer(0, honest);
      if (isThere() && round > 20) break;
    }
    const { log } = run.context();
    const expected = world.leaderLog().entries.filter(({ offset }) => offset >= log.start);
    trial.keep("getsOn", JSON.stringify(log.entries) === JSON.stringify(expected), { log, expected });
  }

  return { start, elect, learnAll, come, role: () => judge.book().role, getOnAsLeader, getOnAsFollower };
}
