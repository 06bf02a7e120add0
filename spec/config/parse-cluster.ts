/**
 * Makes a complete configuration from what a user wrote (YAML or JSON, already read): every default filled in, one normal
 * form, and all problems at once.
 */
import * as z from "zod";
import { consumerProperties, producerProperties } from "./client-properties.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { contradictions, type InputFacts } from "./cluster-rules.ts";
import { type ConfigProblem, type Path, shown } from "./config-problem.ts";
import { nearestName } from "./nearest-name.ts";
import { clusterProperties, serverProperties, topicProperties } from "./properties.ts";
import type { Property } from "./property.ts";
import { didYouMean, type Input, isGiven, readSettings, sectionOf, strangers } from "./read-settings.ts";

export type { ConfigProblem } from "./config-problem.ts";

export type ParsedCluster =
  | { readonly ok: true; readonly config: ClusterConfig }
  /** `refused` is complete where the only thing wrong is that Kafka would answer an error to it; otherwise `null`. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[]; readonly refused: ClusterConfig | null };

/** Kafka's rule for topics (Topic.validate), without `__proto__`, which is no ordinary key of an object. */
const topicName = /^(?!\.{1,2}$)(?!__proto__$)[A-Za-z0-9._-]{1,249}$/;
const topicNames = "1 to 249 of the characters a-z A-Z 0-9 . _ -, other than `.`, `..` and `__proto__`";

/** Clients share one space of names with brokers (b1) and the other nodes. */
const clientName = /^(?!(?:admin|nemesis|controller|coordinator|final-reader|all)$)(?!b[0-9]+$)[A-Za-z][A-Za-z0-9_-]*$/;
const clientNames =
  "a letter, then letters, digits, _ or -; not `admin`, `nemesis`, `controller`, `coordinator`, `final-reader`, `all`, nor like a broker (`b1`)";

/** What a user may write, for a JSON schema. The rules between properties are not in it, nor the limit of one topic. */
export const clusterSchema = z.strictObject({
  ...shapeOf(clusterProperties),
  server: z.strictObject(shapeOf(serverProperties)).optional().describe("Settings of every broker and the controller."),
  topics: z
    .record(z.string().regex(topicName), z.strictObject(shapeOf(topicProperties)))
    .refine((topics) => Object.keys(topics).length > 0)
    .meta({ description: "Topics by name.", minProperties: 1 }),
  producers: z
    .record(z.string().regex(clientName), z.strictObject(shapeOf(producerProperties)))
    .optional()
    .describe("Producers by name."),
  consumers: z
    .record(z.string().regex(clientName), z.strictObject(shapeOf(consumerProperties)))
    .optional()
    .describe("Consumers by name."),
});

/** `raw` is any value: nothing makes it throw. */
export function parseCluster(raw: unknown): ParsedCluster {
  const problems: ConfigProblem[] = [];
  const root = mapIn(raw, [], problems);
  problems.push(...strangeKeys(root));
  const {
    profile,
    brokers,
    "network.delay.ms": delay,
    "os.writeback.interval.ms": writeback,
  } = readSettings(root, [], clusterProperties, () => null, problems);
  const serverInput = isGiven(root, "server") ? mapIn(root["server"], ["server"], problems) : {};
  problems.push(...strangers(serverInput, ["server"], "server"));
  const server = readSettings(serverInput, ["server"], serverProperties, () => ({ profile }), problems);
  const config: ClusterConfig = {
    profile,
    brokers,
    "network.delay.ms": delay,
    "os.writeback.interval.ms": writeback,
    server,
    topics: named(root, "topics", problems, (input, path) => {
      problems.push(...strangers(input, path, "topic"));
      return readSettings(input, path, topicProperties, () => ({ server }), problems);
    }),
    producers: named(root, "producers", problems, (input, path) => {
      problems.push(...strangers(input, path, "producer"));
      return readSettings(input, path, producerProperties, (settings) => ({ profile, settings }), problems);
    }),
    consumers: named(root, "consumers", problems, (input, path) => {
      problems.push(...strangers(input, path, "consumer"));
      return readSettings(input, path, consumerProperties, (settings) => ({ settings }), problems);
    }),
  };
  problems.push(...contradictions(config, factsOf(root, problems)), ...topicProblems(root), ...nameProblems(root));
  if (problems.length === 0) return { ok: true, config };
  return { ok: false, problems, refused: problems.every(({ refusal }) => refusal !== undefined) ? config : null };
}

function shapeOf(table: object): Record<string, z.ZodType> {
  const entries: [string, Property<unknown, never>][] = Object.entries(table);
  return Object.fromEntries(entries.map(([name, property]) => [name, described(property)]));
}

