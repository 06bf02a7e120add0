/**
 * `npm run bench:guided`: how many steps a guided random search needs to refute the broken designs, against a uniform one,
 * and how much of the state graph each finds in as many steps. Steps are counted, not timed, so the figures are exact.
 */
import { guidedWalk } from "../explore/guided-walk.ts";
import { search } from "../explore/search.ts";
import { uniformWalk } from "../explore/uniform-walk.ts";
import { weakIsr } from "./ladder/invariants.ts";
import { createLadderSystem, type LadderDesign } from "./ladder/ladder.ts";
import type { LadderBounds } from "./ladder/replication-state.ts";
import { grouped, median } from "./measure.ts";

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
/** A search that has found nothing after so many steps counts as this many. */
const maxTransitions = 1_000_000;
const broken = ["truncate to HW", "KIP-101", "KIP-279", "KIP-320 first try"] as const;
const sizes: readonly LadderBounds[] = [
  { replicas: 3, logSize: 1, maxRecords: 1, largestEpoch: 2 },
  { replicas: 3, logSize: 2, maxRecords: 2, largestEpoch: 2 },
];

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

type Walk = typeof guidedWalk | typeof uniformWalk;

/** The steps that the walk needs, seed by seed. */
function refuted(walk: Walk, design: LadderDesign, bounds: LadderBounds): readonly number[] {
  const system = createLadderSystem(design, bounds);
  const invariants = [weakIsr(bounds)];
  return seeds.map((seed) => walk(system, { seed, maxTransitions, invariants }).transitions);
}

function steps(transitions: readonly number[]): string {
  const middle = median(transitions);
  return `${middle >= maxTransitions ? "≥ " : ""}${grouped(middle)}`.padStart(12);
}

function againstUniform(bounds: LadderBounds): void {
  const { logSize, maxRecords, largestEpoch } = bounds;
  say(
    `Steps to refute WeakIsr, medians of ${seeds.length} seeds, three replicas, LogSize ${logSize}, MaxRecords ${maxRecords}, largest epoch ${largestEpoch}:`,
  );
  say("  design                  uniform       guided        ratio");
  for (const design of broken) {
    const uniform = refuted(uniformWalk, design, bounds);
    const guided = refuted(guidedWalk, design, bounds);
    const ratio = median(uniform) / median(guided);
    say(
      `  ${design.padEnd(18)} ${steps(uniform)} ${steps(guided)} ${`${median(uniform) >= maxTransitions ? "≥ " : ""}${ratio.toFixed(1)}`.padStart(12)}`,
    );
  }
}

/** KIP-320 holds, so a walk goes on until its steps are used up. */
function coverage(bounds: LadderBounds): void {
  const system = createLadderSystem("KIP-320", bounds);
  const { states, transitions } = search(system);
  say(
    `Coverage of KIP-320, LogSize ${bounds.logSize}: ${grouped(states)} states, ${grouped(transitions)} transitions; medians of 5 seeds:`,
  );
  say("       steps    uniform     guided");
  for (const part of [1 / 8, 1 / 4, 1 / 2, 1]) {
    const options = { maxTransitions: Math.ceil(transitions * part) };
    const found = (walk: Walk) => median(seeds.slice(0, 5).map((seed) => walk(system, { ...options, seed }).states));
    const share = (walk: Walk) => `${((100 * found(walk)) / states).toFixed(1)} %`.padStart(10);
    say(`  ${grouped(options.maxTransitions).padStart(10)} ${share(uniformWalk)} ${share(guidedWalk)}`);
  }
}

for (const of of sizes) againstUniform(of);
coverage({ replicas: 3, logSize: 1, maxRecords: 1, largestEpoch: 2 });
