/** One step of a cluster with a clock: its whole state as a step finds and leaves it. */
import { remember } from "./ghosts.ts";
import type { MachineState } from "./machines.ts";
import { beginStep, type RunningStep, type StepSetting } from "./run-step.ts";
import type { ClusterState, Connection, Timer } from "./state.ts";
import { type ConnectionsChange, isVolatile, type StepStore } from "./step-store.ts";

export interface TimedSetting extends StepSetting {
  /** Where a node's timers and messages stand among those that come due at the same time. */
  readonly rank: (machine: string) => number;
}

/** The state after a step that begins at `now`. */
export function takeStep(
  state: ClusterState,
  now: number,
  setting: TimedSetting,
  take: (step: RunningStep, store: StepStore) => void,
): ClusterState {
  const store = new TimedStore(state, now, setting.rank);
  const step = beginStep(store, now + setting.config["network.delay.ms"], setting);
  take(step, store);
  const { observed, completed } = step;
  const ghosts = remember(state.ghosts, observed, setting.config);
  return { ...state, ...store.result(), ghosts, observed, completed };
}

/** Timers due at the same moment: first comes what is lower in `rank`. */
class TimedStore implements StepStore {
  readonly #machines: Record<string, MachineState>;
  readonly #now: number;
  readonly #rank: (machine: string) => number;
  #timers: readonly Timer[];
  #connections: readonly Connection[];

  constructor(state: ClusterState, now: number, rank: (machine: string) => number) {
    this.#machines = { ...state.machines };
    this.#timers = state.timers;
    this.#connections = state.connections;
    this.#now = now;
    this.#rank = rank;
  }

  machine(id: string): MachineState | undefined {
    return this.#machines[id];
  }

  process(node: string): MachineState | undefined {
    return this.#machines[node];
  }

  putMachine(id: string, state: MachineState): void {
    this.#machines[id] = state;
  }

  dropMachine(id: string): void {
    delete this.#machines[id];
    this.#timers = this.#timers.filter(({ machine }) => machine !== id);
  }

  volatileMachines(process: string): readonly string[] {
    return Object.keys(this.#machines).filter((id) => isVolatile(id, process));
  }

  arm({ machine, id, event }: Omit<Timer, "due">, delay: number): void {
    const timer: Timer = { machine, id, event, due: this.#now + delay };
    const others = this.#timers.filter((other) => other.machine !== machine || other.id !== id);
    const later = others.findIndex((other) => this.#isBefore(timer, other));
    this.#timers = later === -1 ? [...others, timer] : others.toSpliced(later, 0, timer);
  }

  cancel(machine: string, id: string): void {
    this.#timers = this.#timers.filter((timer) => timer.machine !== machine || timer.id !== id);
  }

  connection(id: string): Connection | undefined {
    return this.#connections.find((connection) => connection.id === id);
  }

  changeConnections(_client: string, _server: string, change: ConnectionsChange): void {
    this.#connections = change(this.#connections);
  }

  changeConnectionsOf(_node: string, change: ConnectionsChange): void {
    this.#connections = change(this.#connections);
  }

  result(): Pick<ClusterState, "now" | "machines" | "timers" | "connections"> {
    return { now: this.#now, machines: this.#machines, timers: this.#timers, connections: this.#connections };
  }

  /** By the moment, then in the order of components. */
  #isBefore(one: Timer, other: Timer): boolean {
    if (one.due !== other.due) return one.due < other.due;
    const byRank = this.#rank(one.machine) - this.#rank(other.machine);
    return byRank === 0 ? `${one.machine} ${one.id}` < `${other.machine} ${other.id}` : byRank < 0;
  }
}
