/** The fast tests, for mutation runs (`npm run mutation`). */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Left out: what plays whole clusters for seconds, what mutates by itself, and what reads or hashes the source, which
    // would notice a mutant by its text and not by what it does.
    include: ["test/model/{machines,network}.test.ts", "test/spec/**/*.test.ts", "test/explore/**/*.test.ts"],
    testTimeout: 120_000,
  },
});
