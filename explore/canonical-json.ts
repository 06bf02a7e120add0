/**
 * One text for one value: JSON with sorted keys, for hashing and comparing states.
 *
 * Two different states must never become one, so whatever JSON would drop or round (a `Map`, `undefined`, `NaN`, `-0`,
 * a class instance, …) is refused with its path. The text parses back to an equal value.
 */
import { ExploreError } from "./explore-error.ts";

/** Keys are sorted by UTF-16 code units. Throws `E_NOT_PLAIN_JSON` for anything that is no plain JSON data. */
export function canonicalJson(value: unknown): string {
  return write(value, { keys: [], holders: [] });
}

/** Where the writer stands: the keys from the root down to the value, and the objects that hold it. */
interface Place {
  readonly keys: (string | number)[];
  readonly holders: object[];
}

function write(value: unknown, place: Place): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isFinite(value)) throw refusal(place, `${value}`);
      if (Object.is(value, -0)) throw refusal(place, "-0");
      return `${value}`;
    case "object":
      return value === null ? "null" : writeObject(value, place);
    default:
      throw refusal(place, value === undefined ? "undefined" : `a ${typeof value}`);
  }
}

function writeObject(value: object, place: Place): string {
  if (place.holders.includes(value)) throw refusal(place, "a cycle: the value holds itself");
  const prototype: unknown = Object.getPrototypeOf(value);
  place.holders.push(value);
  let text: string;
  if (Array.isArray(value) && prototype === Array.prototype) text = writeItems(value, place);
  else if (prototype === Object.prototype || prototype === null) text = writeMembers(value, place);
  else throw refusal(place, kindOf(value));
  place.holders.pop();
  return text;
}

function writeItems(items: readonly unknown[], place: Place): string {
  let text = "";
  for (let index = 0; index < items.length; index += 1) {
    if (!Object.hasOwn(items, index)) throw refusal(place, `a sparse array: it has no item ${index}`);
    text += `${index === 0 ? "" : ","}${writeMember(items, index, place)}`;
  }
  // The items and `length`; what is beyond them would be dropped.
  if (Reflect.ownKeys(items).length > items.length + 1) throw refusal(place, "an array with further properties");
  return `[${text}]`;
}

function writeMembers(members: object, place: Place): string {
  const keys = Reflect.ownKeys(members).map((key) => {
    if (typeof key === "symbol") throw refusal(place, `an object with a symbol as key: ${String(key)}`);
    return key;
  });
  let text = "";
  for (const key of keys.sort()) {
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${writeMember(members, key, place)}`;
  }
  return `{${text}}`;
}

function writeMember(holder: object, key: string | number, place: Place): string {
  place.keys.push(key);
  const property = Object.getOwnPropertyDescriptor(holder, key);
  if (property === undefined || !("value" in property)) throw refusal(place, "a getter or setter");
  if (!property.enumerable) throw refusal(place, "a hidden property (not enumerable)");
  const text = write(property.value, place);
  place.keys.pop();
  return text;
}

function kindOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "Object" ? `an instance of ${name}` : "an object with a prototype";
}

function refusal(place: Place, found: string): ExploreError {
  const path = place.keys.map((key) => (typeof key === "number" ? `[${key}]` : step(key))).join("");
  return new ExploreError(
    "E_NOT_PLAIN_JSON",
    `$${path} is ${found}. Only plain JSON data is allowed here: null, booleans, finite numbers, strings, and arrays and objects of these.`,
  );
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
