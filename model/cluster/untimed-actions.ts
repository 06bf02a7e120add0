/**
 * Everything that can happen next in a cluster without a clock, action by action.
 *
 * Timers come in classes. *Free* ones (linger, back-off, periodic checks) may run out whenever they are armed. *Patience*
 * (request, delivery and socket timeouts) runs out only while something stands still: a broker is dead, paused or not in
 * service yet, or a link is cut. The detectors, broker *session* and replica *lag*, run out only while their own cause
 * stands. Otherwise every loss would be blamed on a timer that no real clock lets run out. A `delay` fault lets any of
 * them run out once.
 */
import type { PartAction, PartSuccessor } from "../../explore/parts.ts";
import { isSamePlainData } from "../../explore/plain-data.ts";
import { assignmentOf, partitionsOf } from "../../spec/config/cluster-config.ts";
import { comparesEpochs } from "../../spec/safety.ts";
import type { Fault } from "../../spec/subject.ts";
import type { BrokerEvent } from "../broker/broker-machine.ts";
import type { ClientOperation } from "../client-operation.ts";
import type { DiskContext } from "../replica/disk-machine.ts";
import type { ReplicaContext } from "../replica/replica-context.ts";
import { type Cell, type CellPlan, CellStore, pairName } from "./cells.ts";
import type { ClusterChoice } from "./choice.ts";
import { callClient, timerName } from "./cluster.ts";
import type { Link } from "./glimpses.ts";
import { brokersOf } from "./initial-machines.ts";
import type { MachineState } from "./machines.ts";
import { isPushed } from "./rendezvous.ts";
import { type Connection, nodeOf, type Timer } from "./state.ts";
import { endsOf } from "./step-store.ts";
import type { UntimedSetting } from "./untimed-cluster.ts";
import { classOf, type FaultBudget, type FaultState, isDead, isPaused } from "./untimed-faults.ts";
import { endsInVain, isWorthHearing, runsOutLater } from "./untimed-reductions.ts";
import { canReach, UntimedStep } from "./untimed-step.ts";
import type { SlotReader } from "./untimed-view.ts";

type Successor = PartSuccessor<ClusterChoice>;
type Programs = Readonly<Record<string, readonly ClientOperation[]>>;

export function actionsOf(setting: UntimedSetting, programs: Programs): readonly PartAction<ClusterChoice>[] {
  const { plan, config } = setting;
  const cells = plan.names.map((name, slot) => ({ name, slot }));
  return [
    ...plan.pairs.map(([client, server]) => {
      const slot = plan.slotOfPair(client, server);
      return action(`deliver ${pairName([client, server])}`, (read) => deliveries(setting, read, slot));
    }),
    ...cells.map(({ name, slot }) => action(`fire ${name}`, (read) => fires(setting, read, slot))),
    ...Object.entries(programs).map(([client, program]) =>
      action(`call ${client}`, (read) => calls(setting, read, client, program)),
    ),
    ...brokersOf(config).flatMap((broker) => [
      action(`kill ${broker}`, (read) => kills(setting, read, broker)),
      action(`power-off ${broker}`, (read) => powerOffs(setting, read, broker)),
      action(`pause ${broker}`, (read) => pauses(setting, read, broker)),
    ]),
    ...setting.glimpses.links.map((link) => action(`cut ${link.join(" ")}`, (read) => cuts(setting, read, link))),
  ];
}

/** The name of the action that offers a choice. */
export function actionOf(choice: ClusterChoice, plan: CellPlan): string {
  switch (choice.kind) {
    case "deliver":
      return `deliver ${pairName(endsOf(choice.connection))}`;
    case "fire":
      return `fire ${plan.names[plan.slotOfMachine(choice.machine)]}`;
    case "client":
      return `call ${choice.client}`;
    case "fault":
      return actionOfFault(choice.fault);
    case "wait":
      return "wait";
  }
}

function actionOfFault(fault: Fault): string {
  switch (fault.kind) {
    case "kill":
    case "start":
      return `kill ${fault.broker}`;
    case "pause":
    case "resume":
      return `pause ${fault.broker}`;
    case "power-off":
      return `power-off ${fault.broker}`;
    default:
      return fault.kind === "heal" || fault.kind === "cut" ? `cut ${fault.between.join(" ")}` : fault.kind;
  }
}

function action(name: string, successors: (read: SlotReader) => readonly Successor[]): PartAction<ClusterChoice> {
  return { name, successors };
}

/** What comes of a choice; nothing, if that is beyond the bounds. */
function successor(
  setting: UntimedSetting,
  read: SlotReader,
  choice: ClusterChoice,
  take: (step: UntimedStep) => void,
): readonly Successor[] {
  const step = new UntimedStep(setting, read);
  take(step);
  const writes = step.writes();
  setting.note?.(choice, step.observed);
  if (writes === null || (setting.reduced && writes.every(([slot, value]) => isSamePlainData(value, read(slot)))))
    return [];
  return [{ choice, writes }];
}

function machineOf({ plan }: UntimedSetting, read: SlotReader, id: string): MachineState | undefined {
  const slot = plan.slotOfMachine(id);
  return slot < 0 ? undefined : (read(slot) as Cell).machines[id];
}

