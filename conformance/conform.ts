/**
 * The conformance suite: protocol rules, scenarios, generated workloads, workloads under faults and directed schedules,
 * as many as the level and the subject allow. Each is told as soon as it is known.
 */
import { playScenario } from "../scenarios/play-scenario.ts";
import { needOf } from "../scenarios/play-step.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { requirements } from "../spec/requirements/index.ts";
import type { Capability, Subject } from "../spec/subject.ts";
import type { BrokerControl } from "../subjects/kafka/broker-control.ts";
import type { KafkaClientOptions } from "../subjects/kafka/kafka-client.ts";
import { createKafkaClient } from "../subjects/kafka/kafka-client.ts";
import { removeOwn } from "../subjects/kafka/topics.ts";
import { SubjectError } from "../subjects/subject-error.ts";
import { acks1LossFile, acks1LossName, provokeAcks1Loss } from "./directed/acks-1-loss.ts";
import { reasonNotInRealTime } from "./real-time.ts";
import { askRule } from "./rules/ask-rule.ts";
import { protocolRules } from "./rules/index.ts";
import { createRuleContext } from "./rules/rule-context.ts";
import { type SuiteItem, suiteItem } from "./suite-item.ts";
import { faultSchedule, type WorkloadFault } from "./workload/fault-schedule.ts";
import { faultCluster, runUnderFaults } from "./workload/run-under-faults.ts";
import { runWorkload } from "./workload/run-workload.ts";
import { shrinkWorkload } from "./workload/shrink-workload.ts";
import { clusterOf, type Workload, workloads } from "./workload/workload.ts";

export const levels = ["smoke", "standard", "full"] as const;
export type Level = (typeof levels)[number];

export interface ConformTarget {
  /** A fresh subject, for one thing of the suite. Throws a `SubjectError` where there is none. */
  createSubject(): Promise<Subject>;
  /** How many brokers workloads may count on. */
  readonly brokers: number;
  /** For the protocol rules; `null`: it is no broker that speaks Kafka's protocol. */
  readonly wire: KafkaClientOptions | null;
  /** `null`: nobody has the machines in hand, and there are no faults. */
  readonly machines: { readonly control: BrokerControl; mend(): Promise<void> } | null;
  /** Told what was left behind or contacted by a client of the suite's own. */
  onContact(addresses: readonly string[], left: readonly string[]): void;
  /** What has to be closed if the user interrupts; the suite adds what is its own, while it is in use. */
  readonly open: Set<{ close(): Promise<void> }>;
}

export interface ConformPlan {
  readonly level: Level;
  readonly faults: readonly WorkloadFault[];
  readonly seed: number;
  readonly scenarios: readonly Scenario[];
  /** Leaves out everything but the scenarios. */
  readonly isScenariosOnly: boolean;
  /** Time for making one failing workload shorter. */
  readonly shrinkMs: number;
}

const workloadCounts = { smoke: 3, standard: 10, full: 40 } as const;
const faultRunCounts = { smoke: 0, standard: 2, full: 6 } as const;
const momentCounts = { smoke: 0, standard: 4, full: 6 } as const;

/** How long one scenario may wait, all in all. */
const waitMsMax = { smoke: 5_000, standard: 35_000, full: Number.POSITIVE_INFINITY } as const;

/** So many things in a row that nobody has answered leave the rest open: each of them may wait for long. */
const unansweredMax = 5;

const faultsName = "producers and a group under";

/** What breaks brokers: left out of the smoke level. */
const breaking: readonly Capability[] = ["kill", "power-off", "pause", "cut"];

export async function conform(
  target: ConformTarget,
  plan: ConformPlan,
  onItem: (item: SuiteItem) => void,
): Promise<void> {
  const silence = createSilence();
  if (!plan.isScenariosOnly) await askRules(target, plan, silence, onItem);
  for (const scenario of plan.scenarios) {
    const item = await playOne(target, plan, silence, scenario);
    onItem(item);
    if (target.machines?.control.isWhole() === false) await target.machines.mend();
  }
  if (plan.isScenariosOnly) return;
  for (const [index, workload] of workloads(workloadCounts[plan.level], plan.seed).entries()) {
    onItem(
      await guarded(silence, `workloads/${plan.seed}-${index}`, "a generated workload", () =>
        playWorkload(target, plan, index, workload),
      ),
    );
  }
  await runFaults(target, plan, silence, onItem);
}

