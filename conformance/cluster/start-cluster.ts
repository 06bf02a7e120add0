/**
 * Starts a real Apache Kafka cluster on loopback for as long as it is needed: one controller that no fault touches, and
 * brokers whose processes and disks are in our hands.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Security } from "../../subjects/kafka/broker-connection.ts";
import type { BrokerControl } from "../../subjects/kafka/broker-control.ts";
import type { Address } from "../../subjects/kafka/frame-connection.ts";
import { awaitReady } from "./await-ready.ts";
import { loseUnflushed, readDiskLog } from "./disk.ts";
import { freePorts } from "./free-ports.ts";
import { checkJava, checkMemory, runJava } from "./java.ts";
import { findKafkaJars, type KafkaJars } from "./kafka-jars.ts";
import { LaunchError } from "./launch-error.ts";
import { type Links, type NodePorts, openLinks } from "./links.ts";
import { createNodeProcess, type NodeProcess } from "./node-process.ts";
import {
  brokerProperties,
  type ClusterLayout,
  controllerId,
  controllerProperties,
  log4jProperties,
} from "./node-properties.ts";
import type { SecureListener } from "./secure-listener.ts";

export interface ClusterOptions {
  /** As `4.3.1`; `null`: the pinned one, or what KAFKA_HOME holds. */
  readonly version: string | null;
  readonly brokers: number;
  /** Are eligible leader replicas (KIP-966) on? */
  readonly withElr: boolean;
  /** `null`: clients speak plain text. */
  readonly secured: SecureListener | null;
  /** Absolute. Logs of the nodes stay in it; data do not. */
  readonly folder: string;
  /** Tells the user what takes time. */
  readonly note: (text: string) => void;
}

export interface RunningCluster {
  readonly version: string;
  readonly bootstrap: readonly Address[];
  /** How clients are let in. */
  readonly security: Security;
  readonly control: BrokerControl;
  /** Starts or resumes whatever is down and waits until all brokers serve. */
  mend(): Promise<void>;
  /** Ends every process and removes the data. May be called twice. */
  stop(): Promise<void>;
}

/** From the start of the first process until all brokers serve; some 5 s on an idle machine with two cores. */
const readyMsMax = 90_000;

/** After so long it is written down how far logs are flushed: see `node-properties.ts`. */
const flushNoteMs = 400;

