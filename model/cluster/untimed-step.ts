/** One step of the cluster without a clock, with all that happens within it; and what it writes. */

import type { PartSuccessor } from "../../explore/parts.ts";
import { isSamePlainData } from "../../explore/plain-data.ts";
import type { Observation } from "../../spec/cluster-view.ts";
import { partitionsOf } from "../../spec/config/cluster-config.ts";
import type { PartitionContext } from "../controller/partition-context.ts";
import type { ReplicaContext } from "../replica/replica-context.ts";
import { canonicalCell } from "./canonical-cell.ts";
import { type Cell, CellStore } from "./cells.ts";
import type { ClusterChoice } from "./choice.ts";
import { eventOf } from "./cluster.ts";
import { type Ghosts, remember } from "./ghosts.ts";
import * as network from "./network.ts";
import { cellAtRendezvous, isInstant, isPushed, latestChanges } from "./rendezvous.ts";
import { namesInOrder, renamed, renamedData } from "./renumbered.ts";
import { beginStep, type RunningStep } from "./run-step.ts";
import { type Connection, nodeOf } from "./state.ts";
import type { Process } from "./step-store.ts";
import type { UntimedSetting } from "./untimed-cluster.ts";
import { type FaultState, isCut, isDead, isPaused } from "./untimed-faults.ts";
import { forgetLiveBrokers, isOutdated, reducedCell, shortcutOf, withoutOldNews } from "./untimed-reductions.ts";
import { createUntimedView, type SlotReader } from "./untimed-view.ts";

type Writes = PartSuccessor<ClusterChoice>["writes"];

/** The moment of a message that this step has sent. */
const isNew = Number.MAX_SAFE_INTEGER;

/** More follow-ups than this in one step can only be two nodes that answer each other for ever. */
const followUpsMax = 1_000;

export class UntimedStep {
  readonly #setting: UntimedSetting;
  readonly #read: SlotReader;
  readonly store: CellStore;
  readonly #step: RunningStep;
  readonly #others = new Map<number, unknown>();
  /** Slots in which something may happen now, though they have not changed. */
  readonly #stirred = new Set<number>();

  constructor(setting: UntimedSetting, read: SlotReader) {
    this.#setting = setting;
    this.#read = read;
    this.store = new CellStore(setting.plan, setting.glimpses, read);
    this.#step = beginStep(this.store, isNew, setting);
  }

  get observed(): readonly Observation[] {
    return this.#step.observed;
  }

  /** Changes a slot that is no cell. */
  put(slot: number, value: unknown): void {
    this.#others.set(slot, value);
  }

  /** What has waited in this slot may go on. */
  stir(slot: number): void {
    this.#stirred.add(slot);
  }

