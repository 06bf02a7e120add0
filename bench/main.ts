/** `npm run bench`: the exhaustive search against the naive one, and its rate as systems grow. Ratios of one run. */
import { search } from "../explore/search.ts";
import { grouped, measured, median } from "./measure.ts";
import { naivePhilosophers } from "./naive-philosophers.ts";
import { createPhilosophers, tablesOf } from "./philosophers.ts";

const rounds = 5;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A wrong count would make every rate worthless. */
function expectStates(found: number, expected: number): void {
  if (found !== expected) throw new Error(`${found} states were found; there are ${expected}.`);
}

/** States per second of one search, and what it found. */
function searched(count: number) {
  const { seconds, value } = measured(() => search(createPhilosophers(count)));
  expectStates(value.states, tablesOf(count));
  return { ...value, rate: value.states / seconds };
}

function againstNaive(count: number): void {
  const naiveRates: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const naive = measured(() => naivePhilosophers(count));
    expectStates(naive.value, tablesOf(count));
    naiveRates.push(naive.value / naive.seconds);
    rates.push(searched(count).rate);
  }
  say(`${count} philosophers, ${grouped(tablesOf(count))} states, medians of ${rounds} rounds, states per second:`);
  say(`  naive   ${grouped(median(naiveRates)).padStart(10)}`);
  say(`  search  ${grouped(median(rates)).padStart(10)}`);
  say(
    `  ratio   ${median(rates.map((rate, round) => rate / (naiveRates[round] ?? 0)))
      .toFixed(1)
      .padStart(10)}`,
  );
}

function asSystemsGrow(counts: readonly number[]): void {
  say("Growth, medians of 3: states, states and transitions per second, bytes a state of the states, queue and memo:");
  const rates = counts.map((count) => {
    const { transitions, states, bytes } = searched(count);
    const rate = median(Array.from({ length: 3 }, () => searched(count).rate));
    const transitionRate = (rate * transitions) / states;
    const counted = [states, rate, transitionRate].map((number) => grouped(number).padStart(10));
    const perState = [bytes.states, bytes.queue, bytes.memo].map((size) => (size / states).toFixed(1).padStart(5));
    say(`  ${[...counted, ...perState].join("  ")}`);
    return { rate, transitionRate };
  });
  const [first, last] = [rates[0], rates.at(-1)];
  if (first === undefined || last === undefined) return;
  // A table with more philosophers has more successors, so states come more slowly however good the search is.
  say(
    `  last against first: states ${(last.rate / first.rate).toFixed(2)}, transitions ${(last.transitionRate / first.transitionRate).toFixed(2)}`,
  );
}

againstNaive(14);
againstNaive(16);
asSystemsGrow([13, 14, 15, 16, 17, 18]);
