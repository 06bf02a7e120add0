/** Collects what one predicate finds in one state and makes a judgement of it. */
import type { Judgement, Scope, Violation } from "../requirement.ts";

export interface Notes {
  /** The premise came up for this. It counts where something is promised: evidence on the rest is no evidence. */
  examined(scope: Scope): void;
  violated(text: string, scope: Scope): void;
  /** The violations, promised ones first, otherwise in the order in which they were found. */
  judgement(): Judgement;
}

/** `promised` says whether the requirement is promised for a scope, under the configuration at hand. */
export function takeNotes(promised: (scope: Scope) => boolean): Notes {
  const violations: Violation[] = [];
  let met = false;
  return {
    examined(scope) {
      met ||= promised(scope);
    },
    violated(text, scope) {
      violations.push({ text, scope });
    },
    judgement() {
      if (violations.length === 0) return met ? "holds" : "vacuous";
      if (violations.length === 1) return violations;
      const weighed = violations.map((violation) => ({ violation, isPromised: promised(violation.scope) }));
      return [...weighed.filter((one) => one.isPromised), ...weighed.filter((one) => !one.isPromised)].map(
        ({ violation }) => violation,
      );
    },
  };
}
