/** What a step may expect of its own call. What is not named is not looked at. */
import * as z from "zod";
import { closedObject, notEmpty } from "./closed-object.ts";
import { errorName, outcome } from "./scalars.ts";

export const callExpectation = notEmpty(
  closedObject({ outcome: outcome.optional(), error: errorName.optional() }),
).optional();

/** Outcome and error apply to every value of the step; `partitions` and `offsets` are one per value, `null` where unknown. */
export const sendExpectation = notEmpty(
  closedObject({
    outcome: z.enum([...outcome.options, "pending"]).optional(),
    error: errorName.optional(),
    partitions: z.array(z.int().nullable()).optional(),
    offsets: z.array(z.int().nullable()).optional(),
  }),
).optional();

/**
 * Per partition every `[offset, value]` in order, exactly: partitions that are not named bring no record, and the call
 * succeeds unless `outcome` or `error` says otherwise. With only `outcome` or `error`, records are not looked at.
 */
export const pollExpectation = z
  .object({ outcome: outcome.optional(), error: errorName.optional() })
  .catchall(z.array(z.tuple([z.int(), z.string()])))
  .transform(({ outcome, error, ...records }) => ({ outcome, error, records }))
  .optional();

export type CallExpectation = NonNullable<z.output<typeof callExpectation>>;
export type SendExpectation = NonNullable<z.output<typeof sendExpectation>>;
export type PollExpectation = NonNullable<z.output<typeof pollExpectation>>;
