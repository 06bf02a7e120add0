/**
 * The ladder: five published specifications of Kafka's replication, four designs that break and the one that holds.
 *
 * They are the proof of the explorer: the same state graphs and the same verdicts as the TLC model checker finds.
 * Source: hachikuji/kafka-specification.
 */
import type { PartAction, Parts } from "../../explore/parts.ts";
import type { System } from "../../explore/system.ts";
import type { PartChoice } from "../../explore/system-from-parts.ts";
import { systemFromParts } from "../../explore/system-from-parts.ts";
import { kip320Actions } from "./kip320-actions.ts";
import { kip320FirstTryActions } from "./kip320-first-try.ts";
import type { LadderBounds, LadderState } from "./replication-state.ts";
import { initialLadderState, joinLadderState, ladderHome, ladderSlots, splitLadderState } from "./replication-state.ts";
import { sharedActions } from "./shared-actions.ts";
import { highWatermarkPoint, lastCommonRecordPoint, lastEpochPoint } from "./truncation-points.ts";
import { unfencedActions } from "./unfenced-actions.ts";

/** The rungs, from the oldest up. */
export const ladderDesigns = ["truncate to HW", "KIP-101", "KIP-279", "KIP-320 first try", "KIP-320"] as const;

export type LadderDesign = (typeof ladderDesigns)[number];

export function createLadderSystem(
  design: LadderDesign,
  bounds: LadderBounds,
): System<LadderState, PartChoice> & { readonly parts: Parts<LadderState, PartChoice> } {
  return systemFromParts(() => initialLadderState(bounds), {
    slots: ladderSlots(bounds),
    split: (state) => splitLadderState(state, bounds),
    home: ladderHome(bounds),
    join: (parts) => joinLadderState(parts, bounds),
    actions: [...sharedActions(bounds), ...ownActions(design, bounds)],
  });
}

function ownActions(design: LadderDesign, bounds: LadderBounds): readonly PartAction<PartChoice>[] {
  switch (design) {
    case "truncate to HW":
      return unfencedActions(bounds, highWatermarkPoint);
    case "KIP-101":
      return unfencedActions(bounds, lastEpochPoint);
    case "KIP-279":
      return unfencedActions(bounds, lastCommonRecordPoint);
    case "KIP-320 first try":
      return kip320FirstTryActions(bounds);
    case "KIP-320":
      return kip320Actions(bounds);
  }
}
