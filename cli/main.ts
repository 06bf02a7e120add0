#!/usr/bin/env node
/** The program `highwater`. */
import { styleText } from "node:util";
import { createMachines } from "../model/cluster/machines.ts";
import { plant } from "../model/plants/plant.ts";
import { createModelSubject } from "../subjects/model-subject.ts";
import { runProgram } from "./program.ts";

// Whoever reads the output may stop reading (`| head`): no reason for a stack trace.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

// The code is set, not passed to `process.exit`, so that what was written to a pipe is not cut off.
process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  // Plain text where standard output is no terminal, or NO_COLOR is set.
  style: (format, text) => styleText(format, text, { stream: process.stdout }),
  err: (text) => process.stderr.write(text),
  input: process.stdin,
  isTerminal: process.stderr.isTTY === true,
  onInterrupt(callback) {
    const signals = ["SIGINT", "SIGTERM"] as const;
    const off = () => {
      for (const signal of signals) process.off(signal, once);
    };
    // The next one ends the program at once.
    const once = () => {
      off();
      callback();
    };
    for (const signal of signals) process.once(signal, once);
    return off;
  },
  createSubject: (bug) =>
    createModelSubject(
      bug === null
        ? {}
        : {
            plant: bug.id,
            machines: (partitioners, reconciliation) => plant(bug, createMachines(partitioners, reconciliation)),
          },
    ),
});
