/**
 * The short way to read a line: the two operations that make up nearly all of a history, a send and a poll, are looked
 * through by hand. Whatever is unusual in any way is left to the schema, which has the words for it; what is taken here
 * the schema would take too, and leave as it is.
 */
import type { HistoryOperation } from "./format.ts";

const types = ["invoke", "ok", "fail", "info"];

const keyPattern = /^[A-Za-z0-9._-]+-(?:0|[1-9][0-9]*)$/;

/** Keys that were found to be right before: a history has few, over and over. */
const knownKeys = new Set<string>();
const knownKeysMax = 100_000;

/** The operation of a line and of the value that was parsed from it; `null`: ask the schema. */
export function plainOperation(line: string, raw: Readonly<Record<string, unknown>>): HistoryOperation | null {
  const { index, time_ns, process, type, f, value } = raw;
  if (!isWhole(index) || !isWhole(time_ns) || typeof type !== "string" || !types.includes(type)) return null;
  if (typeof process !== "string" || process === "" || process.includes("/")) return null;
  const own = Object.keys(raw).length;
  const hasFinal = f === "poll" && raw["final"] === true;
  const hasError = typeof raw["error"] === "string";
  if (own !== 6 + (hasFinal ? 1 : 0) + (hasError ? 1 : 0)) return null;
  const inside = f === "send" ? namesOfSend(value) : f === "poll" ? namesOfPoll(value) : -1;
  // Every name of the text must be in the value, or one of two equal ones was lost.
  if (inside === -1 || namesIn(line) !== own + inside) return null;
  return raw as unknown as HistoryOperation;
}

/** How many names the records have; -1 where one is not plain. */
function namesOfSend(value: unknown): number {
  if (!Array.isArray(value)) return -1;
  let names = 0;
  for (const record of value as readonly unknown[]) {
    if (typeof record !== "object" || record === null) return -1;
    const { key, value: sent, offset } = record as Readonly<Record<string, unknown>>;
    const own = offset === undefined ? 2 : 3;
    if (!isKey(key) || typeof sent !== "string" || (own === 3 && !isWhole(offset))) return -1;
    if (Object.keys(record).length !== own) return -1;
    names += own;
  }
  return names;
}

function namesOfPoll(value: unknown): number {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return -1;
  let names = 0;
  for (const [key, records] of Object.entries(value)) {
    if (!isKey(key) || !Array.isArray(records)) return -1;
    for (const record of records as readonly unknown[]) {
      if (!Array.isArray(record) || record.length !== 2 || !isWhole(record[0]) || typeof record[1] !== "string")
        return -1;
    }
    names += 1;
  }
  return names;
}

function isWhole(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

function isKey(value: unknown): boolean {
  if (typeof value !== "string") return false;
  if (knownKeys.has(value)) return true;
  if (!keyPattern.test(value)) return false;
  if (knownKeys.size < knownKeysMax) knownKeys.add(value);
  return true;
}

/** The names in a text without escapes and without blanks behind quotes; -1 where it has such. */
function namesIn(line: string): number {
  if (line.includes("\\") || /"\s/.test(line)) return -1;
  let names = 0;
  for (let at = line.indexOf('":'); at !== -1; at = line.indexOf('":', at + 2)) names += 1;
  return names;
}
