/** A system that several threads can build for themselves: functions cannot cross from one to another, names can. */
import type { SearchInvariant } from "../explore/search-options.ts";
import type { System } from "../explore/system.ts";

export interface SearchSource {
  /** The URL of a module, such as `import.meta.resolve("./ladder.ts")`. */
  readonly module: string;
  /** The name of a function that it exports; it returns what to search, the same every time. */
  readonly create: string;
  /** Given to the function; plain data. */
  readonly argument: unknown;
}

export interface Searched {
  readonly system: System<unknown, unknown>;
  readonly invariants: readonly SearchInvariant[];
  /** What it has noticed on the way, once the search has ended; plain data. */
  report?(): unknown;
}

/** Throws a `TypeError` if the module exports no such function. */
export async function loadSource({ module, create, argument }: SearchSource): Promise<Searched> {
  const exported = (await import(/* @vite-ignore */ module)) as Readonly<Record<string, unknown>>;
  const found = exported[create];
  if (typeof found !== "function") throw new TypeError(`${module} exports no function ${JSON.stringify(create)}.`);
  return found(argument) as Searched;
}
