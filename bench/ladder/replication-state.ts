/**
 * What the five published specifications of Kafka's replication speak of: one partition, its replicas, and the quorum
 * (ZooKeeper) in which the controller and the leader agree.
 *
 * Source: hachikuji/kafka-specification, `KafkaReplication`. Replicas are numbered from 1. Here are also the slots of the
 * parts form, small ones, so that an action reads little that it does not need: a replica has two, its view of who leads
 * and its log, and every request has one.
 */

/** How large the specification is. */
export interface LadderBounds {
  readonly replicas: number;
  /** The most records a log holds. */
  readonly logSize: number;
  /** The most records that are ever written; their ids are 0, 1, … */
  readonly maxRecords: number;
  /** The last leader epoch; the first is 0. */
  readonly largestEpoch: number;
}

export interface LogRecord {
  readonly id: number;
  readonly epoch: number;
}

/** Who leads, since which leader epoch, with which ISR (ascending). `leaderEpoch` is -1 before the first election. */
export interface LeaderAndIsr {
  readonly leaderEpoch: number;
  readonly leader: number | null;
  readonly isr: readonly number[];
}

export interface ReplicaLog {
  readonly records: readonly LogRecord[];
  readonly highWatermark: number;
}

export interface LadderReplica {
  /** What this replica believes; a leader that was replaced and has not heard of it still believes in itself. */
  readonly view: LeaderAndIsr;
  readonly log: ReplicaLog;
}

export interface LadderState {
  /** The truth. */
  readonly quorum: LeaderAndIsr;
  /** Every LeaderAndIsr request the controller ever sent, by leader epoch; so its length is the next leader epoch. */
  readonly requests: readonly LeaderAndIsr[];
  readonly nextRecordId: number;
  readonly replicas: readonly LadderReplica[];
}

export type ReadSlot = (slot: number) => unknown;

export const quorumSlot = 0;
export const nextRecordIdSlot = 1;
export const viewSlot = (replica: number): number => 2 * replica;
export const logSlot = (replica: number): number => 2 * replica + 1;
/** It holds `null` until the request of that leader epoch is sent. */
export const requestSlot = (bounds: LadderBounds, leaderEpoch: number): number => 2 + 2 * bounds.replicas + leaderEpoch;

export const quorumOf = (read: ReadSlot): LeaderAndIsr => read(quorumSlot) as LeaderAndIsr;
export const nextRecordIdOf = (read: ReadSlot): number => read(nextRecordIdSlot) as number;
export const viewOf = (read: ReadSlot, replica: number): LeaderAndIsr => read(viewSlot(replica)) as LeaderAndIsr;
export const logOf = (read: ReadSlot, replica: number): ReplicaLog => read(logSlot(replica)) as ReplicaLog;

/** `null` if it was not sent yet. */
export function requestOf(read: ReadSlot, bounds: LadderBounds, leaderEpoch: number): LeaderAndIsr | null {
  return read(requestSlot(bounds, leaderEpoch)) as LeaderAndIsr | null;
}

/** What was sent from this leader epoch on. */
export function requestsSince(read: ReadSlot, bounds: LadderBounds, leaderEpoch: number): readonly LeaderAndIsr[] {
  const requests: LeaderAndIsr[] = [];
  for (let epoch = leaderEpoch; epoch <= bounds.largestEpoch; epoch += 1) {
    const request = requestOf(read, bounds, epoch);
    if (request === null) break;
    requests.push(request);
  }
  return requests;
}

/** 1, 2, …, `bounds.replicas`. */
export function replicasOf(bounds: LadderBounds): readonly number[] {
  return Array.from({ length: bounds.replicas }, (_, index) => index + 1);
}

export function initialLadderState(bounds: LadderBounds): LadderState {
  const replicas = replicasOf(bounds);
  return {
    quorum: { leaderEpoch: -1, leader: null, isr: replicas },
    requests: [],
    nextRecordId: 0,
    replicas: replicas.map(() => ({
      view: { leaderEpoch: -1, leader: null, isr: [] },
      log: { records: [], highWatermark: 0 },
    })),
  };
}

/** The names of the slots, in their order. */
export function ladderSlots(bounds: LadderBounds): readonly string[] {
  const ofReplicas = replicasOf(bounds).flatMap((replica) => [`view of ${replica}`, `log of ${replica}`]);
  return ["quorum", "next record id", ...ofReplicas, ...epochsOf(bounds).map((epoch) => `request ${epoch}`)];
}

/** What the controller did changes seldom, and most actions ask for it. The quorum tells the last request itself. */
export function ladderHome(bounds: LadderBounds): readonly number[] {
  const requests = epochsOf(bounds).map((epoch) => requestSlot(bounds, epoch));
  return [quorumSlot, ...requests.slice(0, -1)];
}

export function splitLadderState(state: LadderState, bounds: LadderBounds): readonly unknown[] {
  const parts: unknown[] = [state.quorum, state.nextRecordId];
  for (const { view, log } of state.replicas) parts.push(view, log);
  for (const epoch of epochsOf(bounds)) parts.push(state.requests[epoch] ?? null);
  return parts;
}

export function joinLadderState(parts: readonly unknown[], bounds: LadderBounds): LadderState {
  const read: ReadSlot = (slot) => parts[slot];
  return {
    quorum: quorumOf(read),
    requests: requestsSince(read, bounds, 0),
    nextRecordId: nextRecordIdOf(read),
    replicas: replicasOf(bounds).map((replica) => ({ view: viewOf(read, replica), log: logOf(read, replica) })),
  };
}

function epochsOf({ largestEpoch }: LadderBounds): readonly number[] {
  return Array.from({ length: largestEpoch + 1 }, (_, epoch) => epoch);
}
