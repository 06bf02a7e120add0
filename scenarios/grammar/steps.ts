/** Every step that can be written, by its one key: the schema of what stands under it. */
import * as z from "zod";
import { callExpectation, pollExpectation, sendExpectation } from "./call-expectations.ts";
import { closedObject, notEmpty } from "./closed-object.ts";
import { lookShape } from "./looks.ts";
import { messageKinds } from "./messages.ts";
import { broker, duration, link, name, node, offset, value } from "./scalars.ts";

/** `flush: p1` is short for `flush: { by: p1 }`. */
const byName = name.transform((by) => ({ by, expect: undefined }));

const message = closedObject({ from: node, to: node, message: z.enum(messageKinds) });

export const stepSchemas = {
  send: closedObject({
    by: name,
    to: name.meta({ description: "a partition such as orders-0, or a topic, and the producer's partitioner chooses" }),
    values: z.array(value).min(1),
    key: z.string().optional(),
    keys: z.array(z.string().nullable()).optional(),
    wait: z.boolean().default(true),
    expect: sendExpectation,
  })
    .refine((send) => send.key === undefined || send.keys === undefined, {
      path: ["keys"],
      error: "expected `key` or `keys`, found both",
    })
    .refine((send) => send.keys === undefined || send.keys.length === send.values.length, {
      path: ["keys"],
      error: "expected as many keys as values",
    })
    .meta({ description: "a producer sends; waits for the outcome of every value unless `wait: false`" }),
  flush: z
    .union([byName, closedObject({ by: name, expect: callExpectation })])
    .meta({ description: "sends what lingers, and waits" }),
  poll: closedObject({ by: name, timeout: duration.prefault("1s"), expect: pollExpectation }).meta({
    description: "a consumer polls once",
  }),
  commit: z
    .union([
      name.transform((by) => ({ by, offsets: undefined, expect: undefined })),
      closedObject({ by: name, offsets: z.record(z.string(), offset).optional(), expect: callExpectation }),
    ])
    .meta({ description: "commits the positions, or `offsets`, and waits for the answer" }),
  seek: closedObject({ by: name, to: name, offset, expect: callExpectation }).meta({ description: "sets a position" }),
  assign: closedObject({ by: name, partitions: z.array(name), expect: callExpectation }).meta({
    description: "assigns by hand",
  }),
  "delete-records": closedObject({ partition: name, before: offset, expect: callExpectation }).meta({
    description: "an administrator deletes everything before an offset",
  }),
  crash: name.meta({ description: "a client is gone, with what it knew" }),
  restart: name.meta({ description: "a crashed client starts again" }),
  kill: broker.meta({ description: "SIGKILL: the process is gone, the page cache survives" }),
  "power-off": z
    .union([
      broker.transform((id) => ({ broker: id, keeps: {} })),
      closedObject({ broker, keeps: z.record(z.string(), offset).default({}) }),
    ])
    .meta({ description: "as kill, and what is not on disk is gone; `keeps`: log ends, where more has survived" }),
  start: broker.meta({ description: "a broker that was killed, or lost its power, starts again" }),
  pause: broker.meta({ description: "SIGSTOP" }),
  resume: broker.meta({ description: "SIGCONT" }),
  cut: link.meta({ description: "nothing passes between the two" }),
  heal: z.union([z.literal("all"), link]).meta({ description: "mends a cut link, or all" }),
  hold: message.meta({ description: "messages of this kind wait" }),
  release: message.meta({ description: "held messages go on" }),
  elapse: duration.meta({ description: "lets time pass" }),
  settle: z
    .union([z.null(), z.literal("all")])
    .meta({ description: "runs until nothing happens without time passing" }),
  await: closedObject({ ...lookShape, within: duration }).meta({
    description: "lets time pass until all of it is seen",
  }),
  expect: notEmpty(closedObject(lookShape)).meta({ description: "what is seen now" }),
  "final-read": z
    .union([z.null().transform(() => ({ expect: undefined })), closedObject({ expect: pollExpectation })])
    .meta({ description: "a fresh reader reads every partition from its beginning to its end" }),
};

export type StepName = keyof typeof stepSchemas;

/** One validated step. */
export type Step = {
  readonly [Name in StepName]: { readonly name: Name; readonly args: z.output<(typeof stepSchemas)[Name]> };
}[StepName];

/** Words of the grammar that no subject can play yet. */
export const plannedSteps: readonly string[] = [
  "subscribe",
  "begin",
  "commit-transaction",
  "abort-transaction",
  "shutdown",
];

export function isStepName(word: string): word is StepName {
  return Object.hasOwn(stepSchemas, word);
}
