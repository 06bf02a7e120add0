/**
 * Reads EDN (https://github.com/edn-format/edn) as far as Jepsen writes it, while it arrives: a form is handed over as
 * soon as it is closed. Of a top-level vector, and of the vector under `:history` in a top-level map, each element is
 * handed over by itself, so that a long history is never held as a whole. Tags and metadata are dropped, `#_` and comments
 * are skipped. Nothing recurses.
 */
import type { Refusal } from "../history-error.ts";
import { shown } from "../shape-refusal.ts";

export interface EdnKeyword {
  readonly keyword: string;
}

export interface EdnMap {
  readonly entries: readonly (readonly [Edn, Edn])[];
}

/** Symbols and characters are texts; lists, vectors and sets are arrays. */
export type Edn = null | boolean | number | string | EdnKeyword | EdnMap | readonly Edn[];

export type EdnRefusal = Refusal & { readonly line: number; readonly column: number };

export interface EdnReader {
  /** Takes more of the text; what is wrong with it, or `null`. */
  push(text: string): EdnRefusal | null;
  /** There is no more. */
  end(): EdnRefusal | null;
  /** The forms that were closed since the last call, each with the line on which it began. */
  take(): { readonly form: Edn; readonly line: number }[];
}

interface Frame {
  readonly kind: "vector" | "map" | "tag" | "discard";
  readonly closer: string;
  readonly line: number;
  readonly column: number;
  readonly items: Edn[];
  /** Its elements are handed over one by one. */
  isOpen: boolean;
}

/** A token longer than this is no history. */
const tokenMax = 1 << 20;
const depthMax = 512;

const blank = /[\s,]+/y;
const comment = /;[^\n]*/y;
const atom = /[^\s,()[\]{}";]+/y;
const closers: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}", "#{": "}" };

export function createEdnReader(): EdnReader {
  const frames: Frame[] = [];
  let forms: { readonly form: Edn; readonly line: number }[] = [];
  let rest = "";
  let [line, column] = [1, 1];

  const refuse = (message: string, hint: string | null = null, code: Refusal["code"] = "E_HISTORY_EDN"): EdnRefusal => {
    return { code, message, hint, line, column };
  };

  /** Moves past a token that may hold line feeds. */
  function pass(token: string): void {
    const feed = token.lastIndexOf("\n");
    if (feed === -1) column += token.length;
    else {
      for (let at = token.indexOf("\n"); at !== -1; at = token.indexOf("\n", at + 1)) line += 1;
      column = token.length - feed;
    }
  }

  /** A form is closed: it goes to what holds it, or out. */
  function close(form: Edn, began: number): void {
    for (let top = frames.at(-1); top?.kind === "tag" || top?.kind === "discard"; top = frames.at(-1)) {
      frames.pop();
      if (top.kind === "discard") return;
    }
    const top = frames.at(-1);
    if (top === undefined || top.isOpen) forms.push({ form, line: began });
    else top.items.push(form);
  }

  function open(opener: string): EdnRefusal | null {
    if (frames.length >= depthMax) return refuse(`expected at most ${depthMax} levels, found more`);
    const kind = opener === "{" ? "map" : "vector";
    const holders = frames.filter((frame) => frame.kind === "vector" || frame.kind === "map");
    const [root] = holders;
    const last = root?.items.at(-1);
    const isHistory =
      holders.length === 1 && root?.kind === "map" && root.items.length % 2 === 1 && isKeyword(last, "history");
    const isOpen =
      !frames.some((frame) => frame.kind === "discard") &&
      kind === "vector" &&
      opener !== "#{" &&
      (holders.length === 0 || isHistory);
    frames.push({ kind, closer: closers[opener] ?? "", line, column, items: [], isOpen });
    return null;
  }

  /** What was handed over piece by piece is not handed over again; its tags go with it. */
  function leave(): null {
    while (frames.at(-1)?.kind === "tag") frames.pop();
    return null;
  }

  function shut(closer: string): EdnRefusal | null {
    const top = frames.at(-1);
    if (top === undefined || top.closer !== closer) {
      return refuse(`expected ${top === undefined ? "a form" : top.closer || "a form"}, found ${closer}`);
    }
    if (top.kind === "map" && top.items.length % 2 === 1) return refuse("expected a value for every key of the map");
    frames.pop();
    // The whole of what was handed over piece by piece says nothing more; in the map of a test it stands for itself.
    const isRoot = !frames.some((frame) => frame.kind === "vector" || frame.kind === "map");
    if (top.isOpen && isRoot) return leave();
    if (isRoot && top.kind === "map" && hasHistory(top.items) && frames.every(({ kind }) => kind === "tag"))
      return leave();
    close(top.kind === "map" ? { entries: pairs(top.items) } : top.items, top.line);
    return null;
  }

  /** One token at a place: how long it is, 0 where it is not complete, and what is wrong with it. */
  function step(
    text: string,
    at: number,
    isLast: boolean,
  ): { readonly length: number; readonly wrong: EdnRefusal | null } {
    const character = text[at] ?? "";
    const done = (length: number, wrong: EdnRefusal | null = null) => ({ length, wrong });
    if (character === '"') return string(text, at, isLast);
    if (character === ";") {
      const length = match(comment, text, at);
      return done(at + length === text.length && !isLast ? 0 : length);
    }
    if ("[({".includes(character)) return done(1, open(character));
    if ("])}".includes(character)) return done(1, shut(character));
    if (character === "^") {
      frames.push({ kind: "discard", closer: "", line, column, items: [], isOpen: false });
      return done(1);
    }
    if (character === "#") return dispatch(text, at, isLast);
    const length = Math.max(match(atom, text, at), character === "\\" ? 2 : 0);
    if (length === 0) return done(1, refuse(`expected a form, found ${shown(character)}`));
    if (at + length >= text.length && !isLast) return done(0);
    const token = text.slice(at, at + length);
    const value = atomOf(token);
    if (value === undefined)
      return done(length, refuse(`expected a number, a keyword or a symbol, found ${shown(token)}`));
    close(value, line);
    return done(length);
  }

  function dispatch(text: string, at: number, isLast: boolean) {
    const next = text[at + 1];
    if (next === undefined)
      return isLast ? { length: 1, wrong: refuse("expected a form after #") } : { length: 0, wrong: null };
    if (next === "{") return { length: 2, wrong: open("#{") };
    const frame = { closer: "", line, column, items: [], isOpen: false };
    if (next === "_") {
      frames.push({ kind: "discard", ...frame });
      return { length: 2, wrong: null };
    }
    if (next === "#") {
      const length = match(atom, text, at);
      if (at + length >= text.length && !isLast) return { length: 0, wrong: null };
      close(text.slice(at, at + length), line);
      return { length, wrong: null };
    }
    const length = match(atom, text, at);
    if (at + length >= text.length && !isLast) return { length: 0, wrong: null };
    frames.push({ kind: "tag", ...frame });
    return { length, wrong: null };
  }

  function string(text: string, at: number, isLast: boolean) {
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    if (end >= text.length) {
      if (!isLast) return { length: 0, wrong: null };
      return { length: text.length - at, wrong: refuse("the string has no end", null, "E_HISTORY_TRUNCATED") };
    }
    close(unescaped(text.slice(at + 1, end)), line);
    return { length: end + 1 - at, wrong: null };
  }

  function run(text: string, isLast: boolean): EdnRefusal | null {
    let at = 0;
    while (at < text.length) {
      const gap = match(blank, text, at);
      if (gap > 0) {
        pass(text.slice(at, at + gap));
        at += gap;
        continue;
      }
      const { length, wrong } = step(text, at, isLast);
      if (wrong !== null) return wrong;
      if (length === 0) break;
      pass(text.slice(at, at + length));
      at += length;
    }
    rest = text.slice(at);
    return rest.length > tokenMax ? refuse("expected EDN, found a token of more than a million characters") : null;
  }

  return {
    push: (text) => run(rest + text, false),
    end() {
      const wrong = run(rest, true);
      const top = frames.at(-1);
      if (wrong !== null || top === undefined) return wrong;
      const what = top.closer === "" ? "a form" : `${top.closer} for what line ${top.line} opens`;
      const hint = "was the recorder killed while it wrote?";
      return refuse(`the text breaks off: expected ${what}`, hint, "E_HISTORY_TRUNCATED");
    },
    take() {
      const taken = forms;
      forms = [];
      return taken;
    },
  };
}

