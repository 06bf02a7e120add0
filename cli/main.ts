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
    process.once("SIGINT", callback);
    return () => process.off("SIGINT", callback);
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
