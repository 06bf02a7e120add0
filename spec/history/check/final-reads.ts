/**
 * Which keys a history reads to their end once everything is over: Jepsen's final polls. Without them nothing can be
 * said of the tail of a log.
 */
import type { TopicPartition } from "../../vocabulary.ts";
import { isFinalPoll } from "../judge/calls.ts";
import type { Step } from "./step.ts";

/** The empty answer that ends the reading of a key from its beginning. */
export interface FinalRead {
  /** Index of the poll's invocation: what was acknowledged before it must have been read by now. */
  readonly invoked: number;
  /** Index of the empty answer. */
  readonly answered: number;
}

export interface FinalReads {
  take(step: Step): void;
  /** The last final read of a key so far. */
  of(key: TopicPartition): FinalRead | undefined;
}

/**
 * A final poll ends the reading of a key when it is `ok` and names the key with nothing, or is wholly empty while its
 * process has the key assigned. A final poll that is `info` may have moved the position past records that it did not
 * show: its process ends nothing until an `ok` call places it anew.
 */
export function createFinalReads(): FinalReads {
  const reads = new Map<TopicPartition, FinalRead>();
  const assigned = new Map<string, readonly TopicPartition[]>();
  const doubtful = new Set<string>();
  return {
    take({ operation, invocation }) {
      const { process: reader, type, f, index } = operation;
      if (type === "invoke" || type === "fail" || f === "send") return;
      const places = f === "assign" || f === "assignment" || f === "seek" || f === "restart";
      if (places && type === "ok") doubtful.delete(reader);
      if ((places || isFinalPoll(operation)) && type === "info") doubtful.add(reader);
      if ((operation.f === "assign" || operation.f === "assignment") && type === "ok") {
        assigned.set(reader, operation.value.keys);
      }
      if (operation.f !== "poll" || !isFinalPoll(operation)) return;
      const invoked = invocation?.index;
      if (doubtful.has(reader) || invoked === undefined) return;
      const answers = Object.entries(operation.value);
      const empty = answers.filter(([, records]) => records.length === 0).map(([key]) => key);
      const all = empty.length === answers.length ? (assigned.get(reader) ?? []) : [];
      for (const key of [...empty, ...all]) {
        // Readers may overlap: the answer that was asked for last says most.
        if (invoked > (reads.get(key)?.invoked ?? -1)) reads.set(key, { invoked, answered: index });
      }
    },
    of: (key) => reads.get(key),
  };
}
