/**
 * States to go on from, drawn so that what rules have seldom seen comes as often as what they have seen a thousand times.
 *
 * A footprint is what one rule knows of a state (`FootprintTree`). To draw is to draw a footprint first, each as likely as
 * any other, and then a state that shows it.
 */
import type { Random } from "./random.ts";

export class StateArchive {
  /** By footprint the states that show it. */
  readonly #states: number[][] = [];
  /** The footprints that some state shows, in no order of meaning. */
  readonly #footprints: number[] = [];

  add(state: number, footprints: readonly number[]): void {
    for (const footprint of footprints) {
      this.#states[footprint] ??= [];
      const states = this.#states[footprint] as number[];
      if (states.length === 0) this.#footprints.push(footprint);
      states.push(state);
    }
  }

  /** A state that is open; those that it meets and that are not, it forgets. `null` if there is none. */
  draw(random: Random, isOpen: (state: number) => boolean): number | null {
    while (this.#footprints.length > 0) {
      const place = random.below(this.#footprints.length);
      const states = this.#states[this.#footprints[place] as number] as number[];
      const index = random.below(states.length);
      const state = states[index] as number;
      if (isOpen(state)) return state;
      removeAt(states, index);
      if (states.length === 0) removeAt(this.#footprints, place);
    }
    return null;
  }
}

/** The last one takes its place. */
function removeAt(list: number[], index: number): void {
  const last = list.pop() as number;
  if (index < list.length) list[index] = last;
}
