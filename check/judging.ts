/** Requirements as a search asks them: of states by what they look at, of steps where they speak of steps. */
import type { InvariantResult, SearchInvariant, SearchOptions } from "../explore/search-options.ts";

import type { StepJudge, UntimedCluster } from "../model/cluster/untimed-cluster.ts";
import { createUntimedView, type SlotReader } from "../model/cluster/untimed-view.ts";
import { type ClusterConfig, deletesRecords } from "../spec/config/cluster-config.ts";
import type { Judgement, Requirement, Violation } from "../spec/requirement.ts";

/** The word for a violation that is not promised against. */
const allowed = (id: string) => `${id} (allowed)`;

export class Judging {
  readonly requirements: readonly Requirement[];
  readonly #config: ClusterConfig;
  /** Those whose premise has come up. */
  readonly #met = new Set<string>();

  /** Those that are judged by no state and no step alone (a memory, a whole history) are left out. */
  constructor(requirements: readonly Requirement[], config: ClusterConfig) {
    this.requirements = requirements.filter(
      (requirement) =>
        requirement.invariant !== undefined && requirement.applies(config) && isComposed(requirement, config),
    );
    this.#config = config;
  }

  /** Ids of those whose premise has come up. */
  get met(): readonly string[] {
    return [...this.#met];
  }

  /** Notes what another judging of the same search has met. */
  noteMet(ids: readonly string[]): void {
    for (const id of ids) this.#met.add(id);
  }

  isMet({ id }: Requirement): boolean {
    return this.#met.has(id);
  }

  /** `null` where nothing that is judged speaks of steps. */
  get judgeStep(): StepJudge | null {
    const ofSteps = this.requirements.filter(({ perStep }) => perStep === true);
    if (ofSteps.length === 0) return null;
    return (after, before) =>
      ofSteps.flatMap((requirement) => this.#found(requirement, requirement.invariant?.(after, before) ?? "vacuous"));
  }

  /** Two for each requirement: what is promised, and what is not. */
  invariants({ setting }: UntimedCluster): NonNullable<SearchOptions["invariants"]> {
    return this.requirements.flatMap((requirement): SearchInvariant[] => {
      const found =
        requirement.perStep === true
          ? (read: SlotReader) => read(setting.slots.violated) as readonly string[]
          : onceForBoth((read) => {
              const { after } = createUntimedView(setting, read);
              return this.#found(requirement, requirement.invariant?.(after, null) ?? "vacuous");
            });
      return [requirement.id, allowed(requirement.id)].map((name) => ({
        name,
        checks: [(read) => !found(read).includes(name)],
      }));
    });
  }

  /** The results of the two invariants. */
  resultsOf<State>(
    { id }: Requirement,
    results: readonly InvariantResult<State>[],
  ): { readonly promised: InvariantResult<State> | undefined; readonly allowed: InvariantResult<State> | undefined } {
    const named = (name: string) => results.find((result) => result.name === name);
    return { promised: named(id), allowed: named(allowed(id)) };
  }

  /** The name of one of the two invariants. */
  nameOf({ id }: Requirement, of: "promised" | "allowed"): string {
    return of === "promised" ? id : allowed(id);
  }

  #found(requirement: Requirement, judgement: Judgement): readonly string[] {
    if (judgement === "holds") this.#met.add(requirement.id);
    if (typeof judgement === "string") return [];
    this.#met.add(requirement.id);
    return judgement.map((violation) => this.#nameOf(requirement, violation));
  }

  #nameOf(requirement: Requirement, { scope }: Violation): string {
    return requirement.promised(this.#config, scope) ? requirement.id : allowed(requirement.id);
  }
}

/** A search asks the two invariants of a requirement one after the other: the second time nothing is worked out again. */
function onceForBoth<Result>(judge: (read: SlotReader) => Result): (read: SlotReader) => Result {
  let last: { readonly seen: ReadonlyMap<number, unknown>; readonly result: Result } | null = null;
  return (read) => {
    if (last !== null && [...last.seen].every(([slot, value]) => read(slot) === value)) return last.result;
    const seen = new Map<number, unknown>();
    const result = judge((slot) => {
      const value = read(slot);
      seen.set(slot, value);
      return value;
    });
    last = { seen, result };
    return result;
  };
}

/** There is no administrator in a search: only retention lets records go. */
function isComposed({ id }: Requirement, config: ClusterConfig): boolean {
  return id !== "RET-1" || Object.values(config.topics).some(deletesRecords);
}
