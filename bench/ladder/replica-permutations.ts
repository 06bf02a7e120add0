/** The replicas are interchangeable: every renaming of them maps runs onto runs. */
import type { PartPermutation } from "../../explore/part-permutation.ts";
import type { LadderBounds, LeaderAndIsr } from "./replication-state.ts";
import { ladderSlots, logSlot, nextRecordIdSlot, replicasOf, viewSlot } from "./replication-state.ts";

/** All of them, the identity first. */
export function replicaPermutations(bounds: LadderBounds): readonly PartPermutation[] {
  return arrangements(replicasOf(bounds)).map((names) => replicaPermutation(bounds, names));
}

/** Replica `r` becomes `names[r - 1]`. */
function replicaPermutation(bounds: LadderBounds, names: readonly number[]): PartPermutation {
  const renamed = (replica: number) => names[replica - 1] ?? replica;
  const from = ladderSlots(bounds).map((_, slot) => slot);
  const plainSlots = new Set([nextRecordIdSlot]);
  for (const replica of replicasOf(bounds)) {
    from[viewSlot(renamed(replica))] = viewSlot(replica);
    from[logSlot(renamed(replica))] = logSlot(replica);
    plainSlots.add(logSlot(replica));
  }
  const rename = ({ leaderEpoch, leader, isr }: LeaderAndIsr): LeaderAndIsr => ({
    leaderEpoch,
    leader: leader === null ? null : renamed(leader),
    isr: isr.map(renamed).sort((one, other) => one - other),
  });
  return {
    from,
    /** The quorum, views and requests name replicas; a request that was not sent names nobody. */
    rename: (slot, value) => (value === null || plainSlots.has(slot) ? value : rename(value as LeaderAndIsr)),
  };
}

function arrangements(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) => arrangements(items.filter((item) => item !== first)).map((rest) => [first, ...rest]));
}
