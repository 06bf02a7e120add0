/**
 * Rules between properties: values that are right one by one and contradict each other. Kafka refuses each of them at
 * start or at the creation of a topic. A rule is silent about values that are already refused.
 */
import { leastDeliveryTimeout } from "./client-properties.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import type { ConfigProblem, Path } from "./config-problem.ts";

/** What a rule may ask about the input. */
export interface InputFacts {
  /** Did the user write a value there? */
  readonly given: (path: Path) => boolean;
  /** Is there no problem yet at any of these places? A refused value has its default here. */
  readonly sound: (...paths: readonly Path[]) => boolean;
}

export function contradictions(config: ClusterConfig, facts: InputFacts): ConfigProblem[] {
  return [
    ...fetchWait(config, facts),
    ...eligibleLeaders(config, facts),
    ...replicationFactors(config, facts),
    ...deliveryTimeouts(config, facts),
    ...autoCommits(config, facts),
  ];
}

/** KafkaConfig.validateValues: a follower's fetch must not wait longer than its socket, nor than the lag time. */
function fetchWait({ server }: ClusterConfig, { given, sound }: InputFacts): ConfigProblem[] {
  const wait = "replica.fetch.wait.max.ms";
  return (["replica.socket.timeout.ms", "replica.lag.time.max.ms"] as const).flatMap((limit) => {
    const paths = [
      ["server", wait],
      ["server", limit],
    ];
    if (server[wait] <= server[limit] || !sound(...paths)) return [];
    const message = `\`${wait}\` is ${server[wait]} ms, more than \`${limit}\`, ${server[limit]} ms`;
    // Both defaults agree, so that at least one of the two was written.
    const path = paths.find((one) => given(one)) ?? [];
    return [contradiction(path, message, `\`${wait}\` at most \`${limit}\``, null)];
  });
}

/** KIP-966: eligible leader replicas came with 4.0 and are on for new clusters from 4.1. */
function eligibleLeaders({ profile, server }: ClusterConfig, { sound }: InputFacts): ConfigProblem[] {
  const name = "eligible.leader.replicas.version";
  const path = ["server", name];
  if (server[name] === 0 || profile === "4.1" || !sound(path)) return [];
  const message = `\`${name}\` is 1, but profile ${profile} has no eligible leader replicas`;
  return [contradiction(path, message, "0", "leave it out, or choose profile 4.1")];
}

const invalidReplicationFactor = "INVALID_REPLICATION_FACTOR";

/** The error by which a cluster answers the creation of its topics; `null` if it creates them (StripedReplicaPlacer). */
export function refusalOf({ topics, brokers }: ClusterConfig): string | null {
  const tooMany = Object.values(topics).some((topic) => topic["replication.factor"] > brokers);
  return tooMany ? invalidReplicationFactor : null;
}

/** `refusalOf`, with its place. */
function replicationFactors(config: ClusterConfig, { given, sound }: InputFacts): ConfigProblem[] {
  return Object.entries(config.topics).flatMap(([name, topic]) => {
    const factor = topic["replication.factor"];
    const own = ["topics", name, "replication.factor"];
    const path = given(own) ? own : ["server", "default.replication.factor"];
    if (!sound(path, ["brokers"]) || factor <= config.brokers) return [];
    return [
      {
        code: "E_REPLICATION_FACTOR",
        path,
        message: `topic ${name} is to have ${factor} replicas, but the cluster has ${config.brokers} brokers`,
        expected: `at most ${config.brokers}`,
        hint: `Kafka answers ${invalidReplicationFactor}: add brokers or lower the factor`,
        refusal: invalidReplicationFactor,
      },
    ];
  });
}

/** KafkaProducer.configureDeliveryTimeout; a timeout that is not given is raised instead. */
function deliveryTimeouts({ producers }: ClusterConfig, { given, sound }: InputFacts): ConfigProblem[] {
  return Object.entries(producers).flatMap(([name, producer]) => {
    const at = (property: string): Path => ["producers", name, property];
    const path = at("delivery.timeout.ms");
    const least = leastDeliveryTimeout(producer);
    if (!given(path) || !sound(path, at("linger.ms"), at("request.timeout.ms"))) return [];
    if (producer["delivery.timeout.ms"] >= least) return [];
    const message = `\`delivery.timeout.ms\` is ${producer["delivery.timeout.ms"]} ms, less than \`linger.ms\` + \`request.timeout.ms\``;
    return [contradiction(path, message, `at least ${least} ms`, "leave it out, and it follows the two")];
  });
}

/** ConsumerConfig.maybeOverrideEnableAutoCommit. */
function autoCommits({ consumers }: ClusterConfig, { sound }: InputFacts): ConfigProblem[] {
  return Object.entries(consumers).flatMap(([name, consumer]) => {
    const path = ["consumers", name, "enable.auto.commit"];
    if (!consumer["enable.auto.commit"] || consumer["group.id"] !== null) return [];
    if (!sound(path, ["consumers", name, "group.id"])) return [];
    const message = "`enable.auto.commit` is true, but there is no `group.id` to commit for";
    return [contradiction(path, message, "false", "give the consumer a `group.id`")];
  });
}

function contradiction(path: Path, message: string, expected: string, hint: string | null): ConfigProblem {
  return { code: "E_CONTRADICTION", path, message: `${message}, expected ${expected}`, expected, hint };
}
