/**
 * The fast tests, for mutation runs (`npm run mutation`): those of the folder `MUTATED`, whose mutants they meet, and
 * some beside it. A mutant of something that is made once, when a module is loaded, meets all of them, so they are few.
 *
 * Left out is what plays whole clusters for seconds, what mutates by itself, and what reads or hashes the source, which
 * would notice a mutant by its text and not by what it does.
 */
import { defineConfig } from "vitest/config";

const mutated = process.env["MUTATED"] ?? "";

const testsBeside: Readonly<Record<string, readonly string[]>> = {
  "model/cluster": ["test/model/network.test.ts"],
  spec: ["test/spec/requirements/*.test.ts"],
  "spec/requirements": ["test/spec/*.test.ts"],
};

/** The cases of all machines. */
const cases = mutated.startsWith("model/") ? ["test/model/machines.test.ts"] : [];

export default defineConfig({
  test: {
    include: [`test/${mutated}/*.test.ts`, ...cases, ...(testsBeside[mutated] ?? [])],
    exclude: ["test/model/cluster.test.ts"],
    testTimeout: 120_000,
  },
});
