/** The ladder has the state graphs that TLC found for the published specifications, and its verdicts. */
import { describe, expect, it } from "vitest";
import { leaderInIsr, strongIsr, weakIsr } from "../../../bench/ladder/invariants.ts";
import { createLadderSystem, ladderDesigns } from "../../../bench/ladder/ladder.ts";
import type { LadderBounds, LadderState } from "../../../bench/ladder/replication-state.ts";
import { choicesByLabel } from "../../../explore/choices-by-label.ts";
import type { PartAction } from "../../../explore/parts.ts";
import { search } from "../../../explore/search.ts";
import type { InvariantResult } from "../../../explore/search-options.ts";
import { breadthFirst } from "./breadth-first.ts";

interface Rung {
  readonly states: number;
  /** States on the longest of the shortest ways. */
  readonly depth: number;
  /** Absent: the invariant holds. Else the states of a shortest counterexample, the initial one included. */
  readonly weak?: number;
  readonly strong?: number;
}

const bounds = (replicas: number, logSize: number, maxRecords: number, largestEpoch: number): LadderBounds => ({
  replicas,
  logSize,
  maxRecords,
  largestEpoch,
});

/** In the order of `ladderDesigns`. With two replicas published, as far as counts and verdicts go; else found here. */
const graphs: readonly (readonly [LadderBounds, readonly Rung[]])[] = [
  [
    bounds(2, 1, 1, 1),
    [
      { states: 353, depth: 12, weak: 9, strong: 10 },
      { states: 341, depth: 12 },
      { states: 341, depth: 12 },
      { states: 337, depth: 12 },
      { states: 277, depth: 12 },
    ],
  ],
  [
    bounds(2, 2, 2, 1),
    [
      { states: 1251, depth: 16, weak: 9, strong: 10 },
      { states: 1177, depth: 15 },
      { states: 1177, depth: 15 },
      { states: 1165, depth: 15 },
      { states: 957, depth: 15 },
    ],
  ],
  [
    bounds(2, 2, 2, 2),
    [
      { states: 10_131, depth: 20, weak: 9, strong: 10 },
      { states: 9045, depth: 18, weak: 12, strong: 12 },
      { states: 9027, depth: 18 },
      { states: 8429, depth: 18 },
      { states: 5973, depth: 18 },
    ],
  ],
  [
    bounds(2, 3, 3, 2),
    [
      { states: 37_667, depth: 25, weak: 9, strong: 10 },
      { states: 32_933, depth: 21, weak: 12, strong: 12 },
      { states: 32_713, depth: 21 },
      { states: 30_737, depth: 22 },
      { states: 21_493, depth: 22 },
    ],
  ],
  [
    bounds(3, 1, 1, 1),
    [
      { states: 10_681, depth: 17, weak: 9, strong: 9 },
      { states: 9841, depth: 18, strong: 12 },
      { states: 9841, depth: 18, strong: 12 },
      { states: 9661, depth: 18 },
      { states: 6787, depth: 18 },
    ],
  ],
  [
    bounds(3, 2, 2, 1),
    [
      { states: 67_807, depth: 21, weak: 9, strong: 9 },
      { states: 59_788, depth: 22, strong: 12 },
      { states: 60_106, depth: 22, strong: 12 },
      { states: 59_092, depth: 22 },
      { states: 39_619, depth: 22 },
    ],
  ],
  [
    bounds(3, 1, 1, 2),
    [
      { states: 225_196, depth: 22, weak: 9, strong: 9 },
      { states: 192_952, depth: 22, weak: 11, strong: 11 },
      { states: 192_592, depth: 22, weak: 11, strong: 11 },
      { states: 175_453, depth: 23, weak: 12, strong: 13 },
      { states: 97_531, depth: 22 },
    ],
  ],
  [
    bounds(3, 2, 2, 2),
    [
      { states: 1_988_158, depth: 28, weak: 9, strong: 9 },
      { states: 1_613_089, depth: 26, weak: 11, strong: 11 },
      { states: 1_616_461, depth: 26, weak: 11, strong: 11 },
      { states: 1_437_076, depth: 28, weak: 12, strong: 13 },
      { states: 737_794, depth: 26 },
    ],
  ],
];