/** A subject that is lost leaves this one thing open, and the suite goes on. */
async function guarded(
  silence: Silence,
  file: string,
  name: string,
  run: () => Promise<SuiteItem>,
): Promise<SuiteItem> {
  if (silence.isFinal) return notTried(file, name);
  try {
    const item = await run();
    silence.hear(item);
    return item;
  } catch (error) {
    if (!(error instanceof SubjectError)) throw error;
    silence.keep();
    return suiteItem({ file, name, status: "inconclusive", reason: error.message });
  }
}

/** Counts how many things in a row were left without an answer. */
interface Silence {
  /** Is it to be taken that nobody will answer any more? */
  readonly isFinal: boolean;
  hear(item: SuiteItem): void;
  keep(): void;
}

function createSilence(): Silence {
  let unanswered = 0;
  return {
    get isFinal() {
      return unanswered >= unansweredMax;
    },
    hear({ result: { status } }) {
      if (status === "passed" || status === "failed") unanswered = 0;
    },
    keep() {
      unanswered += 1;
    },
  };
}

function notTried(file: string, name: string): SuiteItem {
  const reason = `not tried: the last ${unansweredMax} were not answered`;
  return suiteItem({ file, name, status: "inconclusive", reason });
}

async function askRules(
  { wire, machines, onContact, open }: ConformTarget,
  { level }: ConformPlan,
  silence: Silence,
  onItem: (item: SuiteItem) => void,
) {
  if (wire === null) return;
  const client = createKafkaClient(wire);
  const context = createRuleContext(client, level === "smoke" ? null : (machines?.control ?? null));
  const asking = {
    async close() {
      const made = await context.end();
      client.close();
      const { left, contacted } = await removeOwn(wire, made);
      onContact([...client.contacted(), ...contacted], left);
    },
  };
  open.add(asking);
  try {
    for (const rule of protocolRules) {
      const item = silence.isFinal ? notTried(`rules/${rule.id}`, rule.title) : await askRule(rule, context);
      onItem(item);
      if (item.result.status === "inconclusive") silence.keep();
      else silence.hear(item);
      if (rule.needs === "faults" && item.result.status !== "skipped") await machines?.mend();
    }
  } finally {
    open.delete(asking);
    await asking.close();
  }
}

async function playOne(
  target: ConformTarget,
  { level }: ConformPlan,
  silence: Silence,
  scenario: Scenario,
): Promise<SuiteItem> {
  const { file, name } = scenario;
  const contract = JSON.parse(JSON.stringify(scenario.cluster));
  const reason = reasonNotInRealTime(file);
  if (reason !== null) return suiteItem({ file, name, status: "skipped", reason });
  const tooMuch = reasonNotInLevel(scenario, level);
  if (tooMuch !== null) return suiteItem({ file, name, status: "skipped", reason: tooMuch });
  return guarded(silence, file, name, async () => {
    const { result, history } = await playScenario(scenario, await target.createSubject(), requirements);
    return { result, history, contract };
  });
}

function reasonNotInLevel({ steps }: Scenario, level: Level): string | null {
  if (level === "smoke" && steps.some((step) => breaking.some((one) => one === needOf(step))))
    return "it breaks brokers, which the smoke level does not";
  const waited = steps.reduce((sum, step) => sum + (step.name === "elapse" ? step.args : 0), 0);
  return waited > waitMsMax[level] ? `it waits for longer than the ${level} level does` : null;
}

