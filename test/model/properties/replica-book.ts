/** What a replica should know, written down a second time, as the judge of a replica keeps it. */
import type { ReplicaInput, Waiting } from "../../../model/replica/replica-context.ts";
import { type LogEntry, sizeOf } from "../../../spec/vocabulary.ts";

interface EpochStart {
  readonly epoch: number;
  readonly start: number;
}

export interface LogBook {
  readonly start: number;
  readonly entries: readonly LogEntry[];
  /** Epochs that are known to have begun, with or without a record; ascending. */
  readonly epochs: readonly EpochStart[];
}

export interface Remote {
  readonly broker: number;
  readonly logEnd: number;
  readonly leaderEndAtLastFetch: number;
  readonly brokerEpoch: number | null;
  readonly withinLagTime: boolean;
}

export interface Book {
  role: "offline" | "follower" | "leader";
  log: LogBook;
  highWatermark: number;
  checkpointed: number;
  brokerEpoch: number;
  leader: number | null;
  leaderEpoch: number;
  partitionEpoch: number;
  epochStart: number | null;
  isr: readonly number[];
  /** `null`: nothing has been proposed. */
  proposed: readonly number[] | null;
  remotes: readonly Remote[];
  live: readonly { readonly broker: number; readonly epoch: number }[];
  waiting: readonly Waiting[];
  watchers: readonly string[];
  /** What a follower is about. */
  doing: "idle" | "fetching" | "asking" | "askingStart" | "backingOff";
}

export function emptyBook(input: ReplicaInput): Book {
  const log = { start: 0, entries: [], epochs: [] };
  return { role: "offline", log, highWatermark: 0, checkpointed: 0, ...nothingHeard(input.followers) };
}

/** What a process knows before it has heard of anything. */
export function nothingHeard(followers: readonly number[]) {
  return {
    ...{ brokerEpoch: -1, leader: null, leaderEpoch: -1, partitionEpoch: -1, epochStart: null },
    ...{ isr: [], proposed: null, live: [], waiting: [], watchers: [], doing: "idle" as const },
    remotes: followers.map((broker) => blank(broker, false)),
  };
}

export function blank(broker: number, withinLagTime: boolean): Remote {
  return { broker, logEnd: -1, leaderEndAtLastFetch: -1, brokerEpoch: null, withinLagTime };
}

// --- a log -----------------------------------------------------------------------------------------------------

export const endOf = ({ start, entries }: LogBook): number => start + entries.length;

/** Epochs that would begin at or after the new one have no records, and give way. */
export function withEpoch(log: LogBook, epoch: number, start: number): LogBook {
  if (log.epochs.some((known) => known.epoch >= epoch)) return log;
  return { ...log, epochs: [...log.epochs.filter((known) => known.start < start), { epoch, start }] };
}

export function withEntries(log: LogBook, entries: readonly LogEntry[]): LogBook {
  return entries.reduce((longer, entry) => {
    const { epoch, offset } = entry;
    return { ...withEpoch(longer, epoch, offset), entries: [...longer.entries, entry] };
  }, log);
}

export function upTo(log: LogBook, end: number): LogBook {
  return {
    start: Math.min(log.start, end),
    entries: log.entries.filter(({ offset }) => offset < end),
    epochs: log.epochs.filter(({ start }) => start < end),
  };
}

export function from(log: LogBook, start: number): LogBook {
  if (start <= log.start) return log;
  const current = log.epochs.filter((known) => known.start <= start).slice(-1);
  return {
    start,
    entries: log.entries.filter(({ offset }) => offset >= start),
    epochs: [...current.map(({ epoch }) => ({ epoch, start })), ...log.epochs.filter((known) => known.start > start)],
  };
}

/** Where the largest epoch that is at most the asked one ends; `null` if the asked one is above all that began. */
export function epochEnd({ epochs, ...log }: LogBook, asked: number) {
  const later = epochs.filter(({ epoch }) => epoch > asked).map(({ start }) => start);
  const known = epochs.filter(({ epoch }) => epoch <= asked).map(({ epoch }) => epoch);
  if (later.length === 0 && !known.includes(asked)) return null;
  const endOffset = Math.min(endOf({ epochs, ...log }), ...later);
  return { epoch: known.length === 0 ? asked : Math.max(...known), endOffset };
}

export const lastEpoch = ({ epochs }: LogBook): number | null => epochs.at(-1)?.epoch ?? null;

export const bytesIn = (entries: readonly LogEntry[]): number => entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
