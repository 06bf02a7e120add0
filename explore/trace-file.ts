/**
 * Trace files: one run, written down so that it can be repeated, whoever found it and wherever. It is JSON with a fixed
 * order of fields and one choice a line, so that two traces can be compared line by line.
 */
import { canonicalJson } from "./canonical-json.ts";
import { type LocatedJson, lineAndColumn, plainJson, readLocatedJson } from "./located-json.ts";

/** The content of a trace file, version 1. */
export interface Trace {
  readonly highwater: "trace";
  readonly version: 1;
  /** The profile (behaviour of which release) of the run. */
  readonly profile: string;
  /** Hash of the model that ran. */
  readonly model: string;
  /** What the run was configured with: plain JSON data. */
  readonly config: unknown;
  /** The labels of the choices, in order. */
  readonly choices: readonly string[];
  /** Trace hash of the run. */
  readonly hash: string;
}

const fields = ["highwater", "version", "profile", "model", "config", "choices", "hash"] as const;
type Field = (typeof fields)[number];

type TraceErrorCode =
  | "E_TRACE_EMPTY"
  | "E_TRACE_JSON"
  | "E_TRACE_KIND"
  | "E_TRACE_VERSION"
  | "E_TRACE_UNKNOWN_FIELD"
  | "E_TRACE_MISSING_FIELD"
  | "E_TRACE_TYPE"
  | "E_TRACE_MODEL";

interface TraceError {
  readonly code: TraceErrorCode;
  /** From 1; `null` where the error has no place in the text. */
  readonly line: number | null;
  /** From 1, in UTF-16 code units; `null` where the error has no place in the text. */
  readonly column: number | null;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

type TraceResult = { readonly ok: true; readonly trace: Trace } | { readonly ok: false; readonly error: TraceError };

/** The text of a trace file. Throws `E_NOT_PLAIN_JSON` for a configuration that is no plain JSON data. */
export function writeTrace(trace: Trace): string {
  const choices = trace.choices.map((choice) => `\n    ${JSON.stringify(choice)}`).join(",");
  const lines = [
    `"highwater": ${JSON.stringify(trace.highwater)}`,
    `"version": ${trace.version}`,
    `"profile": ${JSON.stringify(trace.profile)}`,
    `"model": ${JSON.stringify(trace.model)}`,
    `"config": ${canonicalJson(trace.config)}`,
    `"choices": [${choices === "" ? "" : `${choices}\n  `}]`,
    `"hash": ${JSON.stringify(trace.hash)}`,
  ];
  return `{\n  ${lines.join(",\n  ")}\n}\n`;
}

/** Reads a trace file strictly: what it does not know it refuses. The first error in the text's way is reported. */
export function parseTrace(text: string): TraceResult {
  try {
    if (text.trim() === "") {
      throw new TraceFailure("E_TRACE_EMPTY", null, "The trace file is empty.", "Was it written to its end?");
    }
    const read = readLocatedJson(text);
    if (!read.ok) {
      const hint = "A trace file is one JSON document. Was it cut off, merged or edited by hand?";
      throw new TraceFailure("E_TRACE_JSON", read.at, `The trace file is not valid JSON: ${read.message}.`, hint);
    }
    return { ok: true, trace: traceFrom(read.root) };
  } catch (error) {
    if (!(error instanceof TraceFailure)) throw error;
    const { code, message, hint } = error;
    const place = error.at === null ? { line: null, column: null } : lineAndColumn(text, error.at);
    return { ok: false, error: { code, ...place, message, hint } };
  }
}

/** `null` if the trace was recorded with this model; otherwise an error, for its labels may mean something else now. */
export function checkModel(trace: Trace, modelHash: string): TraceError | null {
  if (trace.model === modelHash) return null;
  return {
    code: "E_TRACE_MODEL",
    line: null,
    column: null,
    message: `The trace was recorded with model ${JSON.stringify(trace.model)}; this is model ${JSON.stringify(modelHash)}.`,
    hint: "Replay it with the version of highwater that recorded it, or find the run again with this one.",
  };
}

class TraceFailure extends Error {
  readonly code: TraceErrorCode;
  /** Offset in the text. */
  readonly at: number | null;
  readonly hint: string;

  constructor(code: TraceErrorCode, at: number | null, message: string, hint: string) {
    super(message);
    this.code = code;
    this.at = at;
    this.hint = hint;
  }
}

function traceFrom(root: LocatedJson): Trace {
  if (root.kind !== "object") throw noTrace(root, "The file holds no JSON object.");
  const values = new Map(root.members.map(({ key, value }) => [key, value]));
  const kind = values.get("highwater");
  if (kind === undefined) throw noTrace(root, 'The file has no field "highwater".');
  if (kind.kind !== "scalar" || kind.value !== "trace") throw noTrace(kind, 'The field "highwater" is not "trace".');
  // Before anything else: another version may have other fields.
  const version = required(root, values, "version");
  if (version.kind !== "scalar" || version.value !== 1) {
    const found = JSON.stringify(plainJson(version));
    const hint = "Replay it with the version of highwater that recorded it.";
    throw new TraceFailure("E_TRACE_VERSION", version.at, `Trace version ${found} is unknown; expected 1.`, hint);
  }
  const known: readonly string[] = fields;
  for (const { key, at } of root.members) {
    if (known.includes(key)) continue;
    const hint = `The fields of a trace are ${fields.join(", ")}.`;
    throw new TraceFailure("E_TRACE_UNKNOWN_FIELD", at, `A trace has no field ${JSON.stringify(key)}.`, hint);
  }
  return {
    highwater: "trace",
    version: 1,
    profile: stringOf(required(root, values, "profile"), "profile"),
    model: stringOf(required(root, values, "model"), "model"),
    config: plainJson(required(root, values, "config")),
    choices: stringsOf(required(root, values, "choices"), "choices"),
    hash: stringOf(required(root, values, "hash"), "hash"),
  };
}

function noTrace(located: LocatedJson, message: string): TraceFailure {
  const hint = 'A trace file begins with { "highwater": "trace", "version": 1. Is this another kind of file?';
  return new TraceFailure("E_TRACE_KIND", located.at, message, hint);
}

function required(root: LocatedJson, values: ReadonlyMap<string, LocatedJson>, field: Field): LocatedJson {
  const value = values.get(field);
  if (value !== undefined) return value;
  const hint = `A trace needs all of ${fields.join(", ")}.`;
  throw new TraceFailure("E_TRACE_MISSING_FIELD", root.at, `The trace has no field "${field}".`, hint);
}

function stringsOf(located: LocatedJson, path: string): string[] {
  if (located.kind !== "array") throw wrongType(located, path, "a list of strings");
  return located.items.map((item, index) => stringOf(item, `${path}[${index}]`));
}

function stringOf(located: LocatedJson, path: string): string {
  if (located.kind === "scalar" && typeof located.value === "string") return located.value;
  throw wrongType(located, path, "a string");
}

function wrongType(located: LocatedJson, path: string, expected: string): TraceFailure {
  const found = located.kind === "scalar" ? JSON.stringify(located.value) : `an ${located.kind}`;
  const hint = "Trace files are written by highwater; record the run again rather than edit them by hand.";
  return new TraceFailure("E_TRACE_TYPE", located.at, `"${path}" is ${found}; expected ${expected}.`, hint);
}