function storeOf({ plan, glimpses }: UntimedSetting, read: SlotReader): CellStore {
  return new CellStore(plan, glimpses, read);
}

function leftOf({ glimpses }: UntimedSetting, read: SlotReader): FaultBudget {
  return read(glimpses.left) as FaultBudget;
}

function faultsOf({ slots }: UntimedSetting, read: SlotReader): FaultState {
  return read(slots.faults) as FaultState;
}

// --- messages --------------------------------------------------------------------------------------------------

function deliveries(setting: UntimedSetting, read: SlotReader, slot: number): readonly Successor[] {
  return (read(slot) as Cell).connections.flatMap((connection) => [
    ...requestArrives(setting, read, connection),
    ...answerArrives(setting, read, connection),
  ]);
}

function requestArrives(setting: UntimedSetting, read: SlotReader, connection: Connection): readonly Successor[] {
  const [head] = connection.requests;
  if (head === undefined || connection.serving) return [];
  const { id, client, server } = connection;
  if (!canReach(setting, read, nodeOf(client), server)) return [];
  if (setting.trusted && isPushed(connection) && !isWorthHearing(setting, storeOf(setting, read), connection))
    return [];
  // Of what arrives together, the change of a partition says most.
  const message =
    (setting.rendezvous && isPushed(connection) ? connection.requests.at(-1) : head)?.body.type ?? head.body.type;
  const choice = { kind: "deliver", connection: id, direction: "request", message } as const;
  return successor(setting, read, choice, (step) => step.run(() => step.serve(connection)));
}

function answerArrives(setting: UntimedSetting, read: SlotReader, connection: Connection): readonly Successor[] {
  const [head] = connection.responses;
  if (head === undefined) return [];
  const { id, client, server } = connection;
  if (!canReach(setting, read, server, nodeOf(client))) return [];
  const choice = { kind: "deliver", connection: id, direction: "response", message: head.body.type } as const;
  return successor(setting, read, choice, (step) => step.run(() => step.answer(connection)));
}

// --- timers ----------------------------------------------------------------------------------------------------

function fires(setting: UntimedSetting, read: SlotReader, slot: number): readonly Successor[] {
  const { timers } = read(slot) as Cell;
  return timers.flatMap((timer) => {
    if (!isComposed(setting, timer.id) || (setting.reduced && endsInVain(timer))) return [];
    const { machine, id } = timer;
    const choice = { kind: "fire", machine, timer: timerName(id) } as const;
    const standing = mayRunOut(setting, read, timer);
    if (!standing && (setting.faults.delay === 0 || leftOf(setting, read).delay === 0)) return [];
    return successor(setting, read, choice, (step) => {
      if (!standing) step.put(setting.slots.faults, spent(faultsOf(setting, read), "delay"));
      step.run((running, store) => {
        store.cancel(machine, id);
        running.send(machine, timer.event);
      });
    });
  });
}

/**
 * How old the checkpoint of the high watermark is matters to a replica that starts again and truncates to it. Elsewhere
 * checkpoints only multiply the states: a restarted replica begins with its first one, 0.
 */
function isComposed({ config, faults }: UntimedSetting, timer: string): boolean {
  if (timer !== "checkpoint") return true;
  return faults.kill + faults["power-off"] > 0 && !comparesEpochs(config.server["log.reconciliation"]);
}

function mayRunOut(setting: UntimedSetting, read: SlotReader, timer: Omit<Timer, "due">): boolean {
  const node = nodeOf(timer.machine);
  const own = setting.glimpses.process(read, node);
  const kind = classOf(timer.id);
  if (kind === "lag") {
    if (setting.reduced && runsOutLater(timer, machineOf(setting, read, timer.machine))) return false;
    // While the leader itself is paused its clock goes on.
    if (own?.kind === "broker" && isPaused(own)) return true;
    return isSilent(setting, read, `b${timer.machine.slice(timer.machine.lastIndexOf("-") + 1)}`, node);
  }
  // What is in the page cache goes to the disk, whatever becomes of the process.
  if (timer.machine.endsWith("/disk")) return true;
  if (own?.kind === "broker" && isPaused(own)) return false;
  if (kind === "session") return isSilent(setting, read, timer.machine.slice("controller/".length), "controller");
  if (kind === "socket") return isSilent(setting, read, `b${leaderOf(setting, read, timer.machine)}`, node);
  return kind === "free" || somethingStandsStill(setting, read);
}

/** Whom a follower fetches from. */
function leaderOf(setting: UntimedSetting, read: SlotReader, replica: string): number | null {
  return (machineOf(setting, read, replica)?.context as ReplicaContext | undefined)?.leader ?? null;
}

/** Does nothing come from this broker to that node, not for a moment but until something changes? */
function isSilent(setting: UntimedSetting, read: SlotReader, broker: string, to: string): boolean {
  if (read(setting.glimpses.slotOfService(broker)) !== true) return true;
  return setting.faults.cut > 0 && read(setting.glimpses.slotOfLink(broker, to)) === true;
}

