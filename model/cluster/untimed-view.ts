/**
 * The cluster without a clock as the requirements look at it. A view reads a part only when it is looked at, so that a
 * search remembers a judgement by what the requirement has really seen.
 */
import type { ClusterView, Observation, PartitionView, ReplicaView } from "../../spec/cluster-view.ts";
import { assignmentOf, partitionsOf } from "../../spec/config/cluster-config.ts";
import { parseTopicPartition, type TopicPartition } from "../../spec/vocabulary.ts";
import type { PartitionContext } from "../controller/partition-context.ts";
import type { CoordinatorContext } from "../coordinator/coordinator-machine.ts";
import type { Cell } from "./cells.ts";
import { disksOf } from "./disk-ghosts.ts";
import type { Ghosts } from "./ghosts.ts";
import type { MachineState } from "./machines.ts";
import type { Process } from "./step-store.ts";
import type { UntimedSetting } from "./untimed-cluster.ts";
import { isDead } from "./untimed-faults.ts";
import { viewCommitted, viewKnownLeaders, viewPending, viewPositions, viewTravelling } from "./view.ts";

export type SlotReader = (slot: number) => unknown;

type Setting = Pick<UntimedSetting, "config" | "plan" | "slots" | "glimpses">;

/** The state before a step and the one after it; what no changed slot belongs to is the very same object in both. */
export function createUntimedView(
  setting: Setting,
  read: SlotReader,
  changed: ReadonlyMap<number, unknown> = new Map(),
  observed: readonly Observation[] = [],
): { readonly before: ClusterView; readonly after: ClusterView } {
  const readAfter: SlotReader = (slot) => (changed.has(slot) ? changed.get(slot) : read(slot));
  const partitions = partitionsOf(setting.config).map((partition) => {
    const before = lazyPartition(setting, read, partition);
    return { before, after: partitionAfter(setting, readAfter, partition, before, changed) };
  });
  return {
    before: lazyView(
      setting,
      read,
      partitions.map(({ before }) => before),
      [],
    ),
    after: lazyView(
      setting,
      readAfter,
      partitions.map(({ after }) => after),
      observed,
    ),
  };
}

function cellOf({ plan }: Setting, read: SlotReader, machine: string): Cell {
  return read(plan.slotOfMachine(machine)) as Cell;
}

function machineOf(setting: Setting, read: SlotReader, id: string): MachineState {
  const machine = cellOf(setting, read, id).machines[id];
  if (machine === undefined) throw new Error(`no machine ${id}`);
  return machine;
}

function lazyView(
  setting: Setting,
  read: SlotReader,
  partitions: readonly PartitionView[],
  observed: readonly Observation[],
): ClusterView {
  const { config, slots, plan } = setting;
  const ghosts = () => read(slots.ghosts) as Ghosts;
  const producers = () => Object.keys(config.producers).map((id) => machineOf(setting, read, id));
  return {
    config,
    time: null,
    partitions,
    observed,
    get acknowledged() {
      return ghosts().acknowledged;
    },
    get delivered() {
      return ghosts().delivered;
    },
    get passedOver() {
      return ghosts().passedOver;
    },
    get travelling() {
      const names = Object.keys(config.producers);
      const pairs = plan.pairs.filter(([client]) => names.includes(client));
      return viewTravelling(pairs.flatMap((pair) => (read(plan.slotOfPair(...pair)) as Cell).connections));
    },
    get pending() {
      return viewPending(...producers());
    },
    get knownLeaders() {
      return viewKnownLeaders(...producers());
    },
    get positions() {
      return viewPositions(...Object.keys(config.consumers).map((id) => machineOf(setting, read, id)));
    },
    get committed() {
      if (Object.keys(config.consumers).length === 0) return [];
      return viewCommitted(machineOf(setting, read, "coordinator").context as CoordinatorContext);
    },
  };
}

function lazyPartition(setting: Setting, read: SlotReader, partition: TopicPartition): PartitionView {
  const replicas = assignmentOf(setting.config, partition).map((broker) =>
    lazyReplica(setting, read, broker, partition),
  );
  return partitionOf(setting, read, partition, replicas);
}

function partitionAfter(
  setting: Setting,
  readAfter: SlotReader,
  partition: TopicPartition,
  before: PartitionView,
  changed: ReadonlyMap<number, unknown>,
): PartitionView {
  const { glimpses, slots } = setting;
  const replicas = before.replicas.map((replica) => {
    const { broker } = replica;
    const seen = [glimpses.slotOfView(`b${broker}/${partition}`), glimpses.slotOfProcess(`b${broker}`)];
    return seen.some((slot) => changed.has(slot)) ? lazyReplica(setting, readAfter, broker, partition) : replica;
  });
  const isSame =
    replicas.every((replica, index) => replica === before.replicas[index]) &&
    !changed.has(slots.ghosts) &&
    !changed.has(glimpses.slotOfRecord(partition));
  return isSame ? before : partitionOf(setting, readAfter, partition, replicas);
}

type Recorded = Pick<PartitionContext, "leader" | "leaderEpoch" | "isr" | "elr">;

function partitionOf(
  { glimpses, slots }: Setting,
  read: SlotReader,
  partition: TopicPartition,
  replicas: readonly ReplicaView[],
): PartitionView {
  const record = () => read(glimpses.slotOfRecord(partition)) as Recorded;
  return {
    partition,
    topic: parseTopicPartition(partition)?.topic ?? partition,
    replicas,
    get leader() {
      return record().leader;
    },
    get leaderEpoch() {
      return record().leaderEpoch;
    },
    get isr() {
      return record().isr;
    },
    get elr() {
      return record().elr;
    },
    get disks() {
      return disksOf((read(slots.ghosts) as Ghosts).disks, partition);
    },
  };
}

function lazyReplica({ glimpses }: Setting, read: SlotReader, broker: number, partition: TopicPartition): ReplicaView {
  const replica = () => read(glimpses.slotOfView(`b${broker}/${partition}`)) as ReplicaView;
  return {
    broker,
    get alive() {
      return !isDead(read(glimpses.slotOfProcess(`b${broker}`)) as Process);
    },
    get role() {
      return replica().role;
    },
    get leaderEpoch() {
      return replica().leaderEpoch;
    },
    get isr() {
      return replica().isr;
    },
    get maximalIsr() {
      return replica().maximalIsr;
    },
    get logStart() {
      return replica().logStart;
    },
    get logEnd() {
      return replica().logEnd;
    },
    get highWatermark() {
      return replica().highWatermark;
    },
    get log() {
      return replica().log;
    },
  };
}
