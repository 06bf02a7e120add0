/**
 * What was promised to the clients of a history: the cluster of its header or of a file, with Kafka's properties, as far
 * as judging needs it. Properties that the model does not have yet are understood here: a history may come from anywhere.
 */
import { type ClusterConfig, topicOf } from "../../config/cluster-config.ts";
import type { ConfigProblem } from "../../config/config-problem.ts";
import { parseCluster } from "../../config/parse-cluster.ts";
import { parseTopicPartition, type TopicPartition } from "../../vocabulary.ts";

export interface HistoryContract {
  /** `null`: nothing was said, and everything counts as promised. */
  readonly config: ClusterConfig | null;
  /** Producers that say `enable.idempotence: true`, or have a `transactional.id`. */
  readonly idempotent: ReadonlySet<string>;
  /** Consumers that say `isolation.level: read_committed`. */
  readonly readCommitted: ReadonlySet<string>;
}

export type ReadContract =
  | { readonly ok: true; readonly contract: HistoryContract }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** What is judged where no contract is given. */
export const fullPromise: HistoryContract = { config: null, idempotent: new Set(), readCommitted: new Set() };

/** An empty object is no contract. */
export function readContract(raw: unknown): ReadContract {
  if (!isObject(raw) || Object.keys(raw).length === 0) return { ok: true, contract: fullPromise };
  const idempotent = new Set<string>();
  const readCommitted = new Set<string>();
  const producers = eachOf(raw["producers"], (name, settings) => {
    const { "enable.idempotence": idempotence, "transactional.id": transactional, ...rest } = settings;
    if (idempotence === true || transactional !== undefined) idempotent.add(name);
    // What is not a truth is left for the reader of configurations to refuse.
    return idempotence === undefined || idempotence === true ? rest : { ...rest, "enable.idempotence": idempotence };
  });
  const consumers = eachOf(raw["consumers"], (name, settings) => {
    const { "isolation.level": isolation, ...rest } = settings;
    if (isolation === "read_committed") readCommitted.add(name);
    return isolation === undefined || isolation === "read_committed" ? rest : { ...rest, "isolation.level": isolation };
  });
  const cluster = { ...raw, ...given("producers", producers), ...given("consumers", consumers) };
  const parsed = parseTopicByTopic(cluster, raw["topics"]);
  if ("problems" in parsed) return { ok: false, problems: parsed.problems };
  return { ok: true, contract: { config: parsed.config, idempotent, readCommitted } };
}

/** The model has one topic; a history may be of several, each a cluster's only one as far as promises go. */
function parseTopicByTopic(
  cluster: object,
  topics: unknown,
): { readonly config: ClusterConfig } | { readonly problems: readonly ConfigProblem[] } {
  const names = isObject(topics) ? Object.keys(topics) : [];
  const each = names.length > 1 && isObject(topics) ? names.map((name) => ({ [name]: topics[name] })) : [topics];
  const configs: ClusterConfig[] = [];
  for (const one of each) {
    const parsed = parseCluster({ ...cluster, ...given("topics", one) });
    const config = parsed.ok ? parsed.config : parsed.refused;
    if (config === null) return { problems: parsed.ok ? [] : parsed.problems };
    configs.push(config);
  }
  const [first] = configs;
  if (first === undefined) return { problems: [] };
  return { config: { ...first, topics: Object.assign({}, ...configs.map(({ topics: own }) => own)) } };
}

/** A contract that is a configuration already. */
export function contractOf(config: ClusterConfig): HistoryContract {
  return { config, idempotent: new Set(), readCommitted: new Set() };
}

/** Does the contract have this key? Of what it does not have nothing is promised. */
export function hasKey({ config }: HistoryContract, key: TopicPartition): boolean {
  if (config === null) return true;
  const parsed = parseTopicPartition(key);
  const topic =
    parsed === null || !Object.hasOwn(config.topics, parsed.topic) ? undefined : config.topics[parsed.topic];
  return parsed !== null && topic !== undefined && parsed.partition < topic.partitions;
}

/** Does this client read only what is committed? Jepsen's readers do, Kafka's by default do not. */
export function readsCommitted({ config, readCommitted }: HistoryContract, client: string): boolean {
  return config === null || readCommitted.has(client);
}

/**
 * Does a value of this producer get into the log at most once? An idempotent one's while its session lasts; one's that
 * never retries always. Who does not say that he is idempotent is taken not to be.
 */
export function writesOnce(
  { config, idempotent }: HistoryContract,
  producer: string,
): "always" | "in a session" | null {
  const settings = config?.producers[producer];
  if (config === null || idempotent.has(producer)) return "in a session";
  return settings?.retries === 0 ? "always" : null;
}

/** May records of this key have gone by age or size in a history of this length? */
export function retentionMayTake({ config }: HistoryContract, key: TopicPartition, lastsMs: number): boolean {
  if (config === null) return false;
  const topic = topicOf(config, key);
  return topic["retention.bytes"] !== -1 || (topic["retention.ms"] !== -1 && lastsMs >= topic["retention.ms"]);
}

function given(name: string, value: unknown): object {
  return value === undefined ? {} : { [name]: value };
}

function eachOf(raw: unknown, change: (name: string, settings: Readonly<Record<string, unknown>>) => object): unknown {
  if (!isObject(raw)) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([name, settings]) => [name, isObject(settings) ? change(name, settings) : settings]),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
