/** Does everything that a scenario names exist in its cluster, and in the role in which it is named? */
import { assignmentOf, type ClusterConfig, isTopic, partitionsOf } from "../../spec/config/cluster-config.ts";
import { nearestName } from "../../spec/config/nearest-name.ts";
import { didYouMean } from "../../spec/config/read-settings.ts";
import { parseTopicPartition } from "../../spec/vocabulary.ts";
import type { Problem } from "../problem.ts";
import type { Reference, ReferenceKind } from "./references.ts";

/** What went wrong with a name, and the hint that mends it; `null`: nothing. */
type Complaint = { readonly message: string; readonly hint: string | null } | null;

/** `cluster` is `null` where it is broken itself: then only requirement ids can be checked. */
export function checkReferences(
  references: readonly Reference[],
  cluster: ClusterConfig | null,
  requirementIds: readonly string[],
): readonly Problem[] {
  return references.flatMap(({ kind, name, path, on }) => {
    const complaint =
      kind === "requirement"
        ? among("requirement", requirementIds, name)
        : cluster === null
          ? null
          : checks[kind](name, cluster);
    return complaint === null ? [] : [{ code: "E_UNKNOWN_REFERENCE", path, on, ...complaint }];
  });
}

const checks: Readonly<
  Record<Exclude<ReferenceKind, "requirement">, (name: string, cluster: ClusterConfig) => Complaint>
> = {
  producer: (name, { producers, consumers }) => {
    if (Object.hasOwn(consumers, name))
      return { message: `${name} is a consumer, a producer is needed here`, hint: null };
    return among("producer", Object.keys(producers), name);
  },
  consumer: (name, { producers, consumers }) => {
    if (Object.hasOwn(producers, name))
      return { message: `${name} is a producer, a consumer is needed here`, hint: null };
    return among("consumer", Object.keys(consumers), name);
  },
  client: (name, cluster) => among("client", clients(cluster), name),
  broker: (name, cluster) => among("broker", brokers(cluster), name),
  node: (name, cluster) => among("node", [...brokers(cluster), ...clients(cluster), "controller", "coordinator"], name),
  partition: checkPartition,
  destination: checkDestination,
  replica: checkReplica,
  "partition-or-replica": (name, cluster) =>
    name.includes("/") ? checkReplica(name, cluster) : checkPartition(name, cluster),
  "group-partition": (name, cluster) => {
    const groups = Object.values(cluster.consumers).flatMap((consumer) => consumer["group.id"] ?? []);
    return checkOwned("group", [...new Set(groups)], name, cluster);
  },
  "consumer-partition": (name, cluster) => checkOwned("consumer", Object.keys(cluster.consumers), name, cluster),
};

function brokers(cluster: ClusterConfig): readonly string[] {
  return Array.from({ length: cluster.brokers }, (_, index) => String(index + 1));
}

function clients(cluster: ClusterConfig): readonly string[] {
  return [...Object.keys(cluster.producers), ...Object.keys(cluster.consumers)];
}

function among(what: string, known: readonly string[], name: string): Complaint {
  if (known.includes(name)) return null;
  const all = known.length === 0 ? "there is none" : `known: ${known.join(", ")}`;
  return { message: `unknown ${what} \`${name}\` (${all})`, hint: didYouMean(nearestName(name, known)) };
}

function checkPartition(name: string, cluster: ClusterConfig): Complaint {
  const parsed = parseTopicPartition(name);
  const topic = parsed === null ? undefined : cluster.topics[parsed.topic];
  if (parsed === null || topic === undefined || !Object.hasOwn(cluster.topics, parsed.topic)) {
    return among("partition", partitionsOf(cluster), name);
  }
  if (parsed.partition < topic.partitions) return null;
  const message = `unknown partition \`${name}\`: ${parsed.topic} has ${topic.partitions}, numbered from 0`;
  return { message, hint: didYouMean(`${parsed.topic}-${topic.partitions - 1}`) };
}

/** Of a name that could be either, a partition is the likelier one to be meant. */
function checkDestination(name: string, cluster: ClusterConfig): Complaint {
  if (isTopic(cluster, name)) return null;
  const complaint = checkPartition(name, cluster);
  if (complaint === null || parseTopicPartition(name) !== null) return complaint;
  return among("partition or topic", [...partitionsOf(cluster), ...Object.keys(cluster.topics)], name);
}

function checkReplica(name: string, cluster: ClusterConfig): Complaint {
  const owned = checkOwned("broker", brokers(cluster), name, cluster);
  if (owned !== null) return owned;
  const [broker, partition] = split(name);
  const assigned = assignmentOf(cluster, partition);
  if (assigned.includes(Number(broker))) return null;
  return {
    message: `broker ${broker} has no replica of ${partition} (known: ${assigned.join(", ")})`,
    hint: null,
  };
}

/** `owner/partition`. */
function checkOwned(what: string, owners: readonly string[], name: string, cluster: ClusterConfig): Complaint {
  const [owner, partition] = split(name);
  if (owner === "") return { message: `expected ${what}/partition, found \`${name}\``, hint: null };
  return among(what, owners, owner) ?? checkPartition(partition, cluster);
}

/** At the last slash: a group's id may hold one, a partition's name cannot. */
function split(name: string): readonly [owner: string, partition: string] {
  const slash = name.lastIndexOf("/");
  return [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
}