  run(take: (step: RunningStep, store: CellStore) => void): void {
    take(this.#step, this.store);
    for (let followUps = 0; this.#followUp(); followUps += 1) {
      if (followUps > followUpsMax) throw new Error(`over ${followUpsMax} follow-ups in one step`);
    }
  }

  /** `null`: it leads beyond a bound. */
  writes(): Writes | null {
    if (this.#isBeyondBounds()) return null;
    const { slots, config } = this.#setting;
    const { observed } = this;
    if (observed.some(({ kind }) => remembered.includes(kind))) {
      const ghosts = this.#read(slots.ghosts) as Ghosts;
      const next = asSets(remember(ghosts, observed, config));
      if (next !== ghosts) this.#others.set(slots.ghosts, next);
    }
    const { rendezvous, reduced, trusted } = this.#setting;
    if (reduced) this.#renumber();
    if (trusted) this.#forgetOldNews();
    const met = (cell: Cell) => (rendezvous ? cellAtRendezvous(cell) : cell);
    const form = (cell: Cell) => canonicalCell(reduced ? reducedCell(met(cell)) : met(cell));
    const cells = this.store.changedSlots().map((slot) => [slot, form(this.store.cell(slot))] as const);
    const changed = new Map<number, unknown>([...cells, ...this.#others]);
    for (const [slot, value] of [...changed]) {
      for (const glimpse of this.#setting.glimpses.of(slot)) {
        const seen = glimpse.see(value);
        if (!isSamePlainData(seen, glimpse.see(this.#read(slot)))) changed.set(glimpse.slot, seen);
      }
    }
    this.#judge(changed);
    return [...changed].sort(([one], [other]) => one - other);
  }

  #forgetOldNews(): void {
    for (const slot of this.store.changedSlots()) forgetLiveBrokers(this.#setting, this.store, slot);
    for (const slot of this.store.changedSlots()) {
      const { connections } = this.store.cell(slot);
      if (!connections.some(isPushed)) continue;
      const left = connections.map((connection) => withoutOldNews(this.#setting, this.store, connection));
      this.store.change(slot, { connections: left });
    }
  }

  /** Numbers connections in their order, also in what is said of them at their server. */
  #renumber(): void {
    for (const slot of this.store.changedSlots()) {
      const cell = this.store.cell(slot);
      const names = namesInOrder(cell.connections);
      if (names.size === 0) continue;
      this.store.change(slot, renamed(cell, names));
      for (const id of this.#setting.glimpses.replicasOn(cell.connections[0]?.server ?? "")) {
        const machine = this.store.machine(id);
        if (machine === undefined) continue;
        const { waiting, watchers } = machine.context as ReplicaContext;
        const context = { ...(machine.context as ReplicaContext), ...renamedData({ waiting, watchers }, names) };
        this.store.putMachine(id, { ...machine, context });
      }
    }
  }

  #isBeyondBounds(): boolean {
    const { plan, config, leaderEpochMax } = this.#setting;
    return partitionsOf(config).some((partition) => {
      const id = `controller/${partition}`;
      if (!this.store.hasChanged(plan.slotOfMachine(id))) return false;
      const record = this.store.machine(id)?.context as PartitionContext | undefined;
      return record !== undefined && record.leaderEpoch > leaderEpochMax;
    });
  }

  #judge(changed: Map<number, unknown>): void {
    const { judge, slots } = this.#setting;
    if (judge === null) return;
    const { before, after } = createUntimedView(this.#setting, this.#read, changed, this.observed);
    const found = judge(after, before);
    if (found.length === 0) return;
    const known = this.#read(slots.violated) as readonly string[];
    changed.set(slots.violated, [...new Set([...known, ...found])].sort());
  }

  /** Does one thing that belongs to the step: a timer without a delay, an answer, an instant request. */
  #followUp(): boolean {
    const timer = this.store.takeOver();
    if (timer !== undefined) {
      this.#step.send(timer.machine, timer.event);
      return true;
    }
    if (!this.#setting.rendezvous) return false;
    const { plan } = this.#setting;
    for (const [client, server] of plan.pairs) {
      const slot = plan.slotOfPair(client, server);
      if (!this.store.hasChanged(slot) && !this.#stirred.has(slot) && !this.#mayBeOutdated(client, server)) continue;
      for (const connection of this.store.cell(slot).connections) {
        if (this.#followUpOn(connection)) return true;
      }
    }
    return this.#setting.reduced && this.#takeShortcut();
  }

  /** Has the controller's record changed, of which this client may have proposed another change? */
  #mayBeOutdated(client: string, server: string): boolean {
    if (!this.#setting.reduced || server !== "controller" || !client.includes("/")) return false;
    const record = `controller/${client.slice(client.indexOf("/") + 1)}`;
    return this.store.hasChanged(this.#setting.plan.slotOfMachine(record));
  }

  #takeShortcut(): boolean {
    const { taken } = this.#setting.slots;
    const read = () => (this.#others.get(taken) ?? this.#read(taken)) as Readonly<Record<string, number>>;
    const slots = [...this.store.changedSlots(), ...this.#stirred];
    const shortcut = shortcutOf(this.#setting, this.store, slots, read, (from, to) => this.canReach(from, to));
    if (shortcut === null) return false;
    if (shortcut.timer !== null) this.store.cancel(shortcut.to, shortcut.timer);
    this.#step.send(shortcut.to, shortcut.event);
    return true;
  }

  #followUpOn(connection: Connection): boolean {
    const { client, server, requests, responses, serving } = connection;
    if (responses.length > 0 && this.canReach(server, nodeOf(client))) {
      this.answer(connection);
      return true;
    }
    const [head] = requests;
    if (head === undefined || serving || !this.canReach(nodeOf(client), server)) return false;
    const isDue = isInstant(head.body) || (this.#setting.reduced && isOutdated(this.store, head.body));
    if (!isDue) return false;
    this.serve(connection);
    return true;
  }

  canReach(from: string, to: string): boolean {
    const changed = this.#others.get(this.#setting.slots.faults) as FaultState | undefined;
    if (changed === undefined) return canReach(this.#setting, this.#read, from, to, this.store.process(to));
    return hears(this.store.process(to)) && !isCut(changed, from, to);
  }

  /** The next request; at a rendezvous all that the controller has on its way to a broker. */
  serve(connection: Connection): void {
    const { id, client, server, requests } = connection;
    const served = this.#setting.rendezvous && isPushed(connection) ? requests : requests.slice(0, 1);
    this.store.changeConnections(client, server, (connections) => network.takeRequests(connections, id, served));
    for (const { body } of latestChanges(server, served)) this.#step.serve(id, server, body);
  }

  answer({ id, client, server, responses }: Connection): void {
    const [head] = responses;
    if (head === undefined) throw new Error(`no response on ${id}`);
    this.store.changeConnections(client, server, (connections) => network.takeResponse(connections, id));
    this.#step.send(client, eventOf(head.body, server));
  }
}

/** Is the link whole, and is the receiver's process neither paused nor dead? */
export function canReach(
  { faults, glimpses }: UntimedSetting,
  read: SlotReader,
  from: string,
  to: string,
  receiver = glimpses.process(read, to),
): boolean {
  if (!hears(receiver)) return false;
  if (faults.cut === 0) return true;
  const link = glimpses.slotOfLink(from, to);
  return link < 0 || read(link) === false;
}

function hears(process: Process | undefined): boolean {
  return process?.kind !== "broker" || !(isPaused(process) || isDead(process));
}

const remembered: readonly string[] = ["outcome", "delivered", "tail-lost", "isr", "restarted"];

/** In which order it came about is not part of a state. */
function asSets(ghosts: Ghosts): Ghosts {
  const byText = <T>(list: readonly T[]) =>
    list
      .map((one) => [JSON.stringify(one), one] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, one]) => one);
  return {
    acknowledged: byText(ghosts.acknowledged),
    delivered: byText(ghosts.delivered),
    passedOver: byText(ghosts.passedOver),
    disks: byText(ghosts.disks),
  };
}
