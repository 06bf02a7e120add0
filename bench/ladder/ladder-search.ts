/** A search of the ladder that any thread can build: the design and the bounds by name and number. */
import type { SearchInvariant } from "../../explore/search-options.ts";
import type { System } from "../../explore/system.ts";
import type { PartChoice } from "../../explore/system-from-parts.ts";
import { strongIsr, weakIsr } from "./invariants.ts";
import { createLadderSystem, type LadderDesign } from "./ladder.ts";
import type { LadderBounds, LadderState } from "./replication-state.ts";

export interface LadderSearch {
  readonly design: LadderDesign;
  readonly bounds: LadderBounds;
}

/** With the invariants that the published specification states, WeakIsr and StrongIsr. */
export function createLadderSearch({ design, bounds }: LadderSearch): {
  readonly system: System<LadderState, PartChoice>;
  readonly invariants: readonly SearchInvariant[];
} {
  return { system: createLadderSystem(design, bounds), invariants: [weakIsr(bounds), strongIsr(bounds)] };
}
