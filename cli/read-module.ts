/** Reads a user's module from a file: at once, so that a scenario is either read with all that it needs, or not. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import type { ReadModule } from "../scenarios/load-partitioners.ts";

export const readModule: ReadModule = (path, from) => {
  const file = resolve(dirname(from), path);
  if (!existsSync(file)) return { ok: false, code: "E_NO_SUCH_FILE", message: `there is no file ${path}` };
  try {
    const exports: unknown = createRequire(file)(file);
    return { ok: true, exports: Object(exports) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return {
      ok: false,
      code: "E_MODULE",
      message: `the module ${path} cannot be run: ${reason.replace(/\s*\n\s*/g, " ")}`,
    };
  }
};
