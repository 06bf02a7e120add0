/** What a property is, as data: its domain, its default, its meaning and its source. */
import type * as z from "zod";
import type { Domain } from "./domain.ts";

/** `Given` is what a default may depend on besides: the profile, the server's settings, properties further up. */
export interface Property<Value, Given> {
  readonly domain: Domain<Value>;
  /** `null`: it must be given. A rule has words too, for documentation. */
  readonly default: { readonly value: Value } | { readonly rule: string; readonly of: (given: Given) => Value } | null;
  /** What it does, with its unit; and where the model departs from Kafka. */
  readonly meaning: string;
  /** The class in Kafka's source that defines it, or the KIP. */
  readonly source: string;
  /** Values that Kafka has and the model does not have yet. */
  readonly notYet?: { readonly schema: z.ZodType; readonly reason: string };
}

/** Its order is the order of the keys in the normal form. */
export type PropertyTable<Settings, Given> = { readonly [Name in keyof Settings]: Property<Settings[Name], Given> };
