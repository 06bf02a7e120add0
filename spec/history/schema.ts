/**
 * The shape of a history's lines, one schema for the header and one for each operation. Objects are strict: an unknown
 * field is refused. What a line must be after the lines before it stands in `well-formed.ts`.
 */
import * as z from "zod";
import { parseTopicPartition } from "../vocabulary.ts";
import type { HistoryHeader, HistoryOperation, Json } from "./format.ts";

/** Marks an issue about a key, so that it gets a code of its own. */
export const notAKey = "not a key";

const contractDepthMax = 64;

const key = z.string().refine((text) => parseTopicPartition(text) !== null, { params: { problem: notAKey } });
const whole = z.int().min(0);
const generation = z.int().min(-1);
const sentRecords = z.array(
  z.strictObject({
    key,
    value: z.string(),
    offset: whole.exactOptional(),
    partitionKey: z.string().nullable().exactOptional(),
  }),
);
const polledRecords = z.record(key, z.array(z.tuple([whole, z.string(), whole.exactOptional()])));
const transactionStep = z.union([z.strictObject({ send: sentRecords }), z.strictObject({ poll: polledRecords })]);
const askedOffsets = z.record(key, whole.nullable());
const offsets = z.record(key, whole);
const keys = z.array(key);
const fault = z.strictObject({ kind: z.string(), target: z.string() });

export const headerSchema: z.ZodType<HistoryHeader> = z.strictObject({
  highwater: z.literal("history"),
  version: z.literal(1),
  subject: z.string(),
  // Not a recursive schema: it would exhaust the stack where an input nests deep.
  contract: z.custom<Readonly<Record<string, Json>>>(isContract, `an object, at most ${contractDepthMax} levels deep`),
  profile: z.string(),
});

/** By `f`, in the order of the format. */
export const operationSchemas: ReadonlyMap<string, z.ZodType<HistoryOperation>> = new Map<
  string,
  z.ZodType<HistoryOperation>
>([
  ["send", operation("send", sentRecords)],
  ["poll", operation("poll", polledRecords).extend({ final: z.literal(true).exactOptional() })],
  ["txn", operation("txn", z.array(transactionStep))],
  [
    "commit",
    operation("commit", z.strictObject({ group: z.string(), generation: generation.exactOptional(), offsets })),
  ],
  [
    "committed",
    operation(
      "committed",
      z.strictObject({ group: z.string(), generation: generation.exactOptional(), offsets: askedOffsets }),
    ),
  ],
  [
    "subscribe",
    operation("subscribe", z.strictObject({ group: z.string(), generation: generation.exactOptional(), keys })),
  ],
  [
    "assign",
    operation(
      "assign",
      z.strictObject({ group: z.string().exactOptional(), generation: generation.exactOptional(), keys }),
    ),
  ],
  ["assignment", operation("assignment", z.strictObject({ group: z.string(), generation, keys }))],
  ["seek", operation("seek", offsets)],
  ["delete-records", operation("delete-records", offsets)],
  ["latest", operation("latest", askedOffsets)],
  ["crash", operation("crash", z.null())],
  ["restart", operation("restart", z.null())],
  ["fault", operation("fault", fault)],
  ["heal", operation("heal", fault.nullable())],
]);

/** The fields that every operation has, in the order in which they are written. */
function operation<F extends string, Value extends z.ZodType>(f: F, value: Value) {
  return z.strictObject({
    index: whole,
    time_ns: whole,
    process: z.string().regex(/^[^/]+(?:\/.+)?$/, "a client's name, or a client's name, a slash and more"),
    type: z.enum(["invoke", "ok", "fail", "info"]),
    f: z.literal(f),
    value,
    error: z.string().exactOptional(),
  });
}

/** Presumes that `value` came out of a JSON text. */
function isContract(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= contractDepthMax; depth++) {
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
    if (level.length === 0) return true;
  }
  return false;
}
