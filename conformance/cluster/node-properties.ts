/**
 * The settings of one node of a cluster for tests: KRaft, one controller and its brokers on loopback, with the failover
 * settings turned down from seconds to fractions of a second. Names are those of server.properties.
 */

import type { SecureListener } from "./secure-listener.ts";

export interface ClusterLayout {
  /** Absolute; every node has a folder of its own in it. */
  readonly folder: string;
  readonly controllerPort: number;
  /** Where brokers reach the controller: the port of the proxy before it. */
  readonly controllerLinkPort: number;
  /** Does the controller tell brokers where it is reached? Before 3.9 (KIP-853) it may not. */
  readonly controllerAdvertises: boolean;
  /** By broker: 1, 2, 3, … */
  readonly brokers: readonly {
    readonly id: number;
    readonly clientPort: number;
    readonly replicationPort: number;
    /** Where other brokers reach it: the port of the proxy before it. */
    readonly linkPort: number;
  }[];
  /** `null`: clients speak plain text, and nobody asks who they are. */
  readonly secured: SecureListener | null;
}

export const controllerId = 100;

/** The same at every node; Kafka's defaults in brackets. */
const shared: Readonly<Record<string, string>> = {
  "controller.listener.names": "CONTROLLER",
  "controller.quorum.election.timeout.ms": "500", // [1000]
  "controller.quorum.fetch.timeout.ms": "1000", // [2000]
  "broker.heartbeat.interval.ms": "250", // [2000]
  "broker.session.timeout.ms": "2500", // [9000]
  "log.cleaner.dedupe.buffer.size": "2097152", // [134217728]
  "auto.leader.rebalance.enable": "false", // [true]
  "min.insync.replicas": "1",
  "unclean.leader.election.enable": "false",
};

const brokersOnly: Readonly<Record<string, string>> = {
  "inter.broker.listener.name": "REPL",
  "replica.lag.time.max.ms": "2500", // [30000]
  "replica.fetch.wait.max.ms": "100", // [500]
  "replica.fetch.backoff.ms": "100", // [1000]
  "replica.socket.timeout.ms": "1500", // [30000]
  "offsets.topic.num.partitions": "1", // [50]
  "transaction.state.log.num.partitions": "1", // [50]
  "group.initial.rebalance.delay.ms": "0", // [3000]
  "group.min.session.timeout.ms": "500", // [6000]
  "auto.create.topics.enable": "false", // [true]
  "log.initial.task.delay.ms": "500", // [30000]
  "log.flush.offset.checkpoint.interval.ms": "100", // [60000]
  "log.retention.check.interval.ms": "1000", // [300000]
};

export function controllerProperties(layout: ClusterLayout): string {
  return lines({
    "process.roles": "controller",
    "node.id": String(controllerId),
    "controller.quorum.voters": `${controllerId}@127.0.0.1:${layout.controllerPort}`,
    listeners: `CONTROLLER://127.0.0.1:${layout.controllerPort}`,
    ...(layout.controllerAdvertises
      ? { "advertised.listeners": `CONTROLLER://127.0.0.1:${layout.controllerLinkPort}` }
      : {}),
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT",
    "log.dirs": `${layout.folder}/${controllerId}`,
    ...shared,
  });
}

export function brokerProperties(layout: ClusterLayout, id: number): string {
  const broker = layout.brokers.find((one) => one.id === id);
  if (broker === undefined) throw new RangeError(`the cluster has no broker ${id}`);
  const listenersAt = (replicationPort: number) =>
    `CLIENT://127.0.0.1:${broker.clientPort},REPL://127.0.0.1:${replicationPort}`;
  const copies = String(Math.min(3, layout.brokers.length));
  return lines({
    "process.roles": "broker",
    "node.id": String(id),
    "controller.quorum.voters": `${controllerId}@127.0.0.1:${layout.controllerLinkPort}`,
    listeners: listenersAt(broker.replicationPort),
    "advertised.listeners": listenersAt(broker.linkPort),
    "listener.security.protocol.map": `CONTROLLER:PLAINTEXT,CLIENT:${layout.secured?.protocol ?? "PLAINTEXT"},REPL:PLAINTEXT`,
    ...layout.secured?.properties,
    "log.dirs": `${layout.folder}/${id}`,
    "offsets.topic.replication.factor": copies,
    "transaction.state.log.replication.factor": copies,
    "transaction.state.log.min.isr": String(Math.min(2, layout.brokers.length)),
    ...shared,
    ...brokersOnly,
  });
}

/** To standard output, which goes to a file of each node. */
export const log4jProperties: string = lines({
  status: "error",
  "rootLogger.level": "info",
  "rootLogger.appenderRef.out.ref": "out",
  "appender.out.type": "Console",
  "appender.out.name": "out",
  "appender.out.layout.type": "PatternLayout",
  "appender.out.layout.pattern": "%d{ISO8601} %p %c{1} %m%n",
});

function lines(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
