/** The smallest change of a configuration by which what can be lost is promised, and holds. */
import type { ClusterConfig, ProducerConfig, TopicConfig } from "../spec/config/cluster-config.ts";
import { requirementById } from "../spec/requirements/index.ts";
import type { Design } from "./design.ts";

export interface Change {
  readonly name: string;
  readonly value: string;
  apply(config: ClusterConfig): ClusterConfig;
}

/** Sets of changes, smaller ones first, under which the requirement is promised. Whether it then holds a check must show. */
export function changesThatPromise(design: Design, requirement: string): readonly (readonly Change[])[] {
  const promised = requirementById(requirement)?.promised;
  if (promised === undefined) return [];
  const changes = changesOf(design.config);
  const sets = subsets(changes).sort((one, other) => one.length - other.length);
  const found = sets.filter((set) => set.length > 0 && promised(changed(design, set).config, {}));
  // Whatever holds a smaller set that will do is more than is needed.
  return found.filter((set) => !found.some((other) => other !== set && other.every((one) => set.includes(one))));
}

export function changed(design: Design, changes: readonly Change[]): Design {
  return { ...design, config: changes.reduce((config, { apply }) => apply(config), design.config) };
}

function changesOf(config: ClusterConfig): readonly Change[] {
  const topics = Object.values(config.topics);
  const producers = Object.values(config.producers);
  const replicas = Math.min(3, config.brokers);
  return [
    ...when(
      producers.some(({ acks }) => acks !== -1),
      "acks",
      "all",
      (one) => withProducers(one, { acks: -1 }),
    ),
    ...when(
      topics.some((topic) => topic["unclean.leader.election.enable"]),
      "unclean.leader.election.enable",
      "false",
      (one) => withTopics(one, () => ({ "unclean.leader.election.enable": false })),
    ),
    ...when(
      replicas > 1 && topics.some((topic) => topic["replication.factor"] < replicas),
      "replication.factor",
      `${replicas}`,
      (one) => withTopics(one, (topic) => ({ "replication.factor": Math.max(topic["replication.factor"], replicas) })),
    ),
    ...when(
      topics.some((topic) => topic["min.insync.replicas"] < 2),
      "min.insync.replicas",
      "2",
      (one) => withTopics(one, (topic) => ({ "min.insync.replicas": Math.max(topic["min.insync.replicas"], 2) })),
    ),
    ...when(
      config.server["eligible.leader.replicas.version"] === 0,
      "eligible.leader.replicas.version",
      "1",
      (one) => ({
        ...one,
        server: { ...one.server, "eligible.leader.replicas.version": 1 },
      }),
    ),
  ];
}

function when(isOpen: boolean, name: string, value: string, apply: Change["apply"]): readonly Change[] {
  return isOpen ? [{ name, value, apply }] : [];
}

function withTopics(config: ClusterConfig, change: (topic: TopicConfig) => Partial<TopicConfig>): ClusterConfig {
  const topics = Object.entries(config.topics).map(([id, topic]) => [id, { ...topic, ...change(topic) }]);
  return { ...config, topics: Object.fromEntries(topics) };
}

function withProducers(config: ClusterConfig, change: Partial<ProducerConfig>): ClusterConfig {
  const producers = Object.entries(config.producers).map(([id, one]) => [id, { ...one, ...change }]);
  return { ...config, producers: Object.fromEntries(producers) };
}

function subsets<One>(all: readonly One[]): (readonly One[])[] {
  const sets: (readonly One[])[] = [[]];
  for (const one of all) sets.push(...sets.map((set) => [...set, one]));
  return sets;
}
