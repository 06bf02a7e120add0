/** The hands on a cluster's machines, where somebody has them: faults, and what is on the disks. */
import type { BrokerId } from "../../spec/vocabulary.ts";

/** What is on a broker's disk of one partition, also while the broker is dead. */
export interface DiskLog {
  readonly logStart: number;
  readonly logEnd: number;
  /** As last written down. */
  readonly highWatermark: number;
  /** `[offset, value]`: what lies on the disk, also below a log start that has not been written down yet. */
  readonly records: readonly (readonly [number, string])[];
}

export interface BrokerControl {
  readonly brokers: readonly BrokerId[];
  kill(broker: BrokerId): Promise<void>;
  /** Returns when the process runs; that it serves is seen otherwise. */
  start(broker: BrokerId): Promise<void>;
  pause(broker: BrokerId): Promise<void>;
  resume(broker: BrokerId): Promise<void>;
  /**
   * As `kill`, and of every log only what was flushed stays, or more where `keeps` has a log end for it (by topic and
   * partition, `orders-0`).
   */
  powerOff(broker: BrokerId, keeps: Readonly<Record<string, number>>): Promise<void>;
  /** A link between two nodes, in both directions: brokers by their ids, or `controller`. */
  cut(between: readonly [string, string]): void;
  heal(between: readonly [string, string]): void;
  healAll(): void;
  /** Do all brokers run, and is no link cut? */
  isWhole(): boolean;
  /** Does its process run (not killed, not paused)? */
  isUp(broker: BrokerId): boolean;
  /** Does it run, and can it reach the controller? */
  hearsController(broker: BrokerId): boolean;
  /** `null` where nothing of the partition is there. `topicPartition` is the folder's name: `orders-0`. */
  diskLog(broker: BrokerId, topicPartition: string): DiskLog | null;
}
