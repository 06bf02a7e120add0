/**
 * Reads JSON text (RFC 8259) and keeps where everything stands, so that an error can name line and column.
 * Refused beyond the RFC: a key that comes twice, numbers that would change by being read, very deep nesting.
 */

/** A value with the offset at which it begins, in UTF-16 code units from 0. */
export type LocatedJson =
  | { readonly kind: "object"; readonly at: number; readonly members: readonly LocatedMember[] }
  | { readonly kind: "array"; readonly at: number; readonly items: readonly LocatedJson[] }
  | { readonly kind: "scalar"; readonly at: number; readonly value: string | number | boolean | null };

interface LocatedMember {
  readonly key: string;
  /** Offset of the key. */
  readonly at: number;
  readonly value: LocatedJson;
}

type LocatedJsonResult =
  | { readonly ok: true; readonly root: LocatedJson }
  | { readonly ok: false; readonly at: number; readonly message: string };

export function readLocatedJson(text: string): LocatedJsonResult {
  try {
    const cursor: Cursor = { text, at: 0 };
    const root = readValue(cursor, 0);
    if (cursor.at < text.length) throw unexpected(cursor, "the end of the text");
    return { ok: true, root };
  } catch (error) {
    if (error instanceof ReadFailure) return { ok: false, at: error.at, message: error.message };
    throw error;
  }
}

/** The value alone. */
export function plainJson(located: LocatedJson): unknown {
  if (located.kind === "scalar") return located.value;
  if (located.kind === "array") return located.items.map(plainJson);
  return Object.fromEntries(located.members.map(({ key, value }) => [key, plainJson(value)]));
}

/** Where the value at the end of a path begins; where the path leads nowhere, the last value on the way. */
export function locate(root: LocatedJson, path: readonly PropertyKey[]): number {
  let at = root;
  for (const part of path) {
    const next: LocatedJson | undefined =
      at.kind === "object"
        ? at.members.find(({ key }) => key === part)?.value
        : at.kind === "array"
          ? at.items[Number(part)]
          : undefined;
    if (next === undefined) break;
    at = next;
  }
  return at.at;
}

/** Line and column of an offset, both from 1; a column counts UTF-16 code units. */
export function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
}

/** A limit far above any real file, and far below the depth at which the host's stack ends. */
const depthLimit = 200;

/** Stands before the next token; whitespace is behind it. */
interface Cursor {
  readonly text: string;
  at: number;
}

class ReadFailure extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

function readValue(cursor: Cursor, depth: number): LocatedJson {
  skipWhitespace(cursor);
  const at = cursor.at;
  if (depth > depthLimit) throw new ReadFailure(at, `more than ${depthLimit} values lie within each other`);
  const first = cursor.text[at] ?? "";
  let located: LocatedJson;
  if (first === "{") located = { kind: "object", at, members: readMembers(cursor, depth) };
  else if (first === "[") located = { kind: "array", at, items: readItems(cursor, depth) };
  else if (first === '"') located = { kind: "scalar", at, value: readString(cursor) };
  else if (first === "-" || (first >= "0" && first <= "9")) located = { kind: "scalar", at, value: readNumber(cursor) };
  else located = { kind: "scalar", at, value: readWord(cursor) };
  skipWhitespace(cursor);
  return located;
}

function readMembers(cursor: Cursor, depth: number): LocatedMember[] {
  const members: LocatedMember[] = [];
  const seen = new Set<string>();
  cursor.at += 1;
  skipWhitespace(cursor);
  if (takes(cursor, "}")) return members;
  while (true) {
    skipWhitespace(cursor);
    const at = cursor.at;
    if (cursor.text[at] !== '"') throw unexpected(cursor, "a key in double quotes");
    const key = readString(cursor);
    if (seen.has(key)) throw new ReadFailure(at, `the key ${JSON.stringify(key)} stands here a second time`);
    seen.add(key);
    skipWhitespace(cursor);
    if (!takes(cursor, ":")) throw unexpected(cursor, '":"');
    members.push({ key, at, value: readValue(cursor, depth + 1) });
    if (takes(cursor, "}")) return members;
    if (!takes(cursor, ",")) throw unexpected(cursor, '"," or "}"');
  }
}

function readItems(cursor: Cursor, depth: number): LocatedJson[] {
  const items: LocatedJson[] = [];
  cursor.at += 1;
  skipWhitespace(cursor);
  if (takes(cursor, "]")) return items;
  while (true) {
    items.push(readValue(cursor, depth + 1));
    if (takes(cursor, "]")) return items;
    if (!takes(cursor, ",")) throw unexpected(cursor, '"," or "]"');
  }
}

const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function readString(cursor: Cursor): string {
  const start = cursor.at;
  cursor.at += 1;
  while (!takes(cursor, '"')) {
    const character = cursor.text[cursor.at];
    if (character === undefined || character === "\n") throw unexpected(cursor, "the closing quote of a string");
    if (character < " ") throw unexpected(cursor, "an escape sequence for this control character");
    if (character !== "\\") cursor.at += 1;
    else if (!takesPattern(cursor, escapeSequence))
      throw unexpected(cursor, 'an escape sequence such as \\" \\\\ \\n \\u0041');
  }
  // The token is checked; the host decodes its escapes.
  return JSON.parse(cursor.text.slice(start, cursor.at));
}

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readNumber(cursor: Cursor): number {
  const start = cursor.at;
  if (!takesPattern(cursor, number)) throw unexpected(cursor, "a number");
  const token = cursor.text.slice(start, cursor.at);
  const value = Number(token);
  if (!Number.isFinite(value)) throw new ReadFailure(start, `the number ${token} is too large`);
  if (Object.is(value, -0)) throw new ReadFailure(start, `the number ${token} would be read as -0; write 0`);
  return value;
}

const words: readonly (readonly [string, boolean | null])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

function readWord(cursor: Cursor): boolean | null {
  for (const [word, value] of words) if (takes(cursor, word)) return value;
  throw unexpected(cursor, "a value");
}

function skipWhitespace(cursor: Cursor): void {
  takesPattern(cursor, /[ \t\r\n]*/y);
}

/** Goes past `token` if it stands here. */
function takes(cursor: Cursor, token: string): boolean {
  if (!cursor.text.startsWith(token, cursor.at)) return false;
  cursor.at += token.length;
  return true;
}

/** Goes past what the sticky `pattern` matches here. */
function takesPattern(cursor: Cursor, pattern: RegExp): boolean {
  pattern.lastIndex = cursor.at;
  if (!pattern.test(cursor.text)) return false;
  cursor.at = pattern.lastIndex;
  return true;
}

function unexpected(cursor: Cursor, expected: string): ReadFailure {
  const code = cursor.text.codePointAt(cursor.at);
  const found = code === undefined ? "the end of the text" : JSON.stringify(String.fromCodePoint(code));
  return new ReadFailure(cursor.at, `expected ${expected}, found ${found}`);
}