export function isKeyword(form: Edn | undefined, name: string): boolean {
  return typeof form === "object" && form !== null && "keyword" in form && form.keyword === name;
}

/** The value of a keyword in a map; `undefined` where it has none. */
export function fieldOf(form: Edn, name: string): Edn | undefined {
  if (!isMap(form)) return undefined;
  return form.entries.find(([key]) => isKeyword(key, name))?.[1];
}

export function isMap(form: Edn): form is EdnMap {
  return typeof form === "object" && form !== null && !Array.isArray(form) && "entries" in form;
}

function hasHistory(items: readonly Edn[]): boolean {
  return items.some((item, place) => place % 2 === 0 && isKeyword(item, "history"));
}

function pairs(items: readonly Edn[]): (readonly [Edn, Edn])[] {
  const found: (readonly [Edn, Edn])[] = [];
  for (let place = 0; place + 1 < items.length; place += 2)
    found.push([items[place] ?? null, items[place + 1] ?? null]);
  return found;
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function atomOf(token: string): Edn | undefined {
  if (token === "nil") return null;
  if (token === "true" || token === "false") return token === "true";
  if (token.startsWith(":")) return token.length > 1 ? { keyword: token.slice(1) } : undefined;
  if (token.startsWith("\\")) return token.slice(1);
  if (!/^[+-]?[0-9]/.test(token)) return token;
  const [, digits] = /^([+-]?[0-9]+)N?$/.exec(token) ?? [];
  if (digits !== undefined) {
    const number = Number(digits);
    // A number that a JSON number cannot hold exactly may still be a value: it is kept as it is written.
    return Number.isSafeInteger(number) ? number : digits;
  }
  const [, decimal] = /^([+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)M?$/.exec(token) ?? [];
  return decimal === undefined ? undefined : Number(decimal);
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  const named: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, escaped: string) =>
    escaped.length === 5 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : (named[escaped] ?? escaped),
  );
}
