/**
 * A machine's context is plain JSON data, and objects with the same keys have them in the same order: two equal states
 * are written alike, byte by byte, and none holds what JSON would drop.
 */
import { canonicalJson } from "../../../explore/canonical-json.ts";

export interface Plainness {
  /** Throws unless the value is plain, and in the order of all that this object has seen before. */
  check(value: unknown): void;
}

export function createPlainness(): Plainness {
  const orders = new Map<string, string>();
  const seen = new WeakSet<object>();

  function checkOrder(value: unknown): void {
    // What a step leaves as it is, it shares with the state before.
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (!Array.isArray(value)) {
      const keys = Object.keys(value);
      const order = keys.join(" ");
      const sorted = [...keys].sort().join(" ");
      const known = orders.get(sorted) ?? order;
      if (known !== order) throw new Error(`keys in another order than before: ${order}, not ${known}`);
      orders.set(sorted, order);
    }
    for (const inner of Object.values(value)) checkOrder(inner);
  }

  /** Without its members that have been checked before. */
  function unseenOf(value: unknown): unknown {
    if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    const members = Reflect.ownKeys(value).map((key): [PropertyKey, unknown] => {
      const member: unknown = Reflect.get(value, key);
      return [key, typeof member === "object" && member !== null && seen.has(member) ? null : member];
    });
    return Object.fromEntries(members);
  }

  return {
    check(value) {
      if (typeof value === "object" && value !== null && seen.has(value)) return;
      canonicalJson(unseenOf(value));
      checkOrder(value);
    },
  };
}
