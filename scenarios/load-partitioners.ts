/** The user's own partitioners that a cluster asks for, each from its module. */
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import { isModulePath } from "../spec/config/partitioner-class.ts";
import type { Partitioner, Partitioners } from "../spec/partitioner.ts";
import type { Problem } from "./problem.ts";

/** What came of reading a module: what it exports, or why it cannot be read. */
export type ModuleRead =
  | { readonly ok: true; readonly exports: object }
  | { readonly ok: false; readonly code: "E_NO_SUCH_FILE" | "E_MODULE"; readonly message: string };

/** Reads and runs the module at `path`, which is relative to the file `from`. Never throws. */
export type ReadModule = (path: string, from: string) => ModuleRead;

/** For whoever has no files to read modules from. */
export const noModules: ReadModule = (path) => {
  return { ok: false, code: "E_MODULE", message: `the module ${path} cannot be read here` };
};

/** `file` is the scenario's. Those that cannot be had are problems; the others are there all the same. */
export function loadPartitioners({ producers }: ClusterConfig, file: string, readModule: ReadModule) {
  const partitioners: Record<string, Partitioner> = {};
  const problems: Problem[] = [];
  for (const [producer, { "partitioner.class": path }] of Object.entries(producers)) {
    if (!isModulePath(path)) continue;
    const refuse = (code: string, message: string, hint: string | null) =>
      problems.push({
        code,
        path: ["cluster", "producers", producer, "partitioner.class"],
        on: "value",
        message,
        hint,
      });
    const read = readModule(path, file);
    if (!read.ok) {
      refuse(read.code, read.message, read.code === "E_NO_SUCH_FILE" ? "the path is relative to this file" : null);
      continue;
    }
    const own: unknown = Reflect.get(read.exports, "default");
    if (isPartitioner(own)) partitioners[path] = own;
    else {
      const hint = "export default (record, partitions) => 0";
      refuse("E_NO_PARTITIONER", `the module ${path} has no function as its default export`, hint);
    }
  }
  return { partitioners: partitioners as Partitioners, problems };
}

/** What it takes and returns shows when it is asked. */
function isPartitioner(value: unknown): value is Partitioner {
  return typeof value === "function";
}
