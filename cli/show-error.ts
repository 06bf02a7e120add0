/** Errors for people: place, code, message, hint, and the line of the source with a caret under the place. */
import type { ScenarioError } from "../scenarios/problem.ts";
import type { Environment } from "./environment.ts";

/** `text` is the file's, `null` where it could not be read. */
export function showError(error: ScenarioError, text: string | null, style: Environment["style"]): string {
  const { code, file, line, column, message, hint } = error;
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`;
  const head = `${place} ${style("red", code)} ${message}${hint === null ? "" : ` (${hint})`}`;
  const source = line === null ? undefined : text?.split(/\r\n|\r|\n/)[line - 1];
  if (source === undefined || source.trim() === "") return head;
  return `${head}\n${excerpt(source, column ?? 1, style)}`;
}

/** At most this much of a line is shown: a file may be one long line. */
const width = 100;

function excerpt(source: string, column: number, style: Environment["style"]): string {
  const start = column > width ? column - Math.floor(width / 2) : 0;
  const shown = source.slice(start, start + width).replaceAll("\t", " ");
  const before = start > 0 ? "…" : "";
  const after = start + width < source.length ? "…" : "";
  return `    ${before}${shown}${after}\n    ${" ".repeat(before.length + column - 1 - start)}${style("red", "^")}`;
}
