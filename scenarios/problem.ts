/** What can be wrong with a scenario file: first found by path in the document, then placed by line and column. */
import type { Path } from "./json.ts";

/** A problem by its path. `on` says whether the key or the value that stands at the path is meant. */
export interface Problem {
  readonly code: string;
  readonly path: Path;
  readonly on: "key" | "value";
  readonly message: string;
  readonly hint: string | null;
}

/** A problem with its place in the text, counted from 1; `null` where a file has no text to point at. */
export interface ScenarioError {
  readonly code: string;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string | null;
}
