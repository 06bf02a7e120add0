/**
 * What an observer remembers of the disks under each partition: whether a power loss has taken anything, and how many
 * brokers restarted uncleanly in one spell below min ISR. KIP-966 protects against fewer of them than min ISR.
 */
import type { DisksView, Observation } from "../../spec/cluster-view.ts";
import { assignmentOf, type ClusterConfig, effectiveMinIsr, partitionsOf } from "../../spec/config/cluster-config.ts";
import type { BrokerId, TopicPartition } from "../../spec/vocabulary.ts";

export interface DiskGhost {
  readonly partition: TopicPartition;
  /** Is the ISR, as the controller has it, below min ISR? */
  readonly isBelowMinIsr: boolean;
  /** Brokers of its replicas that were registered again in this spell. */
  readonly restarted: readonly BrokerId[];
  readonly seen: DisksView;
}

const untouched: DisksView = { lostRecords: false, withoutTail: [], uncleanRestarts: 0 };

export function disksOf(disks: readonly DiskGhost[], partition: TopicPartition): DisksView {
  return disks.find((one) => one.partition === partition)?.seen ?? untouched;
}

/** The very same list if nothing that was observed concerns a disk. */
export function rememberDisks(
  disks: readonly DiskGhost[],
  observed: readonly Observation[],
  config: ClusterConfig,
): readonly DiskGhost[] {
  return observed.reduce((known, one) => {
    switch (one.kind) {
      case "tail-lost":
        return changed(known, one.partition, (ghost) => loseTail(ghost, one.broker));
      case "isr": {
        const isBelowMinIsr = one.isr.length < effectiveMinIsr(config, one.partition);
        return changed(known, one.partition, (ghost) => noteSpell(ghost, isBelowMinIsr));
      }
      case "restarted":
        return partitionsOf(config)
          .filter((partition) => assignmentOf(config, partition).includes(one.broker))
          .reduce((list, partition) => changed(list, partition, (ghost) => noteRestart(ghost, one.broker)), known);
      default:
        return known;
    }
  }, disks);
}

function changed(
  disks: readonly DiskGhost[],
  partition: TopicPartition,
  change: (ghost: DiskGhost) => DiskGhost,
): readonly DiskGhost[] {
  const known = disks.find((one) => one.partition === partition);
  const ghost = known ?? { partition, isBelowMinIsr: false, restarted: [], seen: untouched };
  const next = counted(change(ghost));
  if (next === ghost) return disks;
  return known === undefined ? [...disks, next] : disks.map((one) => (one === known ? next : one));
}

function loseTail(ghost: DiskGhost, broker: BrokerId): DiskGhost {
  const withoutTail = union(ghost.seen.withoutTail, [broker]);
  return { ...ghost, seen: { ...ghost.seen, lostRecords: true, withoutTail } };
}

/** Restarts before a spell do not count in it. */
function noteSpell(ghost: DiskGhost, isBelowMinIsr: boolean): DiskGhost {
  return ghost.isBelowMinIsr === isBelowMinIsr ? ghost : { ...ghost, isBelowMinIsr, restarted: [] };
}

function noteRestart(ghost: DiskGhost, broker: BrokerId): DiskGhost {
  const { withoutTail } = ghost.seen;
  if (!ghost.isBelowMinIsr && !withoutTail.includes(broker)) return ghost;
  const restarted = ghost.isBelowMinIsr ? union(ghost.restarted, [broker]) : ghost.restarted;
  return { ...ghost, restarted, seen: { ...ghost.seen, withoutTail: withoutTail.filter((other) => other !== broker) } };
}

/** Whoever lies dead without its tail can only come back uncleanly: it counts from then on. */
function counted(ghost: DiskGhost): DiskGhost {
  const { restarted, isBelowMinIsr, seen } = ghost;
  const now = isBelowMinIsr ? union(restarted, seen.withoutTail).length : 0;
  return now > seen.uncleanRestarts ? { ...ghost, seen: { ...seen, uncleanRestarts: now } } : ghost;
}

function union(one: readonly BrokerId[], other: readonly BrokerId[]): readonly BrokerId[] {
  return [...new Set([...one, ...other])].sort((a, b) => a - b);
}
