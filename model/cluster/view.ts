/** The cluster as the requirements look at it. Views share what has not changed since the one before. */
import type { ClusterView, DisksView, PartitionView, ReplicaView } from "../../spec/cluster-view.ts";
import { assignmentOf, type ClusterConfig, partitionsOf } from "../../spec/config/cluster-config.ts";
import { parseTopicPartition, type TopicPartition } from "../../spec/vocabulary.ts";
import type { ConsumerContext } from "../consumer/consumer-context.ts";
import type { PartitionContext } from "../controller/partition-context.ts";
import type { CoordinatorContext } from "../coordinator/coordinator-machine.ts";
import type { ProducerContext } from "../producer/producer-context.ts";
import { maximalIsr } from "../replica/leader-rules.ts";
import type { ReplicaContext } from "../replica/replica-context.ts";
import { logEnd } from "../replica/replica-log.ts";
import { disksOf } from "./disk-ghosts.ts";
import type { MachineState } from "./machines.ts";
import type { ClusterState } from "./state.ts";

/** Makes views of a cluster's states; it keeps the parts of the last one, to hand out the very same objects again. */
export function createViewer(config: ClusterConfig, slackMs = 0): (state: ClusterState) => ClusterView {
  const partitions = partitionsOf(config).map((partition) => createPartitionViewer(config, partition));
  const committedOf = keepLast(viewCommitted);
  const travellingOf = keepLast(viewTravelling);
  const pendingOf = keepLast(viewPending);
  const knownLeadersOf = keepLast(viewKnownLeaders);
  const positionsOf = keepLast(viewPositions);
  const producers = Object.keys(config.producers);
  const consumers = Object.keys(config.consumers);
  const partitionsOfLast = keepLast((...views: readonly PartitionView[]) => views);
  return (state) => ({
    config,
    time: state.now,
    ...(slackMs > 0 ? { bent: true } : {}),
    partitions: partitionsOfLast(...partitions.map((view) => view(state))),
    acknowledged: state.ghosts.acknowledged,
    delivered: state.ghosts.delivered,
    passedOver: state.ghosts.passedOver,
    travelling: travellingOf(state.connections),
    pending: pendingOf(...producers.map((producer) => machineOf(state, producer))),
    knownLeaders: knownLeadersOf(...producers.map((producer) => machineOf(state, producer))),
    positions: positionsOf(...consumers.map((consumer) => machineOf(state, consumer))),
    committed: committedOf(machineOf(state, "coordinator").context as CoordinatorContext),
    observed: state.observed,
  });
}

/** The last result again as long as the arguments are the very same. */
function keepLast<Args extends readonly unknown[], Result>(make: (...args: Args) => Result): (...args: Args) => Result {
  let last: { readonly args: Args; readonly result: Result } | null = null;
  return (...args) => {
    const isSame = last?.args.length === args.length && args.every((arg, index) => arg === last?.args[index]);
    if (last === null || !isSame) last = { args, result: make(...args) };
    return last.result;
  };
}

function machineOf(state: ClusterState, id: string): MachineState {
  const machine = state.machines[id];
  if (machine === undefined) throw new Error(`no machine ${id}`);
  return machine;
}

function createPartitionViewer(
  config: ClusterConfig,
  partition: TopicPartition,
): (state: ClusterState) => PartitionView {
  const brokers = assignmentOf(config, partition);
  const topic = parseTopicPartition(partition)?.topic ?? partition;
  const record = `controller/${partition}`;
  const replicas = brokers.map((broker) => {
    return { process: `b${broker}`, replica: `b${broker}/${partition}`, view: keepLast(viewReplica) };
  });
  const viewOf = keepLast(
    (record: MachineState, disks: DisksView, ...replicas: readonly ReplicaView[]): PartitionView => {
      const { leader, leaderEpoch, isr, elr } = record.context as PartitionContext;
      return { partition, topic, leader, leaderEpoch, isr, elr, replicas, disks };
    },
  );
  return (state) =>
    viewOf(
      machineOf(state, record),
      disksOf(state.ghosts.disks, partition),
      ...replicas.map(({ process, replica, view }) =>
        view(machineOf(state, replica), machineOf(state, process).value === "killed"),
      ),
    );
}

export function viewReplica({ value, context }: MachineState, isDead: boolean): ReplicaView {
  const replica = context as ReplicaContext;
  const role = roleOf(value);
  return {
    broker: replica.broker,
    alive: !isDead,
    role,
    leaderEpoch: replica.leaderEpoch,
    isr: role === "leader" ? replica.isr : [],
    maximalIsr: role === "leader" ? maximalIsr(replica) : [],
    logStart: replica.log.start,
    logEnd: logEnd(replica.log),
    highWatermark: role === "offline" ? replica.checkpointedHighWatermark : replica.highWatermark,
    log: replica.log.entries,
  };
}

export function roleOf(value: unknown): ReplicaView["role"] {
  if (typeof value !== "object" || value === null) return "offline";
  const { online } = value as { readonly online?: object };
  return online !== undefined && "leader" in online ? "leader" : "follower";
}

export function viewCommitted({ groups }: CoordinatorContext): ClusterView["committed"] {
  return groups.flatMap(({ group, offsets }) =>
    Object.entries(offsets).map(([partition, { offset }]) => ({ group, partition, offset })),
  );
}

export function viewPending(...producers: readonly MachineState[]): ClusterView["pending"] {
  return producers.flatMap(({ context }) => {
    const { client: producer, queue, inFlight, undecided } = context as ProducerContext;
    return [...queue, ...inFlight.flatMap(({ batches }) => batches), ...undecided].flatMap(({ partition, records }) =>
      records.map(({ value }) => ({ producer, partition, value })),
    );
  });
}

export function viewKnownLeaders(...producers: readonly MachineState[]): ClusterView["knownLeaders"] {
  return producers.flatMap(({ context }) => {
    const { client: producer, leaders } = context as ProducerContext;
    return leaders.map(({ partition, leader }) => ({ producer, partition, leader }));
  });
}

export function viewPositions(...consumers: readonly MachineState[]): ClusterView["positions"] {
  return consumers.flatMap(({ context }) => {
    const { client: consumer, positions } = context as ConsumerContext;
    return positions.map(({ partition, offset }) => ({ consumer, partition, offset }));
  });
}

export function viewTravelling(connections: ClusterState["connections"]): ClusterView["travelling"] {
  return connections
    .flatMap(({ requests }) => requests.map(({ body }) => body))
    .flatMap((body) => (body.type === "produce" ? body.partitions : []))
    .flatMap(({ partition, records }) => records.map(({ value }) => ({ partition, value })));
}
