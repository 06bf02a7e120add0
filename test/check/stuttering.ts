/**
 * Can one system do whatever another does, as far as one looks at the states that it passes through? Steps that change
 * nothing that is seen may be more or fewer: a simulation up to stuttering. Then every way through the other system has one
 * here that shows the same, in the same order.
 */
import { Exploration } from "../../explore/exploration.ts";
import type { ReadSlot } from "../../explore/rule-run.ts";
import type { System } from "../../explore/system.ts";

/** A system, and what is seen of a state. */
export interface Seen<State, Choice> {
  readonly system: System<State, Choice>;
  see(read: ReadSlot): string;
}

/** The states of a system by their numbers, the first one 0: what is seen of each, and where it leads. */
export interface Graph {
  readonly labels: readonly string[];
  readonly successors: readonly (readonly number[])[];
}

export function graphOf<State, Choice>({ system, see }: Seen<State, Choice>): Graph {
  const { parts } = system;
  if (parts === undefined) throw new Error("a system without parts");
  const labels: string[] = [];
  const targets: string[][] = [];
  const states = new Map<string, number>();
  const observer = {
    state(low: number, high: number, read: ReadSlot) {
      states.set(`${low} ${high}`, labels.length);
      labels.push(see(read));
      targets.push([]);
    },
    transition(from: number, low: number, high: number) {
      targets[from]?.push(`${low} ${high}`);
    },
  };
  const { end } = new Exploration(system, parts, {}, observer).run();
  if (end !== "complete") throw new Error(`the search ended with ${end}`);
  return { labels, successors: targets.map((all) => [...new Set(all.map((to) => states.get(to) ?? -1))]) };
}

/** Can `other` follow `one` from its first state on, step by step? */
export function follows(one: Graph, other: Graph): boolean {
  const withLabel = new Map<string, number[]>();
  for (const [state, label] of other.labels.entries()) withLabel.set(label, [...(withLabel.get(label) ?? []), state]);
  const answers = answersOf(other);
  const predecessors: number[][] = one.labels.map(() => []);
  for (const [state, all] of one.successors.entries()) for (const to of all) predecessors[to]?.push(state);
  /** By state of `one`: those of `other` that may still be able to follow from there. */
  const able = one.labels.map((label) => new Set(withLabel.get(label)));
  const waiting = new Set(one.labels.keys());
  for (const state of waiting) {
    waiting.delete(state);
    const own = able[state] as Set<number>;
    const before = own.size;
    for (const follower of own) {
      const keepsUp = (one.successors[state] ?? []).every((to) => {
        const wanted = able[to] as Set<number>;
        return (answers[follower]?.get(one.labels[to] as string) ?? []).some((answer) => wanted.has(answer));
      });
      if (!keepsUp) own.delete(follower);
    }
    if (own.size < before) for (const earlier of predecessors[state] ?? []) waiting.add(earlier);
  }
  return able[0]?.has(0) ?? false;
}

/** By state: where a way leads that shows no more than one change, by what is seen there. */
function answersOf({ labels, successors }: Graph): readonly ReadonlyMap<string, readonly number[]>[] {
  return labels.map((own, start) => {
    const still = new Set([start]);
    const found = new Map([[own, still]]);
    for (const state of still) {
      for (const to of successors[state] ?? []) {
        const label = labels[to] as string;
        if (label === own) still.add(to);
        else found.set(label, (found.get(label) ?? new Set()).add(to));
      }
    }
    return new Map([...found].map(([label, all]) => [label, [...all]] as const));
  });
}