const jvm = ["-Xmx256m", "-Xms256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  await checkJava();
  checkMemory(options.brokers + 1);
  const jars = await findKafkaJars(options.version, options.note);
  options.note(`starting Kafka ${jars.version}: one controller, ${options.brokers} brokers`);
  const layout = await planLayout(options, jars);
  const links = await openLinks(portsOf(layout));
  const clusterId = randomBytes(16).toString("base64url");
  const files = writeFiles(layout);
  const nodes = new Map<number, NodeProcess>();
  for (const id of [controllerId, ...layout.brokers.map((one) => one.id)]) {
    const args = [...javaArguments(jars, layout), "kafka.Kafka", files.get(id) ?? ""];
    nodes.set(id, createNodeProcess(args, join(layout.folder, `${id}.log`)));
  }
  const removeData = () => {
    for (const id of nodes.keys()) {
      rmSync(join(layout.folder, String(id)), { recursive: true, force: true, maxRetries: 3 });
    }
  };
  const endNow = () => {
    for (const node of nodes.values()) node.killNow();
    removeData();
  };
  process.once("exit", endNow);
  const stop = async () => {
    links.close();
    await Promise.all([...nodes.values()].map((node) => node.kill()));
    process.off("exit", endNow);
    removeData();
  };
  const brokers = layout.brokers.map((one) => one.id);
  const bootstrap = layout.brokers.map((one) => ({ host: "127.0.0.1", port: one.clientPort }));
  const security = options.secured?.client ?? { tls: null, sasl: null };
  const ready = () =>
    awaitReady({ bootstrap, security, clusterId, brokers, nodes, folder: layout.folder, timeoutMs: readyMsMax });
  try {
    await Promise.all([...files].map(([id, file]) => format(jars, layout, clusterId, file, options, id)));
    for (const node of nodes.values()) node.start();
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  const control = controlOf(layout, nodes, links);
  return {
    version: jars.version,
    bootstrap,
    security,
    control,
    async mend() {
      links.healAll();
      for (const id of brokers) {
        if (nodes.get(id)?.isPaused) await control.resume(id);
        else await control.start(id);
      }
      await ready();
    },
    stop,
  };
}

async function planLayout(
  { folder, brokers, secured }: ClusterOptions,
  { version }: KafkaJars,
): Promise<ClusterLayout> {
  // All at once: a port that is asked for later might be one of these.
  const [controllerPort = 0, controllerLinkPort = 0, ...ports] = await freePorts(2 + 3 * brokers);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return {
    folder,
    secured,
    controllerPort,
    controllerLinkPort,
    controllerAdvertises: major > 3 || minor >= 9,
    brokers: Array.from({ length: brokers }, (_, index) => {
      const [clientPort = 0, replicationPort = 0, linkPort = 0] = ports.slice(3 * index);
      return { id: index + 1, clientPort, replicationPort, linkPort };
    }),
  };
}

function portsOf({ controllerPort, controllerLinkPort, brokers }: ClusterLayout): ReadonlyMap<number, NodePorts> {
  const controller = [controllerId, { port: controllerPort, linkPort: controllerLinkPort }] as const;
  return new Map([
    controller,
    ...brokers.map((one) => [one.id, { port: one.replicationPort, linkPort: one.linkPort }] as const),
  ]);
}

/** The properties file of every node, by its id. */
function writeFiles(layout: ClusterLayout): ReadonlyMap<number, string> {
  mkdirSync(layout.folder, { recursive: true });
  writeFileSync(join(layout.folder, "log4j2.properties"), log4jProperties);
  const texts = new Map([[controllerId, controllerProperties(layout)]]);
  for (const { id } of layout.brokers) texts.set(id, brokerProperties(layout, id));
  return new Map(
    [...texts].map(([id, text]) => {
      const file = join(layout.folder, `${id}.properties`);
      writeFileSync(file, text);
      return [id, file];
    }),
  );
}

function javaArguments(jars: KafkaJars, layout: ClusterLayout): readonly string[] {
  return [...jvm, `-Dlog4j2.configurationFile=${join(layout.folder, "log4j2.properties")}`, "-cp", jars.classPath];
}

async function format(
  jars: KafkaJars,
  layout: ClusterLayout,
  clusterId: string,
  file: string,
  { withElr, secured }: ClusterOptions,
  id: number,
): Promise<void> {
  const hasElr = Number(jars.version.split(".")[0]) >= 4;
  const features = hasElr ? ["--feature", `eligible.leader.replicas.version=${withElr ? 1 : 0}`] : [];
  const users = (secured?.scramUsers ?? []).flatMap((user) => ["--add-scram", user]);
  const tool = ["kafka.tools.StorageTool", "format", "-t", clusterId, "-c", file, ...features, ...users];
  const { code, output } = await runJava([...javaArguments(jars, layout), ...tool]);
  if (code === 0) return;
  writeFileSync(join(layout.folder, `${id}.log`), output);
  const reason = output.trim().split("\n").at(-1) ?? "";
  throw new LaunchError("E_CLUSTER", `node ${id} could not be formatted: ${reason.slice(0, 300)}`);
}

function controlOf(layout: ClusterLayout, nodes: ReadonlyMap<number, NodeProcess>, links: Links): BrokerControl {
  const nodeOf = (id: number): NodeProcess => {
    const node = nodes.get(id);
    if (node === undefined || id === controllerId) throw new RangeError(`the cluster has no broker ${id}`);
    return node;
  };
  const data = (id: number) => join(layout.folder, String(id));
  const idOf = (name: string) => (name === "controller" ? controllerId : Number(name));
  const isUp = (id: number) => nodeOf(id).isRunning && !nodeOf(id).isPaused;
  const brokers = layout.brokers.map((one) => one.id);
  return {
    brokers,
    kill: (id) => nodeOf(id).kill(),
    start: async (id) => nodeOf(id).start(),
    pause: async (id) => nodeOf(id).pause(),
    resume: async (id) => nodeOf(id).resume(),
    async powerOff(id, keeps) {
      // How far a log is flushed is written down every 100 ms: what was flushed shall not be taken.
      if (nodeOf(id).isRunning) await sleep(flushNoteMs);
      await nodeOf(id).kill();
      loseUnflushed(data(id), keeps);
    },
    cut: ([one, other]) => links.cut(idOf(one), idOf(other)),
    heal: ([one, other]) => links.heal(idOf(one), idOf(other)),
    healAll: () => links.healAll(),
    isUp,
    hearsController: (id) => isUp(id) && !links.isCut(id, controllerId),
    isWhole: () => links.areWhole && brokers.every(isUp),
    diskLog: (id, topicPartition) => readDiskLog(data(id), topicPartition),
  };
}
