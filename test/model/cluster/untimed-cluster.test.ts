/** A cluster without a clock: what it may do, and that it does what the cluster with a clock does. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../explore/canonical-json.ts";
import type { PartAction } from "../../../explore/parts.ts";
import { randomWalk } from "../../../explore/random-walk.ts";
import { search } from "../../../explore/search.ts";
import type { ClientOperation } from "../../../model/client-operation.ts";
import { hasSwappedTimers } from "../../../model/cluster/canonical-cell.ts";
import type { Cell } from "../../../model/cluster/cells.ts";
import type { ClusterChoice } from "../../../model/cluster/choice.ts";
import { createCluster } from "../../../model/cluster/cluster.ts";
import { createCompiledStepper } from "../../../model/cluster/compiled-stepper.ts";
import { createMachines, createStepper, type MachineState, type Stepper } from "../../../model/cluster/machines.ts";
import type { ClusterState, Connection } from "../../../model/cluster/state.ts";
import {
  createUntimedCluster,
  type UntimedCluster,
  type UntimedState,
} from "../../../model/cluster/untimed-cluster.ts";
import type { FaultBudget } from "../../../model/cluster/untimed-faults.ts";
import { createUntimedView, type SlotReader } from "../../../model/cluster/untimed-view.ts";
import type { ClusterConfig } from "../../../spec/config/cluster-config.ts";
import type { Requirement } from "../../../spec/requirement.ts";
import { dur1 } from "../../../spec/requirements/dur.ts";
import { configOf, externalOf, type Plan, plans } from "../../random/plan.ts";
import { configWith } from "../../spec/cluster-views.ts";

const stepper = createCompiledStepper(createMachines());

/** Without what the other has no counterpart for: checkpoints of high watermarks, and lingering for no time at all. */
function withoutCheckpoints(config: ClusterConfig): ClusterConfig {
  const producers = Object.entries(config.producers).map(([id, one]) => [id, { ...one, "linger.ms": 3 }]);
  const server = { ...config.server, "replica.high.watermark.checkpoint.interval.ms": 1e9 };
  return { ...config, server, producers: Object.fromEntries(producers) };
}

/** What is lost with the power is a matter of its own. */
function asKill(choice: ReturnType<typeof externalOf>[number]): ReturnType<typeof externalOf>[number] {
  return choice.kind === "fault" && choice.fault.kind === "power-off"
    ? { kind: "fault", fault: { kind: "kill", broker: choice.fault.broker } }
    : choice;
}

const struck = ["kill", "start", "pause", "resume", "cut", "heal"];
const cluster = /^(b\d+|controller)$/;

function isPossible(choice: ReturnType<typeof externalOf>[number]): boolean {
  if (choice.kind === "wait") return false;
  if (choice.kind === "client") return choice.operation.f !== "delete-records";
  const { fault } = choice;
  if (fault.kind === "cut" || fault.kind === "heal") return fault.between.every((node) => cluster.test(node));
  return struck.includes(fault.kind);
}

const withoutMoment = ({ requests, responses, ...rest }: Connection) => ({
  ...rest,
  requests: requests.map(({ body }) => body),
  responses: responses.map(({ body }) => body),
});

const canonicalMachine = (machine: MachineState) =>
  machine.kind === "follower-lag"
    ? { ...machine, context: { ...(machine.context as object), proven: null, sinceFetch: null } }
    : machine;

/** What both have, in one form. */
function comparable(machines: ClusterState["machines"], connections: readonly Connection[]): string {
  const known = Object.entries(machines).filter(([id]) => !/^(final-reader|admin)/.test(id));
  return canonicalJson({
    machines: Object.fromEntries(known.map(([id, machine]) => [id, canonicalMachine(machine)])),
    connections: connections
      .filter(({ client, requests }) => !client.startsWith("controller") || requests.length > 0)
      .map(withoutMoment)
      .sort((one, other) => (one.id < other.id ? -1 : 1)),
  });
}

