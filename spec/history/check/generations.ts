/** Who owns what in a group, and whose commits are taken: `two-owners`, `fenced-commit-accepted`. */
import { witness } from "../judge/finding.ts";
import { never } from "./column.ts";
import type { Step } from "./step.ts";
import type { Suspicion } from "./suspicion.ts";

interface Owner {
  readonly client: string;
  readonly generation: number;
  readonly index: number;
}

export interface Generations {
  take(step: Step): void;
  readonly suspicions: readonly Suspicion[];
}

/** Memory: of each group and key the last owners. Generation -1 is no generation. */
export function createGenerations(): Generations {
  const suspicions: Suspicion[] = [];
  /** The owner in the highest generation so far, and the highest of a client other than him. */
  const owners = new Map<string, { readonly top: Owner; readonly other: Owner | null }>();
  const crashed = new Map<string, number>();
  const placeOf = (group: string, key: string) => JSON.stringify([group, key]);

  function assigned({ operation, client }: Step): void {
    if (operation.f !== "assignment" || operation.type !== "ok" || operation.value.generation < 0) return;
    const { index, value } = operation;
    const { group, generation, keys } = value;
    for (const key of keys) {
      const place = placeOf(group, key);
      const known = owners.get(place);
      const owner: Owner = { client, generation, index };
      const rival = [known?.top, known?.other].find(
        (one) =>
          one?.client !== client && one?.generation === generation && (crashed.get(one.client) ?? -1) < one.index,
      );
      if (rival !== undefined && rival !== null) {
        const text = `${key} was assigned to ${rival.client} and to ${client} in generation ${generation} of ${group}`;
        const operations = witness(rival.index, index);
        suspicions.push({ finding: { name: "two-owners", key, client, group, text, operations }, premises: [] });
      }
      owners.set(place, ranked(known, owner));
    }
  }

  function committed({ operation, client, invocation }: Step): void {
    if (operation.f !== "commit" || operation.type !== "ok" || invocation === null) return;
    const { group, generation = -1, offsets } = operation.value;
    if (generation < 0) return;
    for (const key of Object.keys(offsets)) {
      const known = owners.get(placeOf(group, key));
      const owner = [known?.top, known?.other].find(
        (one) =>
          one?.client !== client && (one?.index ?? never) < invocation.index && (one?.generation ?? -1) > generation,
      );
      if (owner === undefined || owner === null) continue;
      const text = `${client} committed ${key} for ${group} in generation ${generation}, after ${owner.client} had been assigned it in generation ${owner.generation}`;
      const operations = witness(owner.index, invocation.index, operation.index);
      const finding = { name: "fenced-commit-accepted", key, client, group, text, operations };
      suspicions.push({ finding, premises: [] });
    }
  }

  return {
    take(step) {
      const { operation, client } = step;
      if (operation.f === "crash" || operation.f === "restart") crashed.set(client, operation.index);
      assigned(step);
      committed(step);
    },
    suspicions,
  };
}

function ranked(known: { readonly top: Owner; readonly other: Owner | null } | undefined, owner: Owner) {
  if (known === undefined) return { top: owner, other: null };
  const { top, other } = known;
  if (owner.client === top.client) return owner.generation >= top.generation ? { top: owner, other } : known;
  if (owner.generation >= top.generation) return { top: owner, other: top };
  return other === null || owner.generation >= other.generation ? { top, other: owner } : known;
}
