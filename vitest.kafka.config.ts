/** Tests against a real Kafka (`npm run test:kafka`): they want Java and Maven, and some minutes. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/real-cluster/*.test.ts"],
    // One cluster at a time.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
