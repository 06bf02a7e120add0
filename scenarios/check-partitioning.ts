/**
 * Can the partition of every record be chosen that a file sends to a topic? Asked before a run, because only a file has
 * places to point at: a user's own partitioner may throw, or name no partition, and the model has not every choice yet.
 */
import { type ClusterConfig, isTopic } from "../spec/config/cluster-config.ts";
import { isModulePath } from "../spec/config/partitioner-class.ts";
import { type Partitioner, type Partitioners, partitionBy } from "../spec/partitioner.ts";
import type { ProducerRecord } from "../spec/vocabulary.ts";
import { recordsOf } from "./grammar/records-of.ts";
import type { Step } from "./grammar/steps.ts";
import type { Path } from "./json.ts";
import type { Problem } from "./problem.ts";

/** What is wrong with one record; `null`: nothing. */
type Complaint = Pick<Problem, "code" | "message" | "hint"> | null;

/** `steps` with their numbers from 0 in the document. A partitioner that could not be had is a problem already. */
export function checkPartitioning(
  steps: readonly { readonly index: number; readonly step: Step }[],
  cluster: ClusterConfig,
  partitioners: Partitioners,
): readonly Problem[] {
  return steps.flatMap(({ index, step }) => {
    if (step.name !== "send" || !isTopic(cluster, step.args.to)) return [];
    const path: Path = ["steps", index, "send", "values"];
    const complaints = recordsOf(step.args).map((record) => complain(record, step.args, cluster, partitioners));
    const position = complaints.findIndex((one) => one !== null);
    const first = complaints[position] ?? null;
    return first === null ? [] : [{ ...first, path: [...path, position], on: "value" }];
  });
}

function complain(
  record: ProducerRecord,
  { by, to }: { readonly by: string; readonly to: string },
  { producers, topics }: ClusterConfig,
  partitioners: Partitioners,
): Complaint {
  const producer = Object.hasOwn(producers, by) ? producers[by] : undefined;
  if (producer === undefined) return null;
  const { "partitioner.class": name, "partitioner.ignore.keys": ignoreKeys } = producer;
  if (isModulePath(name)) {
    const own = Object.hasOwn(partitioners, name) ? partitioners[name] : undefined;
    return own === undefined ? null : tryOut(name, own, record, topics[to]?.partitions ?? 1);
  }
  if (name !== null || (record.key !== null && !ignoreKeys)) return null;
  const why = record.key === null ? "has no key" : "may not go by its key (`partitioner.ignore.keys`)";
  return {
    code: "E_UNSUPPORTED",
    message: `the record ${record.value} ${why}, and Kafka's own choice of a partition for it (KIP-794) is not in the model yet`,
    hint: `set \`partitioner.class\` of ${by} to RoundRobinPartitioner or TextbookPartitioner, or send to a partition such as ${to}-0`,
  };
}

function tryOut(name: string, own: Partitioner, record: ProducerRecord, partitions: number): Complaint {
  const of = `the record ${record.value} (key ${JSON.stringify(record.key)})`;
  try {
    const [first, second] = [partitionBy(own, record, partitions), partitionBy(own, record, partitions)];
    if (first === second) return null;
    const message = `the partitioner ${name} chose ${first} for ${of}, and asked again ${second}`;
    return {
      code: "E_PARTITIONER",
      message,
      hint: "it may depend on nothing but the record and the number of partitions",
    };
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\s*\n\s*/g, " ");
    return { code: "E_PARTITIONER", message: `the partitioner ${name} fails for ${of}: ${reason}`, hint: null };
  }
}
