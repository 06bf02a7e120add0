/**
 * `npm run bench`: the exhaustive search against the naive one, as systems grow, and on two cores. Figures of one run, as
 * tables. Rates are by processor time, so that other programs on the machine matter less.
 */
import { search } from "../explore/search.ts";
import { searchOnCores } from "../search-workers/search-on-cores.ts";
import { createLadderSearch } from "./ladder/ladder-search.ts";
import type { LadderBounds } from "./ladder/replication-state.ts";
import { grouped, measured, median, printTable } from "./measure.ts";
import { naiveSearch } from "./naive.ts";

const rounds = 5;

const bounds = (logSize: number, maxRecords: number, largestEpoch: number): LadderBounds => ({
  replicas: 3,
  logSize,
  maxRecords,
  largestEpoch,
});

/** KIP-320 with three replicas, and how many states it has. */
const small = { of: bounds(1, 1, 2), states: 97_531 };
const published = { of: bounds(2, 2, 2), states: 737_794 };
const large = { of: bounds(3, 3, 2), states: 4_093_531 };
const huge = { of: bounds(2, 2, 3), states: 9_985_570 };

type Size = typeof small;

/** A wrong count would make every rate worthless. */
function expectStates(found: number, { states }: Size): void {
  if (found !== states) throw new Error(`${found} states were found; there are ${states}.`);
}

/** One search with both invariants: its states per second of processor time, and what it found. */
function searched(size: Size) {
  const { system, invariants } = createLadderSearch({ design: "KIP-320", bounds: size.of });
  const { seconds, value } = measured(() => search(system, { invariants }));
  expectStates(value.states, size);
  return { ...value, rate: value.states / seconds };
}

function naivelySearched(size: Size): number {
  const { seconds, value } = measured(() => naiveSearch(size.of));
  expectStates(value.states, size);
  return value.states / seconds;
}

function againstNaive(size: Size): void {
  const rows = Array.from({ length: rounds }, () => {
    const naive = naivelySearched(size);
    const { rate } = searched(size);
    return { naive, rate, ratio: rate / naive };
  });
  const naive = median(rows.map((row) => row.naive));
  const rate = median(rows.map((row) => row.rate));
  printTable(
    `KIP-320, ${grouped(size.states)} states: states a second of processor time, medians of ${rounds} rounds`,
    [
      ["naive", "search", "ratio"],
      [grouped(naive), grouped(rate), median(rows.map(({ ratio }) => ratio)).toFixed(1)],
    ],
  );
}

function asSystemsGrow(sizes: readonly Size[]): void {
  const rows = sizes.map((size) => {
    const { states, transitions, bytes } = searched(size);
    const rate = median([searched(size).rate, searched(size).rate, searched(size).rate]);
    const perState = [bytes.states, bytes.queue, bytes.memo].map((sum) => (sum / states).toFixed(1));
    return { rate, cells: [grouped(states), grouped(rate), grouped((rate * transitions) / states), ...perState] };
  });
  const first = rows[0]?.rate ?? 0;
  printTable("KIP-320 as it grows: states and transitions a second, medians of 3; bytes a state", [
    ["states", "states/s", "transitions/s", "bytes: found", "queue", "memo", "rate to first"],
    ...rows.map(({ rate, cells }) => [...cells, (rate / first).toFixed(2)]),
  ]);
}

/**
 * One core against several, all threads fresh. Beside the time that the busiest thread works stands the time that passes;
 * that tells something only on a machine with idle cores.
 */
async function onCores(size: Size, cores: number): Promise<void> {
  const source = {
    module: import.meta.resolve("./ladder/ladder-search.ts"),
    create: "createLadderSearch",
    argument: { design: "KIP-320", bounds: size.of },
  };
  const rows: { readonly alone: number; readonly busiest: number; readonly passed: number }[] = [];
  for (let round = 0; round < 3; round += 1) {
    const one = await searchOnCores(source, { cores: 1 });
    const begin = performance.now();
    const all = await searchOnCores(source, { cores });
    const passed = (performance.now() - begin) / 1000;
    for (const { result } of [one, all]) expectStates(result.states, size);
    rows.push({ alone: Math.max(...one.busySeconds), busiest: Math.max(...all.busySeconds), passed });
  }
  const middle = (of: (row: (typeof rows)[number]) => number) => median(rows.map(of)).toFixed(2);
  printTable(`KIP-320, ${grouped(size.states)} states on ${cores} cores: seconds, medians of 3`, [
    ["one core", "busiest of the cores", "ratio", "passed, with starting threads"],
    [
      middle(({ alone }) => alone),
      middle(({ busiest }) => busiest),
      middle((row) => row.alone / row.busiest),
      middle(({ passed }) => passed),
    ],
  ]);
}

againstNaive(published);
asSystemsGrow([small, published, large, huge]);
await onCores(huge, 2);
