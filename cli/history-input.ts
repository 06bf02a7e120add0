/** A history from a file or from standard input, read in one pass: chunk by chunk, its operations handed over as they come. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { createEdnHistoryReader } from "../spec/history/edn/edn-history-reader.ts";
import type { HistoryHeader, HistoryOperation } from "../spec/history/format.ts";
import type { HistoryError, Refusal } from "../spec/history/history-error.ts";
import { createHistoryReader } from "../spec/history/read-history.ts";
import { CliError } from "./cli-error.ts";

/** A line of ours, or one form of Jepsen's, is never longer; a file without line feeds would fill the memory. */
const lineMax = 64 * 1024 * 1024;

const chunkBytes = 64 * 1024;

export interface HistorySink {
  /** Once, before any operation; a history of Jepsen's has none. Throws to stop. */
  header(header: HistoryHeader | null): void;
  /** What is wrong with it, or `null`. Looks after values that are sent twice. */
  operation(operation: HistoryOperation): Refusal | null;
}

/** Throws `CliError` for what is wrong with the file. `file` is `-` for `input`. */
export async function readHistoryFrom(
  file: string,
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sink: HistorySink,
): Promise<void> {
  const chunks = file === "-" ? input : open(file);
  const isEdn = file.endsWith(".edn");
  let feed: ((text: string, isLast: boolean) => void) | null = isEdn ? ednFeed(file, sink) : null;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new CliError(
        "E_HISTORY_NOT_TEXT",
        `${file} is not UTF-8 text`,
        "is it compressed, or Jepsen's binary test.jepsen?",
      );
    }
  };
  let head = "";
  try {
    for await (const bytes of chunks) {
      head += decode(bytes);
      // Two characters tell the formats apart.
      if (feed === null && !/\S\s*\S/.test(head)) continue;
      feed ??= looksLikeEdn(head) ? ednFeed(file, sink) : linesFeed(file, sink);
      const text = head;
      head = "";
      feed(text, false);
    }
  } catch (cause) {
    if (cause instanceof CliError || !(cause instanceof Error && "code" in cause)) throw cause;
    throw new CliError("E_UNREADABLE", `${file} cannot be read: ${String(cause.code)}`);
  }
  feed ??= linesFeed(file, sink);
  feed(head + decode(undefined), true);
}

/**
 * Chunks of the file, each good until the next one is asked for. They are small, and all in one place: with many large
 * ones, all that is remembered of a long history would be looked through again and again for garbage.
 */
function* chunksOf(file: string): Generator<Uint8Array> {
  const handle = openSync(file, "r");
  try {
    const chunk = new Uint8Array(chunkBytes);
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk)) yield chunk.subarray(0, read);
  } finally {
    closeSync(handle);
  }
}

function open(file: string): Iterable<Uint8Array> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new CliError("E_NO_SUCH_FILE", `there is no file ${file}`);
  if (stat.isDirectory()) throw new CliError("E_UNREADABLE", `${file} is a folder, not a history`);
  return chunksOf(file);
}

/** What comes from a pipe has no name to tell it by: a JSON line of ours begins with the header's first name. */
function looksLikeEdn(text: string): boolean {
  return /^\s*(?:[[;#]|\{\s*:)/.test(text);
}

function linesFeed(file: string, sink: HistorySink) {
  const reader = createHistoryReader(false);
  let rest = "";
  let hasHeader = false;
  const push = (line: string) => {
    const error = reader.push(line);
    if (error !== null) throw historyError(file, error);
    const header = reader.header();
    if (!hasHeader && header !== null) {
      hasHeader = true;
      sink.header(header);
    }
    for (const operation of reader.take()) {
      const refusal = sink.operation(operation);
      // The header stands before the operations, and lines are counted from 1.
      if (refusal !== null) throw historyError(file, { ...refusal, line: operation.index + 2, column: null });
    }
  };
  return (text: string, isLast: boolean) => {
    const all = rest === "" ? text : rest + text;
    let start = 0;
    for (let feed = all.indexOf("\n"); feed !== -1; feed = all.indexOf("\n", start)) {
      push(all.slice(start, feed));
      start = feed + 1;
    }
    rest = all.slice(start);
    if (rest.length > lineMax)
      throw new CliError("E_HISTORY_JSON", `${file}: expected lines, found one of more than 64 MiB`);
    if (!isLast) return;
    if (rest !== "") push(rest);
    const error = reader.end();
    if (error !== null) throw historyError(file, error);
  };
}

function ednFeed(file: string, sink: HistorySink) {
  const reader = createEdnHistoryReader();
  sink.header(null);
  return (text: string, isLast: boolean) => {
    const error = reader.push(text) ?? (isLast ? reader.end() : null);
    for (const operation of reader.take()) sink.operation(operation);
    if (error !== null) throw historyError(file, error);
  };
}

function historyError(file: string, { code, line, column, message, hint }: HistoryError): CliError {
  const name = file === "-" ? "<stdin>" : file;
  return new CliError(code, `${name}:${line}:${column ?? 1} ${message}`, hint);
}

/** No input at all. */
export async function* emptyInput(): AsyncGenerator<Uint8Array> {}
