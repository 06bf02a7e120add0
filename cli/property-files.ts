/**
 * A cluster from Kafka's own property files: a broker's `server.properties`, a producer's, a consumer's. What kind a file
 * is its name says. The topic is the one that such brokers create where nothing else is said.
 */
import { basename } from "node:path";
import { type Pair, parseLines } from "dot-properties";
import { isUnmodelled, type Section, unmodelledNames } from "../spec/config/kafka-property-names.ts";
import { nearestName } from "../spec/config/nearest-name.ts";
import { modelledNames } from "../spec/config/read-settings.ts";
import { CliError } from "./cli-error.ts";

type Kind = Extract<Section, "server" | "topic" | "producer" | "consumer">;

interface Setting {
  readonly name: string;
  readonly value: string;
  /** As file:line:col. */
  readonly place: string;
}

/** Kafka's own settings that a real file has and the model does without, with what that means for the answer. */
const withoutThem: Readonly<Record<string, string>> = {
  "enable.idempotence": "the model sends without idempotence: what is lost is the same, duplicates are not looked at",
  "auto.leader.rebalance.enable": "preferred leaders are not in the model: nothing is lost by them",
};

export interface ClusterOfFiles {
  readonly raw: Record<string, unknown>;
  readonly placeOf: (path: readonly (string | number)[]) => string | null;
  readonly setAside: readonly string[];
}

/** Throws `E_USAGE` for a file of no kind, `E_UNKNOWN_PROPERTY` for a name that is none of Kafka's. */
export function clusterOfPropertyFiles(files: readonly string[], read: (file: string) => string): ClusterOfFiles {
  const given: Record<Kind, Setting[]> = { server: [], topic: [], producer: [], consumer: [] };
  const setAside: string[] = [];
  for (const file of files) {
    const kind = kindOf(file);
    for (const setting of settingsIn(file, read(file))) {
      const reason = reasonToSetAside(setting, kind);
      if (reason === null) given[kind].push(setting);
      else setAside.push(`${setting.place} ${setting.name}: ${reason}`);
    }
  }
  const values = (kind: Kind) => Object.fromEntries(given[kind].map(({ name, value }) => [name, value]));
  const raw = {
    profile: "4.1",
    brokers: brokersFor(given),
    server: numbered(values("server")),
    topics: { t: numbered(values("topic")) },
    producers: { p: { "linger.ms": 0, ...numbered(values("producer")) } },
  };
  return { raw, setAside, placeOf: (path) => placeOf(path, given) };
}

/** Three, or as many as a partition has replicas. */
function brokersFor(given: Readonly<Record<Kind, readonly Setting[]>>): number {
  const factors = [...given.server, ...given.topic]
    .filter(({ name }) => name === "default.replication.factor" || name === "replication.factor")
    .map(({ value }) => Number(value))
    .filter((value) => Number.isSafeInteger(value) && value <= 9);
  return Math.max(3, ...factors);
}

const kinds: readonly (readonly [Kind, RegExp])[] = [
  ["producer", /producer/i],
  ["consumer", /consumer/i],
  ["topic", /topic/i],
  ["server", /server|broker/i],
];

function kindOf(file: string): Kind {
  const found = kinds.find(([, pattern]) => pattern.test(basename(file)));
  if (found !== undefined) return found[0];
  const hint = "its name must have server, broker, topic, producer or consumer in it";
  throw new CliError("E_USAGE", `${file}: whose properties are these?`, hint);
}

function settingsIn(file: string, text: string): readonly Setting[] {
  const pairs = parseLines(text, true).filter((node): node is Pair & { range: [number, number, number, number] } => {
    return node.type === "PAIR";
  });
  return pairs.map(({ key, value, range }) => {
    const before = text.slice(0, range[0]);
    const line = before.split("\n").length;
    return { name: key, value: value.trim(), place: `${file}:${line}:${range[0] - before.lastIndexOf("\n")}` };
  });
}

function reasonToSetAside({ name, value, place }: Setting, kind: Kind): string | null {
  const without = withoutThem[name];
  if (without !== undefined && value === "true") return without;
  if (modelledNames[kind].includes(name)) return null;
  if (isUnmodelled(kind, name)) return "not in the model";
  const nearest = nearestName(name, [...modelledNames[kind], ...unmodelledNames[kind]]);
  const hint = nearest === null ? `it is none of Kafka's ${kind} properties` : `did you mean \`${nearest}\`?`;
  throw new CliError("E_UNKNOWN_PROPERTY", `${place} there is no property \`${name}\``, hint);
}

function numbered(values: Readonly<Record<string, string>>): Record<string, unknown> {
  const value = (text: string) =>
    /^-?\d{1,15}$/.test(text) ? Number(text) : text === "true" || text === "false" ? text === "true" : text;
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, value(text)]));
}

const sectionNames: Readonly<Record<string, Kind>> = { server: "server", topics: "topic", producers: "producer" };

function placeOf(path: readonly (string | number)[], given: Readonly<Record<Kind, readonly Setting[]>>): string | null {
  const kind = sectionNames[`${path[0]}`];
  const name = `${path.at(-1)}`;
  const own = kind === undefined ? [] : given[kind];
  // A topic takes over what its server says.
  return [...own, ...given.server].findLast((setting) => setting.name === name)?.place ?? null;
}
