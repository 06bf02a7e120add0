/** What a program may answer, by operation: see `docs/subject-protocol.md`. */
import * as z from "zod";
import { type Capability, capabilities } from "../../spec/subject.ts";

const outcome = z.enum(["ok", "fail", "unknown"]);
const offset = z.int().min(0);

/** How a call ended; `ok` where nothing is said. */
const call = { outcome: outcome.default("ok"), error: z.string().nullable().default(null) };

const names = Object.keys(capabilities) as [Capability, ...Capability[]];

const partition = z.strictObject({
  partition: z.string(),
  leader: z.int().nullable().optional(),
  leaderEpoch: z.int().optional(),
  isr: z.array(z.int()).optional(),
  underReplicated: z.boolean().optional(),
  underMinIsr: z.boolean().optional(),
  logStart: offset.optional(),
  highWatermark: offset.nullable().optional(),
  replicas: z
    .array(
      z.strictObject({
        broker: z.int(),
        logStart: offset,
        logEnd: offset,
        highWatermark: offset,
        values: z.array(z.string()),
      }),
    )
    .optional(),
});

const snapshot = z.strictObject({
  partitions: z.array(partition).optional(),
  committed: z.array(z.strictObject({ group: z.string(), partition: z.string(), offset })).optional(),
  consumers: z
    .array(z.strictObject({ consumer: z.string(), partition: z.string(), position: offset.nullable() }))
    .optional(),
});

export const answers = {
  hello: z.strictObject({ name: z.string().min(1).max(200), capabilities: z.array(z.enum(names)).default([]) }),
  start: z.strictObject({
    lacks: z.array(z.string()).default([]),
    refused: z.string().nullable().default(null),
  }),
  send: z.strictObject({
    results: z.array(z.strictObject({ ...call, offset: offset.nullable().default(null) })),
  }),
  flush: z.strictObject(call),
  poll: z.strictObject({
    ...call,
    records: z.record(z.string(), z.array(z.tuple([offset, z.string()]))).default({}),
  }),
  commit: z.strictObject({ ...call, offsets: z.record(z.string(), offset).default({}) }),
  assign: z.strictObject(call),
  seek: z.strictObject(call),
  "delete-records": z.strictObject(call),
  crash: z.strictObject({}),
  restart: z.strictObject({}),
  fault: z.strictObject({}),
  settle: z.strictObject({}),
  describe: snapshot,
  stop: z.strictObject({}),
} as const;

export type Operation = keyof typeof answers;
export type Answer<Name extends Operation> = z.output<(typeof answers)[Name]>;