function cellsOf(untimed: UntimedCluster, state: UntimedState): readonly Cell[] {
  return untimed.setting.plan.names.map((_, slot) => state[slot] as Cell);
}

function comparableCells(untimed: UntimedCluster, state: UntimedState): string {
  const cells = cellsOf(untimed, state);
  const machines = Object.fromEntries(cells.flatMap((cell) => Object.entries(cell.machines)));
  return comparable(
    machines,
    cells.flatMap(({ connections }) => connections),
  );
}

/** The same choice: the timers of a lag may have other names, and a link is named from the controller on. */
function counterpart(choice: ClusterChoice, { machines }: ClusterState): ClusterChoice {
  if (choice.kind === "fault" && (choice.fault.kind === "cut" || choice.fault.kind === "heal")) {
    const [one, other] = choice.fault.between;
    const isSwapped = other === "controller" || (one !== "controller" && other < one);
    return isSwapped ? { ...choice, fault: { ...choice.fault, between: [other, one] } } : choice;
  }
  if (choice.kind !== "fire" || !hasSwappedTimers(machines[choice.machine])) return choice;
  return { ...choice, timer: choice.timer === "lag-a" ? "lag-b" : "lag-a" };
}

function programsOf(external: ReturnType<typeof externalOf>): Readonly<Record<string, readonly ClientOperation[]>> {
  const programs: Record<string, ClientOperation[]> = {};
  for (const choice of external) {
    if (choice.kind !== "client") continue;
    programs[choice.client] = [...(programs[choice.client] ?? []), choice.operation];
  }
  return programs;
}

function follow(plan: Plan): number {
  const config = withoutCheckpoints(configOf(plan));
  const external = externalOf(plan, config).map(asKill).filter(isPossible);
  const timed = createCluster(config, { external, slackMs: plan.schedule.slackMs, stepper });
  const untimed = createUntimedCluster(config, {
    faults: { kill: 99, "power-off": 1, pause: 99, cut: 99, delay: 9_999 },
    programs: programsOf(external),
    channels: "queued",
    leaderEpochMax: 99,
    stepper,
  });
  let state = untimed.initial();
  expect(comparableCells(untimed, state)).toBe(comparable(timed.initial().machines, timed.initial().connections));
  const { labels } = randomWalk(timed, {
    seed: plan.schedule.seed,
    maxSteps: 80,
    onStep(before, choice, label, next) {
      const own = counterpart(choice, before);
      state = untimed.apply(state, own);
      const expected = comparable(next.machines, next.connections);
      if (comparableCells(untimed, state) !== expected) {
        expect({ label, state: comparableCells(untimed, state) }).toEqual({ label, state: expected });
      }
      return undefined;
    },
  });
  return labels.length;
}

interface Design {
  readonly acks?: 0 | 1 | -1;
  readonly channels?: "rendezvous" | "queued";
  readonly stepper?: Stepper;
  readonly leaderEpochMax?: number;
}

/** Three brokers, one partition, min ISR 2, one record. */
function design(faults: Partial<FaultBudget> = {}, { acks = -1, ...options }: Design = {}): UntimedCluster {
  const given = configWith({ producers: { p1: { acks, retries: 0, "linger.ms": 0 } }, consumers: {} });
  const config = { ...given, server: { ...given.server, "replica.fetch.wait.max.ms": 0 } };
  const program = [{ f: "send", to: "t-0", records: [{ key: null, value: "a" }] }] as const;
  return createUntimedCluster(config, { stepper, ...options, faults, programs: { p1: program } });
}

function invariantOf({ setting }: UntimedCluster, requirement: Requirement) {
  const holds = (read: SlotReader) => {
    const judgement = requirement.invariant?.(createUntimedView(setting, read).after, null) ?? "vacuous";
    return typeof judgement === "string";
  };
  return { name: requirement.id, checks: [holds] };
}