function somethingStandsStill(setting: UntimedSetting, read: SlotReader): boolean {
  if (brokersOf(setting.config).some((broker) => read(setting.glimpses.slotOfService(`b${broker}`)) !== true))
    return true;
  return setting.faults.cut > 0 && read(setting.glimpses.isAnyCut) === true;
}

// --- from outside ----------------------------------------------------------------------------------------------

function calls(
  setting: UntimedSetting,
  read: SlotReader,
  client: string,
  program: readonly ClientOperation[],
): readonly Successor[] {
  const { taken } = setting.slots;
  const done = read(taken) as Readonly<Record<string, number>>;
  const operation = program[done[client] ?? 0];
  if (operation === undefined) return [];
  return successor(setting, read, { kind: "client", client, operation }, (step) => {
    step.put(taken, { ...done, [client]: (done[client] ?? 0) + 1 });
    step.run((running) => callClient(running, client, operation));
  });
}

function spent(faults: FaultState, kind: keyof FaultBudget): FaultState {
  return { ...faults, left: { ...faults.left, [kind]: faults.left[kind] - 1 } };
}

type Blow =
  | { readonly kind: "kill" | "pause"; readonly broker: number }
  | Extract<Fault, { readonly kind: "power-off" }>;

/** A blow to a broker, if the budget has it. */
function strikes(setting: UntimedSetting, read: SlotReader, fault: Blow, event: BrokerEvent): readonly Successor[] {
  const { kind, broker } = fault;
  if (setting.faults[kind] === 0 || leftOf(setting, read)[kind] === 0) return [];
  return successor(setting, read, { kind: "fault", fault }, (step) => {
    step.put(setting.slots.faults, spent(faultsOf(setting, read), kind));
    step.run((running) => running.send(`b${broker}`, event));
  });
}

/** Each log keeps what is on disk for sure, or more of it; every combination is a choice of its own. */
function powerOffs(setting: UntimedSetting, read: SlotReader, broker: number): readonly Successor[] {
  if (setting.faults["power-off"] === 0 || leftOf(setting, read)["power-off"] === 0) return [];
  const partitions = partitionsOf(setting.config).filter((one) => assignmentOf(setting.config, one).includes(broker));
  let outcomes: readonly Readonly<Record<string, number>>[] = [{}];
  for (const partition of partitions) {
    const disk = machineOf(setting, read, `b${broker}/${partition}/disk`)?.context as DiskContext;
    const ends = Array.from({ length: disk.logEnd - disk.flushed + 1 }, (_, index) => disk.flushed + index);
    outcomes = outcomes.flatMap((keeps) => ends.map((end) => ({ ...keeps, [partition]: end })));
  }
  return outcomes.flatMap((keeps) =>
    strikes(setting, read, { kind: "power-off", broker, keeps }, { type: "power-off", keeps }),
  );
}

function kills(setting: UntimedSetting, read: SlotReader, broker: number): readonly Successor[] {
  if (setting.faults.kill + setting.faults["power-off"] === 0) return [];
  if (!isDead(setting.glimpses.process(read, `b${broker}`)))
    return strikes(setting, read, { kind: "kill", broker }, { type: "kill" });
  return successor(setting, read, { kind: "fault", fault: { kind: "start", broker } }, (step) =>
    step.run((running) => running.send(`b${broker}`, { type: "start" })),
  );
}

function pauses(setting: UntimedSetting, read: SlotReader, broker: number): readonly Successor[] {
  if (setting.faults.pause === 0) return [];
  const process = setting.glimpses.process(read, `b${broker}`);
  if (isDead(process)) return [];
  if (!isPaused(process)) return strikes(setting, read, { kind: "pause", broker }, { type: "pause" });
  return successor(setting, read, { kind: "fault", fault: { kind: "resume", broker } }, (step) =>
    step.run((running) => running.send(`b${broker}`, { type: "resume" })),
  );
}

function cuts(setting: UntimedSetting, read: SlotReader, between: Link): readonly Successor[] {
  if (setting.faults.cut === 0) return [];
  const standing = read(setting.glimpses.slotOfLink(...between)) === true;
  if (!standing && leftOf(setting, read).cut === 0) return [];
  const fault: Fault = { kind: standing ? "heal" : "cut", between };
  return successor(setting, read, { kind: "fault", fault }, (step) => {
    const faults = faultsOf(setting, read);
    const others = faults.cuts.filter((link) => link[0] !== between[0] || link[1] !== between[1]);
    step.put(
      setting.slots.faults,
      standing ? { ...faults, cuts: others } : { ...spent(faults, "cut"), cuts: [...others, between].sort() },
    );
    if (standing && setting.reduced) step.run(() => stirLink(setting, step, between));
  });
}

/** Whatever has waited for this link may go on. */
function stirLink({ plan }: UntimedSetting, step: UntimedStep, between: readonly [string, string]): void {
  for (const [client, server] of plan.pairs) {
    const ends = [nodeOf(client), server];
    if (!between.every((node) => ends.includes(node))) continue;
    step.stir(plan.slotOfPair(client, server));
    const own = plan.slotOfMachine(client);
    if (own >= 0) step.stir(own);
  }
}