async function playWorkload(
  target: ConformTarget,
  plan: ConformPlan,
  index: number,
  workload: Workload,
): Promise<SuiteItem> {
  const cluster = clusterOf(workload, target.brokers);
  const contract = JSON.parse(JSON.stringify(cluster));
  const file = `workloads/${plan.seed}-${index}`;
  const name = `a generated workload of ${workload.operations.length} operations (seed ${plan.seed}, number ${index})`;
  const play = async (candidate: Workload) => runWorkload(candidate, cluster, await target.createSubject());
  let run = await play(workload);
  if (run.lacking !== null) return suiteItem({ file, name, status: "skipped", reason: run.lacking });
  const wrong = wrongIn(run);
  const ids = run.verdicts.map(({ id, verdict }) => ({ id, verdict }));
  if (wrong.length === 0) {
    const isJudged = run.verdicts.some(({ id, verdict }) => id === "CON-1" && verdict === "holds");
    const status = isJudged ? "passed" : "inconclusive";
    const reason = isJudged ? null : "nothing was read, so nothing can be told";
    return suiteItem({ file, name, status, reason, requirements: ids, history: run.history, contract });
  }
  const deadline = performance.now() + plan.shrinkMs;
  const kind = wrong[0]?.name;
  const shrunk = await shrinkWorkload(
    workload,
    async (candidate) => {
      const again = await play(candidate);
      const isSame = wrongIn(again).some((one) => one.name === kind);
      if (isSame) run = again;
      return isSame;
    },
    () => performance.now() < deadline,
  );
  const words = `shortened from ${workload.operations.length} to ${shrunk.workload.operations.length} operations: ${JSON.stringify(shrunk.workload.operations)}`;
  const seen = wrongIn(run).map(({ name: anomaly, text }) => `${anomaly}: ${text}`);
  return suiteItem({
    file,
    name,
    status: "failed",
    reason: words,
    requirements: ids,
    expected: [],
    seen,
    history: run.history,
    contract,
  });
}

interface Wrong {
  readonly name: string;
  readonly text: string;
}

/** Anomalies by their names, then promises that are violated. */
function wrongIn({
  anomalies,
  verdicts,
}: Pick<Awaited<ReturnType<typeof runWorkload>>, "anomalies" | "verdicts">): readonly Wrong[] {
  const violated = verdicts.filter(({ verdict }) => verdict === "violated");
  return [
    ...anomalies.map(({ name, text }) => ({ name, text })),
    ...violated.map(({ id, detail }) => ({ name: id, text: detail ?? "violated" })),
  ];
}

async function runFaults(
  target: ConformTarget,
  plan: ConformPlan,
  silence: Silence,
  onItem: (item: SuiteItem) => void,
): Promise<void> {
  const { machines } = target;
  const { level, faults, seed } = plan;
  if (level === "smoke") return;
  if (machines === null) {
    const reason = "nobody has the cluster's machines in hand";
    if (faults.length > 0)
      onItem(suiteItem({ file: `faults/${seed}`, name: `${faultsName} faults`, status: "skipped", reason }));
    onItem(suiteItem({ file: acks1LossFile, name: acks1LossName, status: "skipped", reason }));
    return;
  }
  for (let index = 0; index < faultRunCounts[level] && faults.length > 0; index += 1) {
    const file = `faults/${seed}-${index}`;
    const isIdempotent = index % 2 === 0;
    const moments = faultSchedule(faults, momentCounts[level], seed + index);
    const kinds = moments.map(({ fault }) => fault).join(", ");
    const name = `${faultsName} ${kinds} (seed ${seed + index}, ${isIdempotent ? "idempotent" : "not idempotent"})`;
    onItem(
      await guarded(silence, file, name, async () => {
        const options = { isIdempotent, moments, mend: () => machines.mend() };
        const run = await runUnderFaults(await target.createSubject(), options);
        const wrong = wrongIn(run).map(({ name: anomaly, text }) => `${anomaly}: ${text}`);
        if (run.unmended !== null) wrong.push(`LIV-1: after everything was mended, ${run.unmended}`);
        const { elections, acknowledged, unknown, history } = run;
        const reason = `${elections} elections, ${acknowledged} sends acknowledged, ${unknown} of unknown end`;
        const ids = run.verdicts.map(({ id, verdict }) => ({ id, verdict }));
        const contract = JSON.parse(JSON.stringify(faultCluster(isIdempotent)));
        const told = { file, name, reason, requirements: ids, history, contract };
        if (wrong.length > 0) return suiteItem({ ...told, status: "failed", expected: [], seen: wrong });
        return suiteItem({ ...told, status: elections > 0 && acknowledged > 0 ? "passed" : "inconclusive" });
      }),
    );
    await machines.mend();
  }
  onItem(
    await guarded(silence, acks1LossFile, acks1LossName, () =>
      provokeAcks1Loss(
        () => target.createSubject(),
        () => machines.mend(),
      ),
    ),
  );
}
