/** Maps with known keys only. */
import * as z from "zod";

/**
 * A strict object whose complaint about unknown keys carries the known ones, so that the nearest name can be
 * suggested: the issue's message is the list of them, one a line (see `zod-problems.ts`).
 */
export function closedObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape).join("\n");
  return z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined) });
}

/**
 * An empty map would look like a check and be none. Said only of maps without other problems: one with nothing but an
 * unknown key is not empty.
 */
export function notEmpty<Schema extends z.ZodType<object>>(schema: Schema) {
  return schema.refine((map) => Object.keys(map).length > 0, {
    error: "expected at least one thing to look at, found an empty map",
    when: ({ issues }) => issues.length === 0,
  });
}
