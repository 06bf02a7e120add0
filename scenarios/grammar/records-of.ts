/** The records of a `send` step, as it writes them down: values, with one key for all or one each. */
import type { ProducerRecord } from "../../spec/vocabulary.ts";
import type { Step } from "./steps.ts";

type Send = Extract<Step, { name: "send" }>["args"];

export function recordsOf({ values, key, keys }: Send): readonly ProducerRecord[] {
  return values.map((value, index) => ({ value, key: keys?.[index] ?? key ?? null }));
}
