/** What mutation testing runs: the fast tests alone, and none that reads the source or hashes states. */
import { defineConfig } from "vitest/config";

const rules = ["test/model/machines.test.ts", "test/spec/**/*.test.ts"];

/** What composes the machines has no rules of its own in the cases: whole scenarios judge it. */
const composition = ["test/model/network.test.ts", "test/mutation/suite.ts"];

export default defineConfig({
  test: { include: process.env["MUTATED"] === "model/cluster" ? composition : rules },
});
