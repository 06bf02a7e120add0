/** Reads a history, strictly and line by line: a line is understood in full or the history is refused there. */
import type * as z from "zod";
import type { HistoryHeader, HistoryOperation } from "./format.ts";
import type { HistoryError, Refusal } from "./history-error.ts";
import { findJsonBreak } from "./json-break.ts";
import { countLostNames } from "./lost-names.ts";
import { plainOperation } from "./plain-operation.ts";
import { headerSchema, operationSchemas } from "./schema.ts";
import { shapeRefusal, shown, unknownName } from "./shape-refusal.ts";
import { createWellFormedness } from "./well-formed.ts";

export interface HistoryReader {
  /** Takes the next line, with or without its line end. The first error stays: no line behind it is read. */
  push(line: string): HistoryError | null;
  /** There are no more lines. */
  end(): HistoryError | null;
  /** `null` until it was read. */
  header(): HistoryHeader | null;
  /** The operations read since the last call, so that a long history need not be held in memory. */
  take(): HistoryOperation[];
}

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refused };
type Refused = Refusal & { readonly column?: number };

const headerFields = ["highwater", "version", "subject", "contract", "profile"];
const operationFields = ["index", "time_ns", "process", "type", "f", "value", "error", "final"];
const headerExample = '{"highwater":"history","version":1,"subject":…,"contract":{…},"profile":…}';

/** With `seesValues` false, that values are unique is left to whoever takes the operations: a checker knows them anyway. */
export function createHistoryReader(seesValues = true): HistoryReader {
  const order = createWellFormedness(seesValues);
  let lines = 0;
  let error: HistoryError | null = null;
  let header: HistoryHeader | null = null;
  let operations: HistoryOperation[] = [];

  function refuse(refusal: Refused): HistoryError {
    const { code, message, hint, column = null } = refusal;
    error = { code, line: lines, column, message, hint };
    return error;
  }

  function pushOperation(line: string): HistoryError | null {
    const read = readOperation(line);
    if (!read.ok) return refuse(read.refusal);
    const refusal = order.check(read.value);
    if (refusal !== null) return refuse(refusal);
    operations.push(read.value);
    return null;
  }

  return {
    push(line) {
      if (error !== null) return error;
      lines++;
      if (header !== null) return pushOperation(line);
      const read = readHeader(line);
      if (!read.ok) return refuse(read.refusal);
      header = read.value;
      return null;
    },
    end() {
      if (error !== null || header !== null) return error;
      lines = 1;
      return refuse({
        code: "E_HISTORY_EMPTY",
        message: `expected a header, ${headerExample}; the file is empty`,
        hint: null,
      });
    },
    header: () => header,
    take() {
      const taken = operations;
      operations = [];
      return taken;
    },
  };
}

export type HistoryResult =
  | { readonly ok: true; readonly header: HistoryHeader; readonly operations: readonly HistoryOperation[] }
  | { readonly ok: false; readonly errors: readonly HistoryError[] };

/** Reads a whole file. Lines end with a line feed; the last one may do without. `errors` is the first line's that is wrong. */
export function readHistory(text: string): HistoryResult {
  const reader = createHistoryReader();
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf("\n", start);
    const end = feed === -1 ? text.length : feed;
    const error = reader.push(text.slice(start, end));
    if (error !== null) return { ok: false, errors: [error] };
    start = end + 1;
  }
  const error = reader.end();
  const header = reader.header();
  if (error !== null || header === null) return { ok: false, errors: error === null ? [] : [error] };
  return { ok: true, header, operations: reader.take() };
}

function readHeader(line: string): Read<HistoryHeader> {
  const json = readObject(line);
  if (!json.ok) return json;
  const { highwater, version } = json.value;
  if (highwater !== "history") {
    const found = "index" in json.value ? "an operation" : shown(highwater);
    const message = `highwater: expected a header, ${headerExample}; found ${found}`;
    return refused({ code: "E_HISTORY_HEADER", message, hint: "the first line of a history is its header" });
  }
  if (version !== 1) {
    const message = `version: expected 1, found ${shown(version)}`;
    return refused({ code: "E_HISTORY_VERSION", message, hint: "this program reads version 1 of the format" });
  }
  return readShape(line, json.value, headerSchema, headerFields);
}

function readOperation(line: string): Read<HistoryOperation> {
  const json = readObject(line);
  if (!json.ok) return json;
  const plain = plainOperation(line, json.value);
  if (plain !== null) return { ok: true, value: plain };
  const { f, type } = json.value;
  const schema = typeof f === "string" ? operationSchemas.get(f) : undefined;
  if (schema === undefined) return refused(unknownName("E_HISTORY_UNKNOWN_F", "f", f, [...operationSchemas.keys()]));
  const types = ["invoke", "ok", "fail", "info"];
  if (typeof type !== "string" || !types.includes(type)) {
    return refused(unknownName("E_HISTORY_UNKNOWN_TYPE", "type", type, types));
  }
  return readShape(line, json.value, schema, operationFields);
}

function readShape<T>(line: string, raw: object, schema: z.ZodType<T>, fields: readonly string[]): Read<T> {
  const parsed = schema.safeParse(raw);
  if (!parsed.success) return refused(shapeRefusal(parsed.error, raw, fields));
  if (countLostNames(line, parsed.data) > 0) {
    const message = "expected every name of an object once; found one twice, or the name __proto__";
    return refused({ code: "E_HISTORY_NAME_TWICE", message, hint: null });
  }
  return { ok: true, value: parsed.data };
}

function readObject(line: string): Read<Readonly<Record<string, unknown>>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return refused(brokenJson(line));
  }
  if (!isObject(value)) {
    const message = `expected an object on every line, found ${shown(value)}`;
    return refused({ code: "E_HISTORY_VALUE", message, hint: null });
  }
  return { ok: true, value };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function brokenJson(line: string): Refused {
  const { column, atEnd } = findJsonBreak(line) ?? { column: 1, atEnd: false };
  if (line.trim() === "") {
    return { code: "E_HISTORY_JSON", column: 1, message: "expected a JSON object, found an empty line", hint: null };
  }
  if (atEnd) {
    const hint = "was the recorder killed while it wrote? Without this line, what it began counts as unknown";
    return { code: "E_HISTORY_TRUNCATED", column, message: "the line breaks off within its JSON", hint };
  }
  const message = `expected JSON, found ${shown(line.slice(column - 1, column + 9))}`;
  return { code: "E_HISTORY_JSON", column, message, hint: null };
}

function refused(refusal: Refused): { readonly ok: false; readonly refusal: Refused } {
  return { ok: false, refusal };
}
