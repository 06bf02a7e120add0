/** A requirement for tests. */
import type { Requirement } from "../../spec/requirement.ts";

export function fakeRequirement(id: string, rest: Partial<Requirement> = {}): Requirement {
  return {
    id,
    title: `title of ${id}`,
    statement: "It is so.",
    kind: "always",
    area: "DUR",
    sources: ["a test"],
    promisedWhen: "always",
    applies: () => true,
    promised: () => true,
    ...rest,
  };
}
