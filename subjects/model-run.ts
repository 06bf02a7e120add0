/** One run of the cluster by its default schedule, with everything that is watched along the way. */
import { writeTrace } from "../explore/trace-file.ts";
import { createTraceHash } from "../explore/trace-hash.ts";
import type { Completion } from "../model/client-operation.ts";
import { changedIn } from "../model/cluster/changed-in.ts";
import type { ClusterChoice, ExternalChoice } from "../model/cluster/choice.ts";
import { type Cluster, createCluster } from "../model/cluster/cluster.ts";
import { createCompiledStepper } from "../model/cluster/compiled-stepper.ts";
import type { createMachines } from "../model/cluster/machines.ts";
import { modelHash } from "../model/cluster/model-hash.ts";
import type { ClusterState } from "../model/cluster/state.ts";
import { createViewer } from "../model/cluster/view.ts";
import type { ClusterView } from "../spec/cluster-view.ts";
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import { createMonitor } from "../spec/monitor.ts";
import type { RequirementVerdict } from "../spec/requirement.ts";

/** More steps than this at one moment go round in circles: a retry without a pause, say. */
const stepsAtOneMomentMax = 100_000;

/** A network that is still busy after so many steps will never be quiet. */
const stepsToSettleMax = 100_000;

export interface ModelRun {
  readonly config: ClusterConfig;
  state(): ClusterState;
  view(): ClusterView;
  take(choice: ExternalChoice): void;
  until(isOver: () => boolean): void;
  untilCompleted(client: string): Completion;
  elapse(ms: number): void;
  /** Everything that is due at the next moment at which something is, at most so far ahead; how far that was. */
  advance(limitMs: number): number;
  /** Until nothing is on its way that could arrive; timers that come due meanwhile fire. */
  settle(): void;
  contextOf(machine: string): unknown;
  isCrashed(client: string): boolean;
  /** The first consumer of a group. */
  memberOf(group: string): string;
  /** What producers have sent so far. */
  sent(): readonly { readonly producer: string; readonly values: readonly string[] }[];
  requests(producer: string): number;
  verdicts(): readonly RequirementVerdict[];
  traceHash(): string;
  /** The text of a trace file; `file` is the scenario's, `plant` the id of the bug in the machines. */
  trace(file: string, plant: string | null): string;
}

export function startModelRun(
  config: ClusterConfig,
  machines: ReturnType<typeof createMachines>,
  onStep: () => void,
): ModelRun {
  const cluster: Cluster = createCluster(config, { stepper: createCompiledStepper(machines) });
  const viewOf = createViewer(config);
  const monitor = createMonitor(config);
  const hash = createTraceHash();
  const sent: { readonly producer: string; readonly values: readonly string[] }[] = [];
  const requests: Record<string, number> = {};
  const labels: string[] = [];
  const external: ExternalChoice[] = [];
  let completed: Completion[] = [];
  let state = cluster.initial();
  let view = viewOf(state);
  monitor.see(view, null);

  function apply(choice: ClusterChoice): void {
    const before = { state, view };
    state = cluster.apply(state, choice);
    view = viewOf(state);
    const label = cluster.label(choice);
    labels.push(label);
    if (choice.kind === "client" || choice.kind === "fault" || choice.kind === "wait") external.push(choice);
    hash.step(label, changedIn(before.state, state));
    monitor.see(view, before.view);
    completed = [...completed, ...state.completed];
    for (const one of state.observed) {
      if (one.kind === "sent") sent.push({ producer: one.producer, values: one.values });
      if (one.kind === "requested") requests[one.producer] = (requests[one.producer] ?? 0) + 1;
    }
    onStep();
  }

  function until(isOver: () => boolean): void {
    for (let steps = 0, moment = state.now; !isOver(); steps += 1) {
      const [next] = cluster.enabled(state);
      if (next === undefined) throw new Error("nothing can happen any more");
      if (steps > stepsAtOneMomentMax) throw new Error(`no end of what happens at ${state.now} ms`);
      apply(next);
      if (state.now > moment) steps = 0;
      moment = state.now;
    }
  }

  function runTo(end: number): void {
    until(() => (cluster.nextDue(state) ?? Number.POSITIVE_INFINITY) > end);
    if (state.now < end) apply({ kind: "wait", until: end });
  }

  return {
    config,
    state: () => state,
    view: () => view,
    take: apply,
    until,
    untilCompleted(client) {
      until(() => completed.some((one) => one.client === client));
      const found = completed.find((one) => one.client === client);
      completed = completed.filter((one) => one !== found);
      if (found === undefined) throw new Error(`no completion of ${client}`);
      return found;
    },
    elapse: (ms) => runTo(state.now + ms),
    advance(limitMs) {
      const begin = state.now;
      runTo(Math.min(begin + limitMs, cluster.nextDue(state) ?? Number.POSITIVE_INFINITY));
      return state.now - begin;
    },
    settle() {
      let steps = 0;
      until(() => {
        steps += 1;
        if (steps > stepsToSettleMax) throw new Error(`the network is never quiet, up to ${state.now} ms`);
        return !cluster.isBusy(state);
      });
    },
    contextOf: (machine) => state.machines[machine]?.context,
    isCrashed: (client) => state.machines[client]?.value === "crashed",
    memberOf: (group) =>
      Object.entries(config.consumers).find(([, settings]) => settings["group.id"] === group)?.[0] ?? group,
    sent: () => sent,
    requests: (producer) => requests[producer] ?? 0,
    verdicts: () => monitor.verdicts(),
    traceHash: () => hash.digest(),
    trace: (file, plant) =>
      writeTrace({
        highwater: "trace",
        version: 1,
        profile: config.profile,
        model: modelHash(),
        config: { kind: "run", file, cluster: config, external, plant, found: foundBy(monitor.verdicts()) },
        choices: labels,
        hash: hash.digest(),
      }),
  };
}

/** What a replay has to find again. */
function foundBy(verdicts: readonly RequirementVerdict[]) {
  return verdicts.flatMap(({ id: requirement, verdict }) =>
    verdict === "violated" || verdict === "expected-loss" ? [{ requirement, verdict }] : [],
  );
}
