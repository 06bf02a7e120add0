/**
 * What others see of a broker, of a replica and of the network, in slots of their own. A search remembers a step by the
 * slots that it has read: whoever only asks whether a broker is in service should not depend on all that the broker knows.
 */
import type { BrokerId, TopicPartition } from "../../spec/vocabulary.ts";
import type { PartitionContext } from "../controller/partition-context.ts";
import type { ReplicaContext } from "../replica/replica-context.ts";
import type { Cell, CellPlan } from "./cells.ts";
import type { MachineState } from "./machines.ts";
import { nodeOf } from "./state.ts";
import type { Process } from "./step-store.ts";
import { type FaultState, isCut, isInService } from "./untimed-faults.ts";
import { roleOf, viewReplica } from "./view.ts";

interface Glimpse {
  readonly slot: number;
  readonly name: string;
  /** What is seen of the value that its source has. */
  see(value: unknown): unknown;
}

/** `brokers` and `replicas`: machine ids. */
export interface Sources {
  readonly plan: CellPlan;
  readonly brokers: readonly string[];
  readonly replicas: readonly string[];
  readonly partitions: readonly TopicPartition[];
  /** The slot of the faults. */
  readonly faults: number;
  /** Where the slots of glimpses begin. */
  readonly first: number;
}

export type Link = readonly [one: string, other: string];

export class Glimpses {
  /** Pairs of nodes of the cluster. */
  readonly links: readonly Link[];
  /** How often each fault may still strike. */
  readonly left: number;
  readonly isAnyCut: number;
  readonly #replicas: ReadonlyMap<string, readonly string[]>;
  readonly #all: readonly (Glimpse & { readonly source: number })[];
  readonly #slots: ReadonlyMap<string, number>;
  readonly #bySource: ReadonlyMap<number, readonly Glimpse[]>;

  constructor({ plan, brokers, replicas, partitions, faults, first }: Sources) {
    const nodes = ["controller", ...brokers];
    this.links = nodes.flatMap((one, index) => nodes.slice(index + 1).map((other): Link => [one, other]));
    const ofMachine = (name: string, id: string, see: (machine: MachineState | undefined) => unknown) => {
      return { name, source: plan.slotOfMachine(id), see: (value: unknown) => see((value as Cell).machines[id]) };
    };
    const ofFaults = (name: string, see: (faults: FaultState) => unknown) => {
      return { name, source: faults, see: (value: unknown) => see(value as FaultState) };
    };
    const seen = [
      ...brokers.flatMap((id) => [ofMachine(id, id, seeProcess), ofMachine(`${id} in service`, id, isInService)]),
      ...replicas.flatMap((id) => [ofMachine(id, id, seeKnown), ofMachine(`${id} from outside`, id, seeReplica)]),
      ...partitions.map((partition) => ofMachine(partition, `controller/${partition}`, seeRecord)),
      ...this.links.map((link) => ofFaults(nameOfLink(...link), (state) => isCut(state, ...link))),
      ofFaults("cut", ({ cuts }) => cuts.length > 0),
      ofFaults("left", ({ left }) => left),
    ];
    this.#all = seen.map((glimpse, index) => ({ ...glimpse, slot: first + index }));
    this.#slots = new Map(this.#all.map(({ name, slot }) => [name, slot]));
    this.#bySource = Map.groupBy(this.#all, ({ source }) => source);
    this.#replicas = Map.groupBy(replicas, nodeOf);
    this.isAnyCut = this.#slotOf("cut");
    this.left = this.#slotOf("left");
  }

  /** -1: there is no such glimpse. */
  #slotOf(name: string): number {
    return this.#slots.get(name) ?? -1;
  }

  replicasOn(broker: string): readonly string[] {
    return this.#replicas.get(broker) ?? [];
  }

  /** In the order of slots. */
  get names(): readonly string[] {
    return this.#all.map(({ name }) => `glimpse of ${name}`);
  }

  /** A state with what is seen of it behind it. */
  added(state: readonly unknown[]): readonly unknown[] {
    return [...state, ...this.#all.map(({ source, see }) => see(state[source]))];
  }

  /** What is seen of the part in a slot. */
  of(source: number): readonly Glimpse[] {
    return this.#bySource.get(source) ?? [];
  }

  /** A broker as others see it; undefined for other nodes. */
  process(read: (slot: number) => unknown, node: string): Process | undefined {
    const slot = this.slotOfProcess(node);
    return slot < 0 ? undefined : (read(slot) as Process);
  }

  /** -1 for other nodes. */
  slotOfProcess(node: string): number {
    return this.#slotOf(node);
  }

  /** A replica as requirements look at it, a `ReplicaView` but for whether its broker is alive. */
  slotOfView(replica: string): number {
    return this.#slotOf(`${replica} from outside`);
  }

  /** The controller's record of a partition as requirements look at it. */
  slotOfRecord(partition: TopicPartition): number {
    return this.#slotOf(partition);
  }

  /** Whether a broker is in service. */
  slotOfService(broker: string): number {
    return this.#slotOf(`${broker} in service`);
  }

  /** What a replica knows of the cluster; -1 for other machines. */
  slotOfKnown(replica: string): number {
    return this.#slotOf(replica);
  }

  /** Is this link cut? -1 for a link that never is. */
  slotOfLink(one: string, other: string): number {
    return this.#slotOf(nameOfLink(one, other));
  }
}

function nameOfLink(one: string, other: string): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`;
}

function seeReplica(replica: MachineState | undefined): unknown {
  return replica === undefined ? null : viewReplica(replica, false);
}

function seeRecord(record: MachineState | undefined): unknown {
  if (record === undefined) return null;
  const { leader, leaderEpoch, isr, elr } = record.context as PartitionContext;
  return { leader, leaderEpoch, isr, elr };
}

/** What a replica knows of the cluster, as far as it decides what is told to it. */
export interface Known {
  readonly role: "leader" | "follower" | "offline";
  readonly leader: BrokerId | null;
  readonly leaderEpoch: number;
  /** `null` for a follower, to whom it does not matter. */
  readonly partitionEpoch: number | null;
  readonly liveBrokers: ReplicaContext["liveBrokers"];
  /** Does it wait before it asks its leader again? */
  readonly isBackingOff: boolean;
}

export function seeKnown(replica: MachineState | undefined): Known {
  if (replica === undefined) {
    return {
      role: "offline",
      leader: null,
      leaderEpoch: -1,
      partitionEpoch: null,
      liveBrokers: [],
      isBackingOff: false,
    };
  }
  const { leader, leaderEpoch, partitionEpoch, liveBrokers } = replica.context as ReplicaContext;
  const role = roleOf(replica.value);
  const { online } = replica.value as { readonly online?: { readonly follower?: string } };
  return {
    role,
    leader,
    leaderEpoch,
    partitionEpoch: role === "leader" ? partitionEpoch : null,
    liveBrokers,
    isBackingOff: online?.follower === "backingOff",
  };
}

/** Dead, paused, on its way to its registration, or registered; nothing of what it knows. */
function seeProcess(broker: MachineState | undefined): Process {
  if (typeof broker?.value !== "object") return { kind: "broker", value: broker?.value ?? "killed" };
  const { process, membership } = (broker.value as { readonly alive: Record<string, unknown> }).alive;
  const seen = typeof membership === "object" ? { registered: {} } : membership;
  return { kind: "broker", value: { alive: { process, membership: seen } } };
}
