/** The states that a search has found, and the transitions between those of one phase: which of them lead to a goal? */
import type { SearchObserver } from "./exploration.ts";
import type { ReadSlot } from "./rule-run.ts";

/** What is asked of every state; pure functions of the parts that they read. */
export interface GraphQuestions {
  goal(read: ReadSlot): boolean;
  /** Only ways through states of one phase count. */
  phase(read: ReadSlot): number;
}

export class StateGraph implements SearchObserver {
  readonly #questions: GraphQuestions;
  /** By state. */
  readonly #isGoal: boolean[] = [];
  readonly #phases: number[] = [];
  readonly #highs: number[] = [];
  /** By the low word of a fingerprint: its newest state; and by state the one before it with the same low word, or -1. */
  readonly #newest = new Map<number, number>();
  readonly #before: number[] = [];
  /** By transition: where it begins, and the fingerprint that it leads to. */
  readonly #from: number[] = [];
  readonly #lows: number[] = [];
  readonly #toHighs: number[] = [];

  constructor(questions: GraphQuestions) {
    this.#questions = questions;
  }

  get goals(): number {
    return this.#isGoal.filter((isGoal) => isGoal).length;
  }

  state(low: number, high: number, read: ReadSlot): void {
    const state = this.#highs.length;
    this.#highs.push(high);
    this.#before.push(this.#newest.get(low) ?? -1);
    this.#newest.set(low, state);
    this.#isGoal.push(this.#questions.goal(read));
    this.#phases.push(this.#questions.phase(read));
  }

  transition(from: number, low: number, high: number): void {
    this.#from.push(from);
    this.#lows.push(low);
    this.#toHighs.push(high);
  }

  /**
   * In ascending order the states from which no way through their phase leads to the goal, each with whether one leads on at
   * all. Only once every state and every transition was told.
   */
  stuck(): readonly { readonly state: number; readonly leadsOn: boolean }[] {
    const edges = this.#edges();
    const firstInto = Int32Array.from(this.#highs, () => -1);
    const next = Int32Array.from(edges, ({ to }, edge) => {
      const before = firstInto[to] as number;
      firstInto[to] = edge;
      return before;
    });
    const arrives = [...this.#isGoal];
    const waiting = arrives.flatMap((isGoal, state) => (isGoal ? [state] : []));
    for (let to = waiting.pop(); to !== undefined; to = waiting.pop()) {
      for (let edge = firstInto[to] as number; edge !== -1; edge = next[edge] as number) {
        const from = edges[edge]?.from as number;
        if (arrives[from] === true) continue;
        arrives[from] = true;
        waiting.push(from);
      }
    }
    const leadsOn = new Set(edges.map(({ from }) => from));
    return arrives.flatMap((arrived, state) => (arrived ? [] : [{ state, leadsOn: leadsOn.has(state) }]));
  }

  /** Those that stay within a phase and lead to another state. */
  #edges(): readonly { readonly from: number; readonly to: number }[] {
    return this.#from.flatMap((from, index) => {
      const to = this.#find(this.#lows[index] as number, this.#toHighs[index] as number);
      return to === from || this.#phases[from] !== this.#phases[to] ? [] : [{ from, to }];
    });
  }

  #find(low: number, high: number): number {
    let state = this.#newest.get(low) ?? -1;
    while (state !== -1 && this.#highs[state] !== high) state = this.#before[state] as number;
    if (state === -1) throw new Error("a transition leads to a state that was never told");
    return state;
  }
}
