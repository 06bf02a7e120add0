/** The operations that show a finding, and a few around them that touch the same keys: a second look at the file. */

import type { HistoryOperation } from "../spec/history/format.ts";
import { writeOperation } from "../spec/history/write-history.ts";
import { emptyInput, readHistoryFrom } from "./history-input.ts";

export interface TimelineLine {
  readonly index: number;
  /** Is it part of the witness, or only near it? */
  readonly isWitness: boolean;
  readonly text: string;
}

export type Timeline = readonly TimelineLine[];

/** Operations before and behind each of the witness that are looked at. */
const aroundMax = 2;

interface Witnessed {
  readonly key: string;
  readonly operations: readonly number[];
}

export async function readTimeline<One extends Witnessed>(
  file: string,
  found: readonly One[],
): Promise<ReadonlyMap<object, Timeline>> {
  const wanted = new Set<number>();
  for (const { operations } of found) {
    for (const index of operations) {
      for (let near = index - aroundMax; near <= index + aroundMax; near++) wanted.add(near);
    }
  }
  const kept = new Map<number, HistoryOperation>();
  await readHistoryFrom(file, emptyInput(), {
    header: () => undefined,
    operation(operation) {
      if (wanted.has(operation.index)) kept.set(operation.index, operation);
      return null;
    },
  });
  return new Map(found.map((one) => [one, timelineOf(one, kept)]));
}

/** Near are operations that name the key, and faults. */
function timelineOf({ key, operations }: Witnessed, kept: ReadonlyMap<number, HistoryOperation>): Timeline {
  const indices = new Set(operations);
  for (const index of operations) {
    for (let near = index - aroundMax; near <= index + aroundMax; near++) {
      const operation = kept.get(near);
      if (operation === undefined) continue;
      const isFault = operation.f === "fault" || operation.f === "heal";
      if (isFault || writeOperation(operation).includes(JSON.stringify(key))) indices.add(near);
    }
  }
  return [...indices]
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const operation = kept.get(index);
      return operation === undefined ? [] : [{ index, isWitness: operations.includes(index), text: told(operation) }];
    });
}

const textMax = 110;

function told(operation: HistoryOperation): string {
  const { time_ns, process, type, f, value, error } = operation;
  const seconds = (time_ns / 1e9).toFixed(3);
  const final = operation.f === "poll" && operation.final === true ? " (final)" : "";
  const what = value === null ? "" : ` ${JSON.stringify(value)}`;
  const line = `${seconds} s  ${process}  ${type} ${f}${final}${what}${error === undefined ? "" : ` ${error}`}`;
  return line.length <= textMax ? line : `${line.slice(0, textMax)}…`;
}
