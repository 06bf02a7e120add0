/** The small words of the grammar: names, numbers, durations, lists. */
import * as z from "zod";
import { parseDuration } from "../../spec/config/duration.ts";
import { closedObject } from "./closed-object.ts";

/** A client, partition, group, … by name; whether it exists is checked against the cluster. */
export const name = z.string().min(1);

/** A record's value. Text only: `1` and `"1"` would be the same bytes, but not the same YAML. */
export const value = z.string();

/** Brokers are 1, 2, 3, … */
export const broker = z.int().min(1);

export const offset = z.int().min(0);

const durationWords = "a duration such as 35ms, 30s or 2min";

/** Virtual or real time; the unit is a must, since a bare number of a step could be anything. Output: milliseconds. */
export const duration = z
  .string({ error: durationWords })
  .meta({ description: "a duration with its unit: 35ms, 30s, 2min" })
  .transform((text, context) => {
    const ms = /[a-z]\s*$/.test(text) ? parseDuration(text) : null;
    if (ms !== null) return ms;
    const hint = /^[0-9]+$/.test(text) ? `with its unit: ${text}ms` : null;
    context.addIssue({
      code: "custom",
      message: `expected ${durationWords}, found \`${text}\``,
      params: { hint },
    });
    return z.NEVER;
  });

/** One end of a link: a broker's id, a client's name, `controller` or `coordinator`. */
export const node = z.union([broker, name]).transform(String);

export const link = z.tuple([node, node]);

/** Expected lists are exact; `includes` asks for a part of them, in any order. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.union([z.array(item), closedObject({ includes: z.array(item).min(1) })]);
}

/** An error by Kafka's name; `null` (or `none`) is no error. */
export const errorName = z
  .string()
  .min(1)
  .transform((text) => (text === "none" ? null : text))
  .nullable();

export const outcome = z.enum(["ok", "fail", "unknown"]);
