/** What is wrong with a configuration, as data: the caller turns the path into a place in a file. */

export type Path = readonly (string | number)[];

export interface ConfigProblem {
  /** `E_…`, stable: programs may search for it. */
  readonly code: string;
  /** The keys that lead to the culprit; it ends in the name of the key where one is missing. */
  readonly path: Path;
  /** One sentence: what is wrong, with the value found. */
  readonly message: string;
  /** What would be right. */
  readonly expected: string;
  /** What to do about it; `null` when there is nothing to add. */
  readonly hint: string | null;
  /** Kafka's error name, where a cluster would answer it to whoever asks for this. */
  readonly refusal?: string;
}

/** A value in a message, short and on one line, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  return typeof value === "function" || typeof value === "symbol" ? `a ${typeof value}` : String(value);
}
