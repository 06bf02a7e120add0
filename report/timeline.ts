/**
 * A way through a cluster as a timeline: a lane for each node, a step for each choice, and what has changed in the logs
 * after it. Plain data, however it is shown.
 */
import type { ClusterChoice } from "../model/cluster/choice.ts";
import { brokersOf } from "../model/cluster/initial-machines.ts";
import { nodeOf } from "../model/cluster/state.ts";
import { textOfChoice, textOfObservation } from "../model/cluster/words.ts";
import type { ClusterView, PartitionView } from "../spec/cluster-view.ts";
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import type { BrokerId, LogEntry, TopicPartition } from "../spec/vocabulary.ts";
import type { Finding } from "./judge-walk.ts";
import type { Walk } from "./walk.ts";

/** A partition, as the controller has it. */
export interface RecordShown {
  readonly leader: BrokerId | null;
  readonly leaderEpoch: number;
  readonly isr: readonly BrokerId[];
  readonly elr: readonly BrokerId[];
}

export interface ReplicaShown {
  readonly broker: BrokerId;
  readonly state: "leader" | "follower" | "offline" | "dead";
  /** Leader epoch that the replica has last heard of; -1 before the first. */
  readonly leaderEpoch: number;
  readonly logStart: number;
  readonly logEnd: number;
  readonly highWatermark: number;
  readonly log: readonly LogEntry[];
}

/** What is new of a partition; all of it at the beginning and at the end. */
export interface PartitionShown {
  readonly partition: TopicPartition;
  /** `null`: as it was. */
  readonly record: RecordShown | null;
  /** Those that have changed. */
  readonly replicas: readonly ReplicaShown[];
}

/** What happened at one node, on its own or by a fault, or travelled from one to another. */
export interface Event {
  readonly kind: "message" | "local" | "break" | "mend";
  /** Lanes. Both are the same where nothing travels. `null`: nobody's, or everybody's. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface TimelineStep {
  /** From 1. */
  readonly number: number;
  /** Virtual milliseconds after it; `null` where there is no clock. */
  readonly time: number | null;
  /** The choice's label: a replay goes by it. */
  readonly choice: string;
  readonly event: Event;
  /** What was chosen, and what was seen of the step. */
  readonly text: string;
  /** Was nothing seen of it, and did nothing that is shown change? */
  readonly quiet: boolean;
  readonly changes: readonly PartitionShown[];
}

export interface Timeline {
  /** Nodes: clients, controller, coordinator where there are consumers, brokers. */
  readonly lanes: readonly string[];
  readonly begin: readonly PartitionShown[];
  readonly steps: readonly TimelineStep[];
  readonly end: readonly PartitionShown[];
  readonly findings: readonly Finding[];
}

export function timelineOf({ begin, steps }: Walk, config: ClusterConfig, findings: readonly Finding[]): Timeline {
  const last = steps.at(-1)?.after.view ?? begin.view;
  return {
    lanes: lanesOf(config, steps),
    begin: begin.view.partitions.map((partition) => changesOf(partition, undefined)),
    steps: steps.map(({ choice, label, before, after: { view } }, index) => {
      const seen = view.observed.flatMap(textOfObservation);
      const changes = changesBetween(before, view);
      const isQuiet =
        seen.length === 0 && changes.length === 0 && (choice.kind === "deliver" || choice.kind === "fire");
      return {
        number: index + 1,
        time: view.time,
        choice: label,
        event: eventOf(choice),
        text: [textOfChoice(choice), ...seen].join("; "),
        quiet: isQuiet,
        changes,
      };
    }),
    end: last.partitions.map((partition) => changesOf(partition, undefined)),
    findings,
  };
}

/** Whoever reads at the end, or administers, has a lane only if it does something. */
function lanesOf(config: ClusterConfig, steps: Walk["steps"]): readonly string[] {
  const consumers = Object.keys(config.consumers);
  const usual = [
    ...Object.keys(config.producers),
    ...consumers,
    "controller",
    ...(consumers.length > 0 ? ["coordinator"] : []),
    ...brokersOf(config).map((broker) => `b${broker}`),
  ];
  const met = steps.flatMap(({ choice }) => {
    const { from, to } = eventOf(choice);
    return [from, to].filter((node) => node !== null);
  });
  return [...new Set([...usual, ...met])];
}

function eventOf(choice: ClusterChoice): Event {
  const at = (kind: Event["kind"], node: string | null): Event => ({ kind, from: node, to: node });
  switch (choice.kind) {
    case "client":
      return at(choice.operation.f === "crash" ? "break" : "local", choice.client);
    case "fire":
      return at("local", nodeOf(choice.machine));
    case "wait":
      return at("local", null);
    case "deliver": {
      const [client = "", server = ""] = choice.connection.replace(/#\d+$/, "").split("→");
      const ends = [nodeOf(client), server] as const;
      const [from, to] = choice.direction === "request" ? ends : ([ends[1], ends[0]] as const);
      return { kind: "message", from, to };
    }
    case "fault":
      return eventOfFault(choice);
  }
}

function eventOfFault({ fault }: Extract<ClusterChoice, { kind: "fault" }>): Event {
  switch (fault.kind) {
    case "kill":
    case "power-off":
    case "pause":
      return { kind: "break", from: `b${fault.broker}`, to: `b${fault.broker}` };
    case "start":
    case "resume":
      return { kind: "mend", from: `b${fault.broker}`, to: `b${fault.broker}` };
    case "cut":
      return { kind: "break", from: fault.between[0], to: fault.between[1] };
    case "heal":
      return { kind: "mend", from: fault.between[0], to: fault.between[1] };
    case "hold":
      return { kind: "break", from: fault.from, to: fault.to };
    case "release":
      return { kind: "mend", from: fault.from, to: fault.to };
    case "heal-all":
      return { kind: "mend", from: null, to: null };
  }
}

function changesBetween(before: ClusterView, after: ClusterView): readonly PartitionShown[] {
  return after.partitions.flatMap((partition, index) => {
    const was = before.partitions[index];
    if (partition === was) return [];
    const changes = changesOf(partition, was);
    return changes.record === null && changes.replicas.length === 0 ? [] : [changes];
  });
}

/** All of it where there is nothing that it was. */
function changesOf(partition: PartitionView, was: PartitionView | undefined): PartitionShown {
  const record = recordOf(partition);
  const replicas = partition.replicas.map(replicaOf).toSorted((one, other) => one.broker - other.broker);
  if (was === undefined) return { partition: partition.partition, record, replicas };
  const old = was.replicas.map((replica) => JSON.stringify(replicaOf(replica)));
  return {
    partition: partition.partition,
    record: JSON.stringify(record) === JSON.stringify(recordOf(was)) ? null : record,
    replicas: replicas.filter((replica) => !old.includes(JSON.stringify(replica))),
  };
}

function recordOf({ leader, leaderEpoch, isr, elr }: PartitionView): RecordShown {
  return { leader, leaderEpoch, isr, elr };
}

function replicaOf(replica: PartitionView["replicas"][number]): ReplicaShown {
  const { broker, alive, role, leaderEpoch, logStart, logEnd, highWatermark, log } = replica;
  return { broker, state: alive ? role : "dead", leaderEpoch, logStart, logEnd, highWatermark, log };
}
