/**
 * A plan, played on the model as a subject: what the applications see of it is a history. First under fire, then everything
 * is mended, each partition gets one more record, the consumer reads on, and a fresh reader reads everything.
 */
import { createRandom, type Random } from "../../explore/random.ts";
import type { ExternalChoice } from "../../model/cluster/choice.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { type PlantedBug, plant } from "../../model/plants/plant.ts";
import { type ClusterConfig, partitionsOf } from "../../spec/config/cluster-config.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import type { Subject } from "../../spec/subject.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";
import { configOf, externalOf, mendingOf, type Plan } from "./plan.ts";

export interface Recorded {
  readonly config: ClusterConfig;
  readonly operations: readonly HistoryOperation[];
}

/** Milliseconds that pass between two calls from outside, in the long run half as many. */
const pauseMsMax = 600;

export async function recordPlan(plan: Plan, bug: PlantedBug | null): Promise<Recorded> {
  const config = configOf(plan);
  const external = externalOf(plan, config);
  const operations: HistoryOperation[] = [];
  const subject = createModelSubject({
    machines: (partitioners, reconciliation) => {
      const usual = createMachines(partitioners, reconciliation);
      return bug === null ? usual : plant(bug, usual);
    },
  });
  const refusal = await subject.start(config, (operation) => operations.push(operation), {});
  if (refusal !== null) throw new Error(refusal);
  const random = createRandom(plan.schedule.seed);
  for (const choice of interleaved(external, random)) {
    await take(subject, choice);
    await subject.elapse(random.below(3) === 0 ? 0 : random.below(pauseMsMax));
  }
  await bringToRest(subject, config, mendingOf(config, external));
  await subject.close();
  return { config, operations };
}

/** Each actor's choices in their order, and the actors mixed. */
function interleaved(external: readonly ExternalChoice[], random: Random): readonly ExternalChoice[] {
  const queues = new Map<string, ExternalChoice[]>();
  for (const choice of external) {
    const actor = choice.kind === "client" ? choice.client : choice.kind;
    queues.set(actor, [...(queues.get(actor) ?? []), choice]);
  }
  const mixed: ExternalChoice[] = [];
  for (let left = [...queues.values()]; left.length > 0; left = left.filter((queue) => queue.length > 0)) {
    const next = left[random.below(left.length)]?.shift();
    if (next !== undefined) mixed.push(next);
  }
  return mixed;
}

async function take(subject: Subject, choice: ExternalChoice): Promise<void> {
  if (choice.kind === "fault") return subject.fault(choice.fault);
  if (choice.kind !== "client") return;
  const { client, operation } = choice;
  switch (operation.f) {
    case "send":
      await subject.send({ producer: client, to: operation.to, records: operation.records, wait: false });
      return;
    case "poll":
      await subject.poll({ consumer: client, timeoutMs: operation.timeoutMs });
      return;
    case "commit":
      await subject.commit({ consumer: client, offsets: operation.offsets });
      return;
    case "seek":
      await subject.seek({ consumer: client, partition: operation.partition, offset: operation.offset });
      return;
    case "delete-records":
      await subject.deleteRecords({ partition: operation.partition, before: operation.before });
      return;
    case "crash":
      return subject.crash(client);
    case "restart":
      return subject.restart(client);
    default:
      throw new Error(`a plan does not ${operation.f}`);
  }
}

async function bringToRest(subject: Subject, config: ClusterConfig, mending: readonly ExternalChoice[]): Promise<void> {
  for (const choice of mending) await take(subject, choice);
  await subject.elapse(10_000);
  for (const partition of partitionsOf(config)) {
    await subject.send({
      producer: "p2",
      to: partition,
      records: [{ key: null, value: `last-${partition}` }],
      wait: false,
    });
  }
  await subject.elapse(61_000);
  for (let round = 0; round < 4; round += 1) {
    for (const partition of partitionsOf(config)) {
      const records = [{ key: null, value: `end${round}-${partition}` }];
      await subject.send({ producer: "p2", to: partition, records, wait: true });
    }
  }
  for (let round = 0; round < 12; round += 1) await subject.poll({ consumer: "c1", timeoutMs: 500 });
  await subject.finalReads();
}
