/**
 * Where a text stops being JSON (RFC 8259). `JSON.parse` says it in words that differ between engines and sometimes
 * not at all, so the broken line of a history is gone through once more.
 */

export interface JsonBreak {
  /** The first character that cannot stand there, counted from 1; one past the last where something is missing. */
  readonly column: number;
  /** Is the text right as far as it goes, and only not finished? */
  readonly atEnd: boolean;
}

/** What may come next. "first" is after an opening bracket, where the closing one may stand too. */
type Next = "value" | "first value" | "name" | "first name" | "colon" | "comma or end" | "nothing";

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const literals = ["true", "false", "null"];

/** `null` if `text` is one JSON value. Does not recurse, so that no depth of nesting can exhaust the stack. */
export function findJsonBreak(text: string): JsonBreak | null {
  const open: ("[" | "{")[] = [];
  let next: Next = "value";
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const character = text[at] ?? "";
    const top = open.at(-1);
    let end: number;
    if ((character === "]" && top === "[") || (character === "}" && top === "{")) {
      const closes = next === "comma or end" || next === (top === "[" ? "first value" : "first name");
      if (!closes) return { column: at + 1, atEnd: false };
      open.pop();
      next = afterValue(open);
      end = at + 1;
    } else if (next === "colon" || next === "comma or end" || next === "nothing") {
      if (next === "nothing" || character !== (next === "colon" ? ":" : ",")) return { column: at + 1, atEnd: false };
      next = next === "comma or end" && top === "{" ? "name" : "value";
      end = at + 1;
    } else if (next === "name" || next === "first name") {
      if (character !== '"') return { column: at + 1, atEnd: false };
      end = endOfString(text, at);
      next = "colon";
    } else if (character === "[" || character === "{") {
      open.push(character);
      next = character === "[" ? "first value" : "first name";
      end = at + 1;
    } else {
      end = endOfScalar(text, at);
      next = afterValue(open);
    }
    if (end < 0) return { column: -end, atEnd: -end > text.length };
    at = skipBlanks(text, end);
  }
  return next === "nothing" ? null : { column: text.length + 1, atEnd: true };
}

function afterValue(open: readonly string[]): Next {
  return open.length === 0 ? "nothing" : "comma or end";
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text[at] ?? "")) at++;
  return at;
}

/** The index behind the scalar, or the column of the break, negated. */
function endOfScalar(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  for (const literal of literals) {
    if (text.startsWith(literal, start)) return start + literal.length;
    if (literal.startsWith(text.slice(start))) return -(text.length + 1);
  }
  number.lastIndex = start;
  const found = number.exec(text)?.[0];
  if (found !== undefined) return start + found.length;
  return text.slice(start) === "-" ? -(text.length + 1) : -(start + 1);
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (character === '"') return at + 1;
    if (character < " ") return -(at + 1);
    if (character === "\\") {
      const escaped = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))?.[0];
      if (escaped === undefined) {
        const cut = /^\\(?:u[0-9a-fA-F]{0,3})?$/.test(text.slice(at));
        return cut ? -(text.length + 1) : -(at + 1);
      }
      at += escaped.length;
    } else at++;
  }
  return -(text.length + 1);
}