/** Notes which timers run out. */
function noting(action: PartAction<ClusterChoice>, timers: Set<string>): PartAction<ClusterChoice> {
  return {
    name: action.name,
    successors(read) {
      const found = action.successors(read);
      for (const { choice } of found) if (choice.kind === "fire") timers.add(`${choice.timer} ${choice.machine}`);
      return found;
    },
  };
}

describe("a cluster without a clock", () => {
  it("can do whatever one with a clock does, and comes to the same", () => {
    let steps = 0;
    fc.assert(
      fc.property(plans, (plan) => {
        steps += follow(plan);
      }),
      { numRuns: 100, seed: 4 },
    );
    expect(steps).toBeGreaterThan(5_000);
  });

  it("is the same whether XState steps its machines or what was compiled from them", () => {
    const searched = (own: Stepper) => {
      const { levels, transitions, end } = search(design({ kill: 1 }, { stepper: own }), { maxDepth: 4 });
      return { levels, transitions, end };
    };
    expect(searched(stepper)).toEqual(searched(createStepper(createMachines())));
  });

  it("is what its parts say: every step of a search compared with the cluster's own", () => {
    const found = search(design({ kill: 1 }), { maxDepth: 3, checked: true });
    expect(found).toMatchObject({ end: "maxDepth", levels: expect.any(Array) });
    expect(search(design(), { checked: true }).end).toBe("complete");
  });

  const lost = (of: UntimedCluster) => search(of, { invariants: [invariantOf(of, dur1)] });

  it.each(["rendezvous", "queued"] as const)("loses with acks=1 what a killed leader alone had (%s)", (channels) => {
    const found = lost(design({ kill: 1 }, { acks: 1, channels }));
    const labels = found.invariants[0]?.first?.labels ?? [];
    expect(found.end).toBe("violation");
    expect(labels.filter((label) => label.startsWith("kill"))).toEqual(["kill 1"]);
    expect(labels.at(-1)).toMatch(/^deliver (broker|partition)-change controller(\/t-0)?→b2#0$/);
  });

  it.each([0, 1, -1] as const)("loses nothing without a fault (acks %i)", (acks) => {
    const found = lost(design({}, { acks }));
    expect(found).toMatchObject({ end: "complete", deadlocks: 0, invariants: [{ verdict: "holds" }] });
  });

  it("lets no detector and no patience run out while nothing stands still, unless by a delay", () => {
    const fired = (of: UntimedCluster) => {
      const all = new Set<string>();
      const seen = { name: "", checks: [] };
      search(
        { ...of, parts: { ...of.parts, actions: of.parts.actions.map((one) => noting(one, all)) } },
        { invariants: [seen] },
      );
      return [...all].filter((timer) => /session|lag-|imeout/.test(timer)).sort();
    };
    expect(fired(design())).toEqual([]);
    expect(fired(design({ delay: 1 }))).toEqual(expect.arrayContaining(["lag-a b1/t-0/lag-2"]));
  });

  it("is refused where a machine keeps what is no plain data", () => {
    const withMap: Stepper = {
      ...stepper,
      step(state, event) {
        const step = stepper.step(state, event);
        if (state.kind !== "producer" || event.type !== "append") return step;
        return { ...step, state: { ...step.state, context: { ...(step.state.context as object), known: new Map() } } };
      },
    };
    expect(() => search(design({}, { stepper: withMap }))).toThrow(
      expect.objectContaining({
        code: "E_NOT_PLAIN_JSON",
        message: expect.stringContaining("known is an instance of Map"),
      }),
    );
  });

  it("goes no further than the bound on leader epochs", () => {
    const epochs = new Set<number>();
    const of = design({ kill: 1 }, { leaderEpochMax: 1, acks: 1 });
    const noteEpochs = (read: SlotReader) => {
      for (const { leaderEpoch } of createUntimedView(of.setting, read).after.partitions) epochs.add(leaderEpoch);
      return true;
    };
    search(of, { maxDepth: 9, invariants: [{ name: "epochs", checks: [noteEpochs] }] });
    expect([...epochs].sort()).toEqual([0, 1]);
  });
});
