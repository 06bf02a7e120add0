// Mutation testing, by `npm run mutation`, which adds what to mutate and where the results stand (test/mutation/run.ts).
export default {
  packageManager: "npm",
  testRunner: "vitest",
  // Which tests a mutant may meet stands in the configuration; to work it out anew for each one takes time.
  vitest: { configFile: "vitest.mutation.config.ts", related: false },
  // Stryker rewrites a tsconfig that it finds, and cannot do so with TypeScript 7. Node and vitest need none.
  tsconfigFile: "none",
  coverageAnalysis: "perTest",
  incremental: true,
  timeoutMS: 5_000,
  timeoutFactor: 2,
  reporters: ["progress-append-only"],
  tempDirName: "reports/stryker-tmp",
  allowEmpty: true,
};
