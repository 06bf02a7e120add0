/** Comparing JSON values: expectations are written in them, and so is what a subject is seen to show. */
import type { Json } from "../spec/history/format.ts";

/** Where something stands inside a document: keys and list positions, from the top. */
export type Path = readonly (string | number)[];

/** Are two JSON values the same, whatever the order of their keys? */
export function sameJson(a: Json, b: Json): boolean {
  if (isList(a) || isList(b)) {
    return (
      isList(a) && isList(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index] ?? null))
    );
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key] ?? null, b[key] ?? null));
}

/** Is it a list? (`Array.isArray` does not narrow readonly arrays.) */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
