/** What a command needs from outside: where to print, and what to drive. */
import type { styleText } from "node:util";
import type { PlantedBug } from "../model/plants/plant.ts";
import type { Subject } from "../spec/subject.ts";

export interface Environment {
  /** Standard output: the report. */
  out(text: string): void;
  /** Colour and weight on standard output, where it shows them. */
  style(format: Parameters<typeof styleText>[0], text: string): string;
  /** Standard error: errors and notes. */
  err(text: string): void;
  /** Standard input, for a command that is asked to read it. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Does somebody watch standard error: may it show progress? */
  readonly isTerminal: boolean;
  /** Calls back once if the user interrupts (Ctrl-C, or SIGTERM), in place of the program's end; returns what takes that back. */
  onInterrupt(callback: () => void): () => void;
  /** A fresh subject, for one scenario, with a bug planted in it or `null`. */
  createSubject(plant: PlantedBug | null): Subject;
}
