import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// .ci/run asks for a machine-readable report beside the human one.
const json = process.env["VITEST_JSON_REPORT"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // `npm run test:long` and `npm run test:kafka`
    exclude: ["test/**/*.long.test.ts", "test/real-cluster/**"],
    // By default one processor is left for watching.
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    reporters: json ? ["default", ["json", { outputFile: json }]] : ["default"],
  },
});
