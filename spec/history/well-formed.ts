/**
 * What operations must be one after the other, beyond the shape of each: numbered without gaps, in the order of time,
 * each completion after its own invocation, one open call a process, and every value of a key sent once. Without these
 * no judgement means anything.
 */
import type { HistoryOperation, SentRecord, TransactionStep } from "./format.ts";
import type { HistoryErrorCode, Refusal } from "./history-error.ts";
import { shown } from "./shape-refusal.ts";

interface WellFormedness {
  /** Takes the next operation; what is wrong with it after those before, or `null`. */
  check(operation: HistoryOperation): Refusal | null;
}

/** The refusal of a value that its key was sent before, at this index. */
export function sentAgain(key: string, value: string, first: number): Refusal {
  const message = `the value ${shown(value)} is sent to ${key} again, first at index ${first}`;
  return refuse("E_HISTORY_NOT_UNIQUE", message, "give every value of a key a number of its own");
}

/**
 * Memory: one entry for every process and, unless the caller looks after that (`seesValues`), for every sent value; a key
 * can then have 2^24 values (the limit of a `Map`).
 */
export function createWellFormedness(seesValues = true): WellFormedness {
  let nextIndex = 0;
  let lastTime = 0;
  const open = new Map<string, HistoryOperation>();
  const completed = new Map<string, HistoryOperation>();
  const sentAt = new Map<string, Map<string, number>>();

  function checkInvocation(operation: HistoryOperation): Refusal | null {
    const before = open.get(operation.process);
    if (before !== undefined) {
      return refuse(
        "E_HISTORY_TWO_OPEN",
        `${operation.process} invokes ${operation.f} while its ${before.f} of index ${before.index} is open`,
        `complete that one as info, or let a second process ${operation.process}/2 make this call`,
      );
    }
    open.set(operation.process, operation);
    for (const { key, value } of seesValues ? recordsOf(operation) : []) {
      let values = sentAt.get(key);
      if (values === undefined) {
        values = new Map();
        sentAt.set(key, values);
      }
      const first = values.get(value);
      if (first !== undefined) return sentAgain(key, value, first);
      values.set(value, operation.index);
    }
    return null;
  }

  function checkCompletion(operation: HistoryOperation): Refusal | null {
    const { process: caller, f, type } = operation;
    const invocation = open.get(caller);
    if (invocation === undefined) {
      const before = completed.get(caller);
      if (before?.f === f) {
        const message = `${caller}: ${type} ${f}, but that call was completed at index ${before.index}`;
        return refuse("E_HISTORY_DUPLICATE_COMPLETION", message, null);
      }
      return refuse("E_HISTORY_NO_INVOCATION", `${caller}: ${type} ${f}, but ${caller} has no open invocation`, null);
    }
    const mismatch = checkPair(invocation, operation);
    if (mismatch !== null) return mismatch;
    open.delete(caller);
    completed.set(caller, operation);
    return null;
  }

  return {
    check(operation) {
      if (operation.index !== nextIndex) {
        return refuse("E_HISTORY_INDEX", `index: expected ${nextIndex}, found ${operation.index}`, null);
      }
      if (operation.time_ns < lastTime) {
        const message = `time_ns: expected at least ${lastTime}, found ${operation.time_ns}`;
        return refuse("E_HISTORY_TIME", message, "record with a monotonic clock, and write in the order of time");
      }
      nextIndex++;
      lastTime = operation.time_ns;
      return (
        checkAlone(operation) ?? (operation.type === "invoke" ? checkInvocation(operation) : checkCompletion(operation))
      );
    },
  };
}

function refuse(code: HistoryErrorCode, message: string, hint: string | null): Refusal {
  return { code, message, hint };
}

/** What a completion must have in common with its invocation. */
function checkPair(invocation: HistoryOperation, completion: HistoryOperation): Refusal | null {
  const { process: caller, f } = completion;
  const opened = `the invocation of index ${invocation.index}`;
  if (invocation.f !== f) {
    return refuse("E_HISTORY_OTHER_F", `${caller}: expected f ${invocation.f} as in ${opened}, found ${f}`, null);
  }
  if (isFinal(invocation) !== isFinal(completion)) {
    const message = `${caller}: final must stand at both or at neither, this poll and ${opened}`;
    return refuse("E_HISTORY_OTHER_FINAL", message, null);
  }
  if (!sameRecords(invocation, completion)) {
    const message = `${caller}: the keys and values sent are not those of ${opened}`;
    return refuse("E_HISTORY_OTHER_RECORDS", message, "repeat the invocation's value, with the offsets added");
  }
  return null;
}

/** What an operation must not say by its type. */
function checkAlone(operation: HistoryOperation): Refusal | null {
  if (operation.type === "ok" && operation.error !== undefined) {
    const message = `an ok ${operation.f} has the error ${shown(operation.error)}`;
    return refuse("E_HISTORY_OK_WITH_ERROR", message, "a call with an error is fail or info");
  }
  const foresight = operation.type === "invoke" ? foresightOf(operation) : null;
  return foresight === null
    ? null
    : refuse("E_HISTORY_INVOCATION", `an invocation of ${operation.f} ${foresight}`, null);
}

/** What an invocation says that only its completion can know. */
function foresightOf(operation: HistoryOperation): string | null {
  if (operation.error !== undefined) return "has an error";
  if (recordsOf(operation).some((record) => record.offset !== undefined)) return "has an offset";
  switch (operation.f) {
    case "poll":
      return Object.keys(operation.value).length > 0 ? "has a value other than {}" : null;
    case "txn":
      return operation.value.some((step) => "poll" in step && Object.keys(step.poll).length > 0)
        ? "has a poll other than {}"
        : null;
    case "committed":
      return Object.values(operation.value.offsets).some((offset) => offset !== null) ? "has an offset" : null;
    case "latest":
      return Object.values(operation.value).some((offset) => offset !== null) ? "has an offset" : null;
    default:
      return null;
  }
}

function isFinal(operation: HistoryOperation): boolean {
  return operation.f === "poll" && operation.final === true;
}

function recordsOf(operation: HistoryOperation): readonly SentRecord[] {
  if (operation.f === "send") return operation.value;
  if (operation.f === "txn") return operation.value.flatMap((step) => ("send" in step ? step.send : []));
  return [];
}

function sameRecords(invocation: HistoryOperation, completion: HistoryOperation): boolean {
  if (invocation.f === "txn" && completion.f === "txn" && !sameSteps(invocation.value, completion.value)) return false;
  const sent = recordsOf(invocation);
  const told = recordsOf(completion);
  return (
    sent.length === told.length &&
    sent.every(({ key, value }, place) => key === told[place]?.key && value === told[place].value)
  );
}

function sameSteps(invoked: readonly TransactionStep[], told: readonly TransactionStep[]): boolean {
  const shape = (steps: readonly TransactionStep[]) =>
    steps.map((step) => ("send" in step ? step.send.length : "poll")).join();
  return shape(invoked) === shape(told);
}