const title = ({ replicas, logSize, maxRecords, largestEpoch }: LadderBounds) =>
  `R${replicas} L${logSize} M${maxRecords} E${largestEpoch}`;

const verdicts = ({ weak, strong }: Pick<Rung, "weak" | "strong">) => ({
  ...(weak === undefined ? {} : { WeakIsr: weak }),
  ...(strong === undefined ? {} : { StrongIsr: strong }),
});

const graph = graphs.flatMap(([of, rungs]) =>
  ladderDesigns.map((design, index) => ({
    design,
    of,
    name: title(of),
    rung: rungs[index] ?? { states: 0, depth: 0 },
  })),
);

/** States on the story of each invariant that is violated. */
function told(invariants: readonly InvariantResult<LadderState>[]): Readonly<Record<string, number>> {
  const violated = invariants.flatMap(({ name, first }) => (first === null ? [] : [[name, first.labels.length + 1]]));
  return Object.fromEntries(violated) as Record<string, number>;
}

describe("the ladder", () => {
  it.each(graph)("$design, $name: $rung.states states", ({ design, of, rung }) => {
    const system = createLadderSystem(design, of);
    const found = search(system, { invariants: [weakIsr(of), strongIsr(of)], onViolation: "go on" });
    const { end, states, levels, invariants } = found;
    expect({ end, states, depth: levels.length, violations: told(invariants) }).toEqual({
      end: "complete",
      states: rung.states,
      depth: rung.depth,
      violations: verdicts(rung),
    });
    for (const { name, verdict } of invariants) expect(verdict).toBe(name in verdicts(rung) ? "violated" : "holds");
  });

  it.each(graph.filter(({ rung }) => rung.states < 10_000))(
    "$design, $name, state by state",
    ({ design, of, rung }) => {
      const { states, depth, violations } = breadthFirst(createLadderSystem(design, of), [weakIsr(of), strongIsr(of)]);
      expect({ states: states.length, depth, violations }).toEqual({
        states: rung.states,
        depth: rung.depth,
        violations: verdicts(rung),
      });
    },
  );

  it("has no leader in the ISR until one is elected, and whenever one fails", () => {
    const of = bounds(2, 1, 1, 1);
    const { states, violations } = breadthFirst(createLadderSystem("KIP-320", of), [leaderInIsr()]);
    expect(violations).toEqual({ LeaderInIsr: 1 });
    const led = states.filter(({ quorum }) => quorum.leader !== null);
    const [check] = leaderInIsr().checks;
    for (const { quorum } of led) expect(check?.(() => quorum)).toBe(true);
  });
});

describe.each(ladderDesigns)("the parts of %s", (design) => {
  const system = createLadderSystem(design, bounds(2, 2, 2, 1));
  const { states } = breadthFirst(system);

  it("split and join every state, and give the enabled choices labels of their own", () => {
    for (const state of states) {
      const parts = system.parts.split(state);
      expect(parts).toHaveLength(system.parts.slots.length);
      expect(JSON.stringify(system.parts.join(parts))).toBe(JSON.stringify(state));
      choicesByLabel(system, state);
    }
  });

  it("are read in an order that depends on nothing but what was read", () => {
    for (const action of system.parts.actions) {
      const told = new Map<string, string>();
      for (const state of states) expectSameAsBefore(told, action, system.parts.split(state));
      expect(told.size, action.name).toBeGreaterThan(1);
    }
  });
});

/** `told`: by the values read so far, the slot that is read next, or else the successors. */
function expectSameAsBefore(told: Map<string, string>, action: PartAction<unknown>, parts: readonly unknown[]): void {
  let known = "";
  const tell = (what: string) => {
    if ((told.get(known) ?? what) !== what) expect.fail(`${action.name} after ${known}: ${what}, ${told.get(known)}`);
    told.set(known, what);
  };
  const successors = action.successors((slot) => {
    tell(`reads ${slot}`);
    known += ` ${slot}=${JSON.stringify(parts[slot])}`;
    return parts[slot];
  });
  tell(JSON.stringify(successors));
}
