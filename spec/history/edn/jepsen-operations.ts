/**
 * Turns the operations of a history of Jepsen's `kafka` workload into ours. A key that is a number becomes `k-7`, a
 * process `p3`, a value its text. What the workload does not know does not come up; what we have no use for
 * (`:debug-topic-partitions`) is left out.
 */
import { parseTopicPartition } from "../../vocabulary.ts";
import type { HistoryOperation, OperationType, PolledRecord, SentRecord, TransactionStep } from "../format.ts";
import type { Refusal } from "../history-error.ts";
import { shown } from "../shape-refusal.ts";
import { type Edn, type EdnMap, fieldOf, isKeyword, isMap } from "./edn-reader.ts";

/** An operation that has not been numbered yet. */
type Part = Pick<HistoryOperation, "f" | "value"> & { readonly final?: true };

export type Translated =
  | { readonly ok: true; readonly operations: readonly HistoryOperation[] }
  | { readonly ok: false; readonly refusal: Refusal };

export interface JepsenOperations {
  translate(form: Edn): Translated;
}

const types: readonly OperationType[] = ["invoke", "ok", "fail", "info"];

/** The group of those who subscribe: Jepsen's history does not name it. */
const group = "jepsen";

class Wrong extends Error {}

export function createJepsenOperations(): JepsenOperations {
  let index = 0;
  const open = new Map<string, Part>();
  /** Processes that read from the beginning: what they poll are final reads. */
  const fromBeginning = new Set<string>();
  let nemesis: Part | null = null;

  const numbered = (form: Edn, process: string, type: OperationType, part: Part): HistoryOperation => {
    const time = fieldOf(form, "time");
    const error = type === "fail" || type === "info" ? fieldOf(form, "error") : undefined;
    const operation = {
      index,
      time_ns: typeof time === "number" && time >= 0 ? Math.floor(time) : 0,
      process,
      type,
      ...part,
      ...(error === undefined || error === null ? {} : { error: textOf(error) }),
    };
    index += 1;
    return operation as HistoryOperation;
  };

  /** Jepsen writes an operation of the nemesis twice, both times as `:info`: when it begins and when it is done. */
  function ofNemesis(form: Edn, f: string): readonly HistoryOperation[] {
    const target = textOf(fieldOf(form, "value") ?? "all");
    if (nemesis !== null) {
      const begun = nemesis;
      nemesis = null;
      return [numbered(form, "nemesis", "ok", begun)];
    }
    const mends = /^(?:stop-.*|start|resume|heal.*|unfreeze.*|reset.*)$/.test(f);
    nemesis = { f: mends ? "heal" : "fault", value: { kind: f, target } };
    return [numbered(form, "nemesis", "invoke", nemesis)];
  }

  function ofClient(form: EdnMap, process: string, type: OperationType, f: string): readonly HistoryOperation[] {
    const begun = open.get(process);
    const value = fieldOf(form, "value");
    if (type === "invoke") {
      const part = partOf(f, value ?? null, true);
      if (part === null) return [];
      if (part.f === "assign" || part.f === "subscribe") fromBeginning.delete(process);
      if (part.f === "assign" && fieldOf(form, "seek-to-beginning?") === true) fromBeginning.add(process);
      const marked: Part = part.f === "poll" && fromBeginning.has(process) ? { ...part, final: true } : part;
      open.set(process, marked);
      return [numbered(form, process, type, marked)];
    }
    const completed = value === undefined || value === null ? begun : (partOf(f, value, false) ?? undefined);
    if (completed === undefined) return [];
    open.delete(process);
    const part: Part = begun?.final === true ? { ...completed, final: true } : completed;
    return [...rebalances(form, process), numbered(form, process, type, part)];
  }

  /** A rebalance within a call is complete before the call is. */
  function rebalances(form: EdnMap, process: string): readonly HistoryOperation[] {
    const log = fieldOf(form, "rebalance-log");
    if (!Array.isArray(log)) return [];
    return log.flatMap((one: Edn) => {
      const keys = fieldOf(one, "keys");
      const part: Part = { f: "assignment", value: { group, generation: -1, keys: keysOf(keys ?? []) } };
      const caller = `${process}/rebalance`;
      return [numbered(form, caller, "invoke", part), numbered(form, caller, "ok", part)];
    });
  }

  return {
    translate(form) {
      const [type, f, process] = ["type", "f", "process"].map((name) => fieldOf(form, name));
      if (!isMap(form) || f === undefined) {
        return refused(`expected an operation, a map with :type, :f and :process; found ${shown(plain(form))}`);
      }
      const found = types.find((one) => isKeyword(type, one));
      if (found === undefined)
        return refused(`:type: expected :invoke, :ok, :fail or :info; found ${shown(plain(type ?? null))}`);
      try {
        const name = textOf(f);
        if (isKeyword(process, "nemesis")) return { ok: true, operations: ofNemesis(form, name) };
        if (typeof process !== "number")
          return refused(`:process: expected a number or :nemesis; found ${shown(plain(process ?? null))}`);
        return { ok: true, operations: ofClient(form, `p${process}`, found, name) };
      } catch (cause) {
        if (cause instanceof Wrong) return refused(cause.message);
        throw cause;
      }
    },
  };
}

