/** One thing that was not as expected, and how several are shown together. */
import type { Json } from "../../spec/history/format.ts";
import type { Path } from "../json.ts";
import { isList, sameJson } from "../json.ts";

/** `path` leads from the expectation's own map to the value. */
export interface Mismatch {
  readonly path: Path;
  readonly expected: Json;
  readonly seen: Json;
}

/** Exactly the same; or, for `{ includes: […] }`, each item as often as it is named, in any order. */
export function matches(expected: Json, seen: Json): boolean {
  const part =
    typeof expected === "object" && expected !== null && !isList(expected) ? expected["includes"] : undefined;
  if (!isList(part)) return sameJson(expected, seen);
  if (!isList(seen)) return false;
  const count = (list: readonly Json[], item: Json) => list.filter((other) => sameJson(item, other)).length;
  return part.every((item) => count(part, item) <= count(seen, item));
}

/** No mismatch, or one. */
export function compare(path: Path, expected: Json, seen: Json): readonly Mismatch[] {
  return matches(expected, seen) ? [] : [{ path, expected, seen }];
}

/** Puts the mismatches back into the form of the file: `{ high-watermark: { orders-0: 3 } }`. */
export function nested(mismatches: readonly Mismatch[], side: "expected" | "seen"): Json {
  const [first] = mismatches;
  if (first === undefined || first.path.length === 0) return first === undefined ? {} : first[side];
  const keys = [...new Set(mismatches.map(({ path }) => String(path[0])))];
  const under = (key: string) =>
    mismatches
      .filter(({ path }) => String(path[0]) === key)
      .map((mismatch) => ({ ...mismatch, path: mismatch.path.slice(1) }));
  return Object.fromEntries(keys.map((key) => [key, nested(under(key), side)]));
}
