/** Writes calls into a history: who called what, and how it ended. */
import type { HistoryOperation, OperationType } from "../spec/history/format.ts";
import type { RecordOperation } from "../spec/subject.ts";

/** What of an operation a call decides; the rest is counted or read off the clock. */
type Part<F extends HistoryOperation["f"]> = Pick<Extract<HistoryOperation, { f: F }>, "f" | "value"> & {
  readonly final?: true;
  readonly error?: string;
};

export interface OpenCall {
  readonly process: string;
  complete<F extends HistoryOperation["f"]>(type: Exclude<OperationType, "invoke">, part: Part<F>): void;
}

export interface CallLog {
  /** Opens a call of a client, as a process of its that has none open: `p1`, `p1/2`, … */
  open<F extends HistoryOperation["f"]>(client: string, part: Part<F>): OpenCall;
  /** A call that is over at once. */
  note<F extends HistoryOperation["f"]>(client: string, part: Part<F>): void;
}

export function createCallLog(record: RecordOperation, now: () => number): CallLog {
  let index = 0;
  const busy = new Set<string>();

  function write(process: string, type: OperationType, { f, value, final, error }: Part<HistoryOperation["f"]>): void {
    const operation = {
      index,
      time_ns: now() * 1_000_000,
      process,
      type,
      f,
      value,
      ...(final === undefined ? {} : { final }),
      ...(error === undefined || type === "ok" || type === "invoke" ? {} : { error }),
    };
    index += 1;
    record(operation as HistoryOperation);
  }

  function freeProcess(client: string): string {
    let process = client;
    for (let number = 2; busy.has(process); number += 1) process = `${client}/${number}`;
    return process;
  }

  const log: CallLog = {
    open(client, part) {
      const process = freeProcess(client);
      busy.add(process);
      write(process, "invoke", part);
      return {
        process,
        complete(type, end) {
          busy.delete(process);
          write(process, type, end);
        },
      };
    },
    note(client, part) {
      log.open(client, part).complete("ok", part);
    },
  };
  return log;
}
