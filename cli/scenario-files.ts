/** Finds the scenario files that a command line names: sorted, each once, with an error for each name that leads nowhere. */
import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { ScenarioError } from "../scenarios/problem.ts";

/** A file by the name to print, with its text, or what keeps it from being read. */
export type ScenarioFile =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly error: ScenarioError };

/** Longer files are refused unread: a scenario is a page. */
const sizeLimitBytes = 1024 * 1024;

/** `paths` are files or folders; with none, `scenarios/` here if there is one, or else the suite of the package. */
export function scenarioFiles(paths: readonly string[]): readonly ScenarioFile[] {
  const found = new Map<string, ScenarioFile>();
  for (const path of paths.length > 0 ? paths : [defaultFolder()]) {
    for (const file of expand(path)) found.set(file.file, file);
  }
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

function defaultFolder(): string {
  const here = resolve("scenarios");
  return statOf(here)?.isDirectory() ? here : join(import.meta.dirname, "..", "scenarios");
}

function expand(path: string): readonly ScenarioFile[] {
  const stat = statOf(path);
  if (stat === undefined) return [broken(path, "E_NO_SUCH_FILE", "there is no such file or folder")];
  if (!stat.isDirectory()) return [read(path, stat)];
  let names: readonly string[];
  try {
    names = readdirSync(path, { recursive: true, encoding: "utf8" });
  } catch (cause) {
    return [broken(path, "E_UNREADABLE", `the folder cannot be read: ${codeOf(cause)}`)];
  }
  const files = names.filter((name) => /\.ya?ml$/.test(name) && !name.split(sep).some(isIgnored));
  if (files.length === 0) {
    return [broken(path, "E_NO_SCENARIOS", "expected scenario files (.yaml or .yml), found none in this folder")];
  }
  return files.flatMap((name) => {
    const inside = statOf(join(path, name));
    if (inside === undefined)
      return [broken(join(path, name), "E_UNREADABLE", "the file cannot be read: it leads nowhere")];
    return inside.isDirectory() ? [] : [read(join(path, name), inside)];
  });
}

function isIgnored(part: string): boolean {
  return part.startsWith(".") || part === "node_modules";
}

function read(path: string, stat: Stats): ScenarioFile {
  // A pipe or a device may never end.
  if (!stat.isFile()) return broken(path, "E_UNREADABLE", "the file cannot be read: it is no regular file");
  if (stat.size > sizeLimitBytes)
    return broken(path, "E_UNREADABLE", "the file cannot be read: it is larger than 1 MiB");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
    return { file: nameOf(path), text };
  } catch (cause) {
    const reason = cause instanceof TypeError ? "it is not UTF-8 text" : codeOf(cause);
    return broken(path, "E_UNREADABLE", `the file cannot be read: ${reason}`);
  }
}

function broken(path: string, code: string, message: string): ScenarioFile {
  const file = nameOf(path);
  return { file, error: { code, file, line: null, column: null, message, hint: null } };
}

/** Relative to the working directory where it lies in it, with forward slashes: the same on every machine. */
function nameOf(path: string): string {
  const inside = relative(process.cwd(), resolve(path));
  const outside = inside.startsWith("..") || isAbsolute(inside);
  return (outside ? resolve(path) : inside || ".").split(sep).join("/");
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Not a folder on the way, a loop of links, no permission: nothing can be found there.
    return undefined;
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
}
