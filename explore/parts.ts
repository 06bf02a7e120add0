/**
 * The search's face of a system: a state split into parts, and actions that see it part by part.
 *
 * A search interns every part, so that a state is a short vector of numbers, and remembers what an action led to by the
 * parts it read. `System`'s own members stay the meaning; parts only say the same faster.
 */

/** A value of one part is any plain JSON value (`canonicalJson` accepts it). */
export interface Parts<State, Choice> {
  /** Names of the slots, for messages. A state is one part per slot; the number of slots is fixed. */
  readonly slots: readonly string[];
  /** The parts of a state, one a slot. */
  split(state: State): readonly unknown[];
  /** The inverse of `split`. */
  join(parts: readonly unknown[]): State;
  /**
   * Slots by which states are shared out when several processors search together; all of them if not given. Good ones have
   * many values, change seldom, and are read by many actions: then shards tell each other little, and run few actions
   * that others run too. What is found does not depend on it.
   */
  readonly home?: readonly number[];
  /** Everything that can happen, in a fixed order: the actions are fixed, what they lead to depends on the state. */
  readonly actions: readonly PartAction<Choice>[];
}

export interface PartAction<Choice> {
  readonly name: string;
  /**
   * What the action leads to: none, one or several successors. It sees the state only through `read(slot)`. It is a
   * pure function: it reads in the same order when it reads the same values.
   */
  successors(read: (slot: number) => unknown): readonly PartSuccessor<Choice>[];
}

/** One choice, with the slots that change and their new values; the others stay as they are. */
export interface PartSuccessor<Choice> {
  readonly choice: Choice;
  readonly writes: readonly (readonly [slot: number, value: unknown])[];
}
