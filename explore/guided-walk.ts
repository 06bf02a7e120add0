/**
 * Random search that is guided towards what is new. Three things guide it, and none of them is tuned to a system:
 *
 * - no step is taken twice, so what nobody stops ends as an exhaustive search;
 * - a run that meets a known state ends, and the next one goes on from a state that shows rules what they have seldom seen
 *   (`StateArchive`; as in Ecoffet et al., "First return, then explore", 2021);
 * - every run prefers some actions to others in a way of its own, and rare ones to frequent ones (`ChoiceTaste`; as in
 *   Groce et al., "Swarm Testing", 2012).
 */
import { Ancestry } from "./ancestry.ts";
import { ChoiceTaste } from "./choice-taste.ts";
import { FingerprintTable } from "./fingerprint-table.ts";
import { Frontier } from "./frontier.ts";
import { createRandom, type Random } from "./random.ts";
import { StateArchive } from "./state-archive.ts";
import type { System } from "./system.ts";
import { checkWalkOptions, type WalkOptions, type WalkResult } from "./walk-options.ts";
import { type WalkChoice, WalkSteps } from "./walk-steps.ts";

/** A run has at most 1, 2, 4, … or 2^15 steps, each as likely: where nothing repeats, runs must end nevertheless. */
const runLengths = 16;

/** Throws `E_NUMBER` for a seed or limit out of range. */
export function guidedWalk<State, Choice>(system: System<State, Choice>, options: WalkOptions): WalkResult<State> {
  checkWalkOptions(options);
  const { seed, maxTransitions, invariants = [] } = options;
  const steps = new WalkSteps(system, invariants);
  const walk = new GuidedWalk(steps, createRandom(seed));
  let transitions = 0;
  const result = (end: WalkResult<State>["end"]): WalkResult<State> => ({
    end,
    transitions,
    states: walk.states,
    violation: walk.violated === null ? null : { invariant: walk.violated, ...steps.story(walk.movesToLast()) },
  });
  while (walk.violated === null) {
    if (!walk.goOn()) return result("complete");
    if (transitions === maxTransitions) return result("maxTransitions");
    if (options.shouldStop?.() === true) return result("stopped");
    walk.step();
    transitions += 1;
  }
  return result("violation");
}

/** States are numbered in the order of discovery. */
class GuidedWalk<State, Choice> {
  /** The invariant that the last state violates. */
  violated: string | null = null;
  readonly #steps: WalkSteps<State, Choice>;
  readonly #random: Random;
  readonly #taste: ChoiceTaste;
  readonly #archive = new StateArchive();
  readonly #rows: Frontier;
  readonly #seen = new FingerprintTable();
  readonly #ancestry = new Ancestry();
  /** By state the choices that were not taken there. */
  readonly #untried: WalkChoice[][] = [];
  /** Where the run is, and how many steps it may still take. */
  #at = 0;
  #stepsLeft = 0;

  constructor(steps: WalkSteps<State, Choice>, random: Random) {
    this.#steps = steps;
    this.#random = random;
    this.#taste = new ChoiceTaste(random);
    this.#rows = new Frontier(steps.slots);
    this.#isNew(steps.begin(this.#rows));
    this.#take(0, 0);
  }

  get states(): number {
    return this.#ancestry.count;
  }

  movesToLast(): readonly number[] {
    return this.#ancestry.movesTo(this.states - 1);
  }

  /** Begins another run if this one is over. False if every choice of every state was taken. */
  goOn(): boolean {
    if (this.#stepsLeft > 0 && this.#isOpen(this.#at)) return true;
    const state = this.#archive.draw(this.#random, (drawn) => this.#isOpen(drawn));
    if (state === null) return false;
    this.#at = state;
    this.#stepsLeft = 2 ** this.#random.below(runLengths);
    this.#taste.change();
    return true;
  }

  /** Takes a choice that was not taken here before. */
  step(): void {
    const untried = this.#untried[this.#at] as WalkChoice[];
    const [choice] = untried.splice(this.#taste.choose(untried), 1) as [WalkChoice];
    const row = this.#steps.step(this.#rows, this.#at * this.#rows.width, choice);
    this.#stepsLeft -= 1;
    if (this.#isNew(row)) {
      this.#take(this.#at, choice.move);
      this.#at = this.states - 1;
    } else {
      this.#rows.count -= 1;
      this.#stepsLeft = 0;
    }
  }

  #isNew(row: number): boolean {
    return this.#seen.add(this.#rows.rows[row] as number, this.#rows.rows[row + 1] as number);
  }

  #isOpen(state: number): boolean {
    return (this.#untried[state] as WalkChoice[]).length > 0;
  }

  /** Takes up the state in the last row. */
  #take(parent: number, move: number): void {
    const state = this.#ancestry.count;
    this.#ancestry.add(parent, move);
    const { choices, footprints, violated } = this.#steps.view(this.#rows, state * this.#rows.width);
    this.#untried.push(choices);
    this.#archive.add(state, footprints);
    this.violated = violated;
  }
}