function described({ domain, default: usual, meaning, source, notYet }: Property<unknown, never>): z.ZodType {
  const rule = usual !== null && "rule" in usual ? ` Default: ${usual.rule}.` : "";
  const gap = notYet === undefined ? "" : ` Not everything is there: ${notYet.reason}.`;
  const description = `${meaning}${rule}${gap} Source: ${source}.`;
  if (usual === null) return domain.schema.meta({ description });
  return domain.schema.meta("value" in usual ? { description, default: usual.value } : { description }).optional();
}

function mapIn(value: unknown, path: Path, problems: ConfigProblem[]): Input {
  if (isMap(value)) return value;
  const what = path.length === 0 ? "the configuration" : `\`${path.join(".")}\``;
  problems.push({
    code: "E_TYPE",
    path,
    message: `${what} is ${shown(value)}, expected a map`,
    expected: "a map",
    hint: value === null && path.length > 0 ? "write {} for all defaults" : null,
  });
  return {};
}

function isMap(value: unknown): value is Input {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Reads a map of names; ascending, so that the order in the file does not matter. */
function named<Settings>(
  root: Input,
  key: "topics" | "producers" | "consumers",
  problems: ConfigProblem[],
  read: (input: Input, path: Path) => Settings,
): Record<string, Settings> {
  const map = isGiven(root, key) ? mapIn(root[key], [key], problems) : {};
  const names = Object.keys(map).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(
    names.map((name) => {
      const path = [key, name];
      return [name, read(mapIn(map[name], path, problems), path)];
    }),
  );
}

function strangeKeys(root: Input): ConfigProblem[] {
  const known = Object.keys(clusterSchema.shape);
  return Object.keys(root)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const home = sectionOf(key);
      const places = { server: "`server`", topic: "a topic", producer: "a producer", consumer: "a consumer" };
      const hint = home === null ? didYouMean(nearestName(key, known)) : `set it in ${places[home]}`;
      const message = `\`${key}\` is no key of a cluster`;
      return { code: "E_UNKNOWN_KEY", path: [key], message, expected: `one of ${known.join(", ")}`, hint };
    });
}

function topicProblems(root: Input): ConfigProblem[] {
  const expected = "one topic";
  if (!isGiven(root, "topics")) {
    const message = "`topics` is missing, expected one topic";
    return [{ code: "E_MISSING_KEY", path: ["topics"], message, expected, hint: "write topics: { orders: {} }" }];
  }
  if (!isMap(root["topics"])) return [];
  const [first, ...others] = Object.keys(root["topics"]);
  if (first === undefined) {
    return [
      { code: "E_VALUE", path: ["topics"], message: "`topics` is empty, expected one topic", expected, hint: null },
    ];
  }
  return others.map((name) => ({
    code: "E_UNSUPPORTED",
    path: ["topics", name],
    message: `${shown(name)} is a second topic beside ${shown(first)}; the model does not have that yet`,
    expected,
    hint: "one topic with several partitions",
  }));
}

function nameProblems(root: Input): ConfigProblem[] {
  const namesIn = (key: string) => Object.keys(isMap(root[key]) ? root[key] : {});
  const invalid = (key: string, pattern: RegExp, expected: string) =>
    namesIn(key)
      .filter((name) => !pattern.test(name))
      .map((name) => {
        const message = `${shown(name)} cannot be a name in \`${key}\`, expected ${expected}`;
        return { code: "E_NAME", path: [key, name], message, expected, hint: null };
      });
  const producers = namesIn("producers");
  const twice = namesIn("consumers").filter((name) => producers.includes(name));
  return [
    ...invalid("topics", topicName, topicNames),
    ...invalid("producers", clientName, clientNames),
    ...invalid("consumers", clientName, clientNames),
    ...twice.map((name) => ({
      code: "E_DUPLICATE_NAME",
      path: ["consumers", name],
      message: `${shown(name)} is a producer already; a client's name says who it is`,
      expected: "a name of its own",
      hint: null,
    })),
  ];
}

function factsOf(root: Input, refused: readonly ConfigProblem[]): InputFacts {
  // As JSON, because a name may contain any separator.
  const places = new Set(refused.map(({ path }) => JSON.stringify(path)));
  return {
    given: (path) => valueAt(root, path) !== undefined,
    sound: (...paths) => !paths.some((path) => places.has(JSON.stringify(path))),
  };
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (isMap(value) && isGiven(value, `${key}`) ? value[key] : undefined),
    root,
  );
}
