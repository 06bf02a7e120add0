/** What a scenario expects at its end. */
import * as z from "zod";
import { closedObject } from "./closed-object.ts";
import { lookShape } from "./looks.ts";
import { listOf, name, value } from "./scalars.ts";

export const finalExpectations = closedObject({
  refused: z.string().min(1).optional().meta({
    description: "Kafka's error name by which the creation of the cluster's topics is refused; no steps then",
  }),
  holds: z.array(name).default([]).meta({ description: "requirements that must come up and hold" }),
  loses: z.array(name).default([]).meta({ description: "requirements, not promised here, that must be seen violated" }),
  "delivered-twice": z
    .record(z.string(), listOf(value))
    .optional()
    .meta({ description: "per consumer, the values delivered again, in the order of their first repetition" }),
  "acknowledged-lost": z
    .record(z.string(), listOf(value))
    .optional()
    .meta({ description: "per partition, acknowledged values that the final read did not find" }),
  ...lookShape,
});

export type FinalExpectations = z.output<typeof finalExpectations>;
