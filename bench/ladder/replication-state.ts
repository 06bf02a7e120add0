/**
 * What the five published specifications of Kafka's replication speak of: one partition, its replicas, and the quorum
 * (ZooKeeper) in which the controller and the leader agree.
 *
 * Source: hachikuji/kafka-specification, `KafkaReplication`. Replicas are numbered from 1. Here are also the slots of the
 * parts form. A replica has two: most guards ask only whom it takes for its leader, and its log is another matter.
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
export const requestsSlot = 1;
export const nextRecordIdSlot = 2;
export const viewSlot = (replica: number): number => 1 + 2 * replica;
export const logSlot = (replica: number): number => 2 + 2 * replica;

export const quorumOf = (read: ReadSlot): LeaderAndIsr => read(quorumSlot) as LeaderAndIsr;
export const requestsOf = (read: ReadSlot): readonly LeaderAndIsr[] => read(requestsSlot) as readonly LeaderAndIsr[];
export const nextRecordIdOf = (read: ReadSlot): number => read(nextRecordIdSlot) as number;
export const viewOf = (read: ReadSlot, replica: number): LeaderAndIsr => read(viewSlot(replica)) as LeaderAndIsr;
export const logOf = (read: ReadSlot, replica: number): ReplicaLog => read(logSlot(replica)) as ReplicaLog;

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
  return ["quorum", "requests", "next record id", ...ofReplicas];
}

export function splitLadderState(state: LadderState): readonly unknown[] {
  const parts: unknown[] = [state.quorum, state.requests, state.nextRecordId];
  for (const { view, log } of state.replicas) parts.push(view, log);
  return parts;
}

export function joinLadderState(parts: readonly unknown[]): LadderState {
  const read: ReadSlot = (slot) => parts[slot];
  const replicas: LadderReplica[] = [];
  for (let replica = 1; logSlot(replica) < parts.length; replica += 1) {
    replicas.push({ view: viewOf(read, replica), log: logOf(read, replica) });
  }
  return { quorum: quorumOf(read), requests: requestsOf(read), nextRecordId: nextRecordIdOf(read), replicas };
}