function partOf(f: string, value: Edn, isInvocation: boolean): Part | null {
  switch (f) {
    case "send":
      return { f: "send", value: stepsOf(value, isInvocation).flatMap((step) => ("send" in step ? step.send : [])) };
    case "poll": {
      const polled: Record<string, PolledRecord[]> = {};
      for (const step of stepsOf(value, isInvocation)) {
        const answers = "poll" in step ? Object.entries(step.poll) : [];
        for (const [key, records] of answers) polled[key] = [...(polled[key] ?? []), ...records];
      }
      return { f: "poll", value: polled };
    }
    case "txn":
      return { f: "txn", value: stepsOf(value, isInvocation) };
    case "subscribe":
      return { f: "subscribe", value: { group, keys: keysOf(value) } };
    case "assign":
      return { f: "assign", value: { keys: keysOf(value) } };
    case "crash":
      return { f: "crash", value: null };
    case "debug-topic-partitions":
      return null;
    default:
      throw new Wrong(
        `:f: expected :send, :poll, :txn, :subscribe, :assign, :crash or :debug-topic-partitions; found :${f}`,
      );
  }
}

/** `[[:send 0 1] [:poll]]`, completed `[[:send 0 [5 1]] [:poll {0 [[5 1]]}]]`. */
function stepsOf(value: Edn, isInvocation: boolean): readonly TransactionStep[] {
  if (!Array.isArray(value))
    throw new Wrong(`:value: expected a vector of [:send key value] and [:poll], found ${shown(plain(value))}`);
  return value.map((step: Edn): TransactionStep => {
    const [f, key, what] = Array.isArray(step) ? (step as readonly Edn[]) : [];
    if (isKeyword(f, "poll")) return { poll: isInvocation || key === undefined ? {} : polledOf(key) };
    if (!isKeyword(f, "send") || key === undefined || what === undefined) {
      throw new Wrong(`:value: expected [:send key value] or [:poll], found ${shown(JSON.stringify(plain(step)))}`);
    }
    return { send: [sentOf(keyOf(key), what, isInvocation)] };
  });
}

function sentOf(key: string, what: Edn, isInvocation: boolean): SentRecord {
  if (!Array.isArray(what)) return { key, value: textOfValue(what) };
  const [offset, value] = what as readonly Edn[];
  if (value === undefined)
    throw new Wrong(`:value: expected [offset value], found ${shown(JSON.stringify(plain(what)))}`);
  const isKnown = typeof offset === "number" && offset >= 0 && !isInvocation;
  return isKnown ? { key, value: textOfValue(value), offset } : { key, value: textOfValue(value) };
}

function polledOf(form: Edn): Readonly<Record<string, readonly PolledRecord[]>> {
  if (!isMap(form)) {
    throw new Wrong(`[:poll …]: expected a map of keys to [offset value], found ${shown(plain(form))}`);
  }
  return Object.fromEntries(
    form.entries.map(([key, records]) => {
      if (!Array.isArray(records)) throw new Wrong(`[:poll …]: expected a vector, found ${shown(plain(records))}`);
      return [keyOf(key), records.map(recordOf)];
    }),
  );
}

function recordOf(record: Edn): PolledRecord {
  const [offset, value] = Array.isArray(record) ? (record as readonly Edn[]) : [];
  if (typeof offset !== "number" || offset < 0 || value === undefined) {
    throw new Wrong(`[:poll …]: expected [offset value], found ${shown(JSON.stringify(plain(record)))}`);
  }
  return [offset, textOfValue(value)];
}

function keysOf(value: Edn): readonly string[] {
  if (!Array.isArray(value)) throw new Wrong(`:value: expected a vector of keys, found ${shown(plain(value))}`);
  return value.map(keyOf);
}

function keyOf(key: Edn): string {
  if (typeof key === "number" && Number.isSafeInteger(key) && key >= 0) return `k-${key}`;
  if (typeof key === "string" && parseTopicPartition(key) !== null) return key;
  throw new Wrong(`expected a key, a whole number or a topic-partition; found ${shown(plain(key))}`);
}

function textOfValue(value: Edn): string {
  return typeof value === "string" ? value : JSON.stringify(plain(value));
}

function textOf(form: Edn): string {
  const value = plain(form);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** As JSON: a keyword is its name, a map a list of pairs. */
function plain(form: Edn): unknown {
  if (Array.isArray(form)) return form.map(plain);
  if (isMap(form)) return form.entries.map(([key, value]) => [plain(key), plain(value)]);
  return typeof form === "object" && form !== null && "keyword" in form ? form.keyword : form;
}

function refused(message: string): Translated {
  return { ok: false, refusal: { code: "E_HISTORY_EDN", message, hint: null } };
}
