/** Mutation testing of the folder that the environment names in MUTATED; see main.ts. */
const folder = process.env.MUTATED ?? "model/replica";
const name = folder.replaceAll("/", "-");

export default {
  mutate: [`${folder}/**/*.ts`],
  testRunner: "vitest",
  vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
  // Stryker 10 reads a tsconfig by an API that TypeScript 7 does not have; a name that does not exist keeps it off.
  tsconfigFile: "none.json",
  // The words of messages are no behaviour.
  mutator: { excludedMutations: ["StringLiteral"] },
  reporters: ["json", "clear-text"],
  clearTextReporter: { logTests: false, allowEmojis: false, reportTests: false },
  jsonReporter: { fileName: `runs/mutation/${name}.json` },
  incremental: true,
  incrementalFile: `runs/mutation/${name}.incremental.json`,
  tempDirName: "runs/stryker",
  coverageAnalysis: "perTest",
  concurrency: 2,
  timeoutMS: 3000,
};
