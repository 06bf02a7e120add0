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
import type { UntimedSetting } from "./untimed-cluster.ts";
import { isDead } from "./untimed-faults.ts";
import { viewCommitted, viewKnownLeaders, viewPending, viewPositions, viewReplica, viewTravelling } from "./view.ts";

export type SlotReader = (slot: number) => unknown;

type Setting = Pick<UntimedSetting, "config" | "plan" | "slots">;

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
    return { before, after: partitionAfter(setting, read, readAfter, partition, before, changed) };
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
  read: SlotReader,
  readAfter: SlotReader,
  partition: TopicPartition,
  before: PartitionView,
  changed: ReadonlyMap<number, unknown>,
): PartitionView {
  const { plan, slots } = setting;
  const isChanged = (machine: string) => changed.has(plan.slotOfMachine(machine));
  const replicas = before.replicas.map((replica) => {
    const { broker } = replica;
    if (!isChanged(`b${broker}/${partition}`) && !isChanged(`b${broker}`)) return replica;
    const after = lazyReplica(setting, readAfter, broker, partition);
    return looksTheSame(replica, after) ? replica : after;
  });
  const recordOf = (reader: SlotReader) =>
    machineOf(setting, reader, `controller/${partition}`).context as PartitionContext;
  const isSame =
    replicas.every((replica, index) => replica === before.replicas[index]) &&
    !changed.has(slots.ghosts) &&
    (!isChanged(`controller/${partition}`) || hasSameRecord(recordOf(read), recordOf(readAfter)));
  return isSame ? before : partitionOf(setting, readAfter, partition, replicas);
}

function hasSameRecord(one: PartitionContext, other: PartitionContext): boolean {
  const seen = ({ leader, leaderEpoch, isr, elr }: PartitionContext) => JSON.stringify([leader, leaderEpoch, isr, elr]);
  return seen(one) === seen(other);
}

/** A fetch that is only counted, or a heartbeat, changes nothing that can be seen. */
function looksTheSame(one: ReplicaView, other: ReplicaView): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function partitionOf(
  setting: Setting,
  read: SlotReader,
  partition: TopicPartition,
  replicas: readonly ReplicaView[],
): PartitionView {
  const record = () => machineOf(setting, read, `controller/${partition}`).context as PartitionContext;
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
      return disksOf((read(setting.slots.ghosts) as Ghosts).disks, partition);
    },
  };
}

/** What was seen of a replica before; searches show the same ones again and again. */
const seen = new WeakMap<MachineState, ReplicaView>();

function viewOf(machine: MachineState): ReplicaView {
  const known = seen.get(machine);
  if (known !== undefined) return known;
  const view = viewReplica(machine, false);
  seen.set(machine, view);
  return view;
}

function lazyReplica(setting: Setting, read: SlotReader, broker: number, partition: TopicPartition): ReplicaView {
  const replica = () => viewOf(machineOf(setting, read, `b${broker}/${partition}`));
  return {
    broker,
    get alive() {
      return !isDead(machineOf(setting, read, `b${broker}`));
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
