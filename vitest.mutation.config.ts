/** The fast tests, for mutation runs (`npm run mutation`). `MUTATED` is the folder whose mutants they meet. */
import { defineConfig } from "vitest/config";

/** Tests that only the mutants of one folder meet. */
const testsOf: Readonly<Record<string, readonly string[]>> = {
  "model/cluster": ["test/model/network.test.ts", "test/model/cluster/*.test.ts", "test/mutation/scenarios-play.ts"],
  "model/plants": ["test/model/plants/*.test.ts"],
};

export default defineConfig({
  test: {
    // Left out: what plays whole clusters for seconds, what mutates by itself, and what reads or hashes the source, which
    // would notice a mutant by its text and not by what it does.
    include: [
      "test/model/machines.test.ts",
      "test/spec/**/*.test.ts",
      "test/explore/**/*.test.ts",
      ...(testsOf[process.env["MUTATED"] ?? ""] ?? []),
    ],
    testTimeout: 120_000,
  },
});
