/** Reads one group of properties by its table: fills in defaults, refuses by name what the model does not have. */
import { consumerProperties, producerProperties } from "./client-properties.ts";
import { type ConfigProblem, type Path, shown } from "./config-problem.ts";
import { isUnmodelled, type Section, unmodelledNames } from "./kafka-property-names.ts";
import { nearestName } from "./nearest-name.ts";
import { serverProperties, topicProperties } from "./properties.ts";
import type { Property, PropertyTable } from "./property.ts";

export type Input = Readonly<Record<string, unknown>>;

const sections: readonly Section[] = ["server", "topic", "producer", "consumer"];

const nameOf: Readonly<Record<Section, string>> = {
  server: "the server",
  topic: "topics",
  producer: "producers",
  consumer: "consumers",
};

export const modelledNames: Readonly<Record<Section, readonly string[]>> = {
  server: Object.keys(serverProperties),
  topic: Object.keys(topicProperties),
  producer: Object.keys(producerProperties),
  consumer: Object.keys(consumerProperties),
};

/**
 * The settings in the order of the table. What is wrong is added to `problems`, and its default stands in its place, so
 * that reading can go on; the result is complete only when no problem was added.
 */
export function readSettings<Settings, Given>(
  input: Input,
  path: Path,
  table: PropertyTable<Settings, Given>,
  given: (settings: Partial<Settings>) => Given,
  problems: ConfigProblem[],
): Settings {
  const settings: Record<string, unknown> = {};
  const entries: [string, Property<unknown, Given>][] = Object.entries(table);
  for (const [name, property] of entries) {
    const value = isGiven(input, name) ? input[name] : undefined;
    const problem = value === undefined ? missing(name, property, path) : refused(name, value, property, path);
    if (problem !== null) problems.push(problem);
    settings[name] =
      value === undefined || problem !== null
        ? defaultOf(property, given(settings as Partial<Settings>))
        : property.domain.normalize(value);
  }
  // Every key of the table was set in the loop; the type system cannot see that.
  return settings as Settings;
}

/** A key whose value is `undefined` is not given. */
export function isGiven(input: Input, name: string): boolean {
  return Object.hasOwn(input, name) && input[name] !== undefined;
}

/** The keys of a section that are none of its properties, each with what can be said about it. */
export function strangers(input: Input, path: Path, section: Section): ConfigProblem[] {
  return Object.keys(input)
    .filter((name) => !modelledNames[section].includes(name))
    .map((name) => stranger(name, [...path, name], section));
}

/** A section that has this property, rather one where the model has it too; `null` if none has. */
export function sectionOf(name: string): Section | null {
  const inModel = sections.find((section) => modelledNames[section].includes(name));
  return inModel ?? sections.find((section) => isUnmodelled(section, name)) ?? null;
}

export function didYouMean(name: string | null): string | null {
  return name === null ? null : `did you mean \`${name}\`?`;
}

function stranger(name: string, path: Path, section: Section): ConfigProblem {
  const expected = `one of ${modelledNames[section].join(", ")}`;
  if (isUnmodelled(section, name)) {
    const message = `\`${name}\` is a Kafka property that the model does not have yet`;
    return {
      code: "E_UNSUPPORTED_PROPERTY",
      path,
      message,
      expected,
      hint: "leave it out if the design does not hang on it",
    };
  }
  const home = sectionOf(name);
  if (home !== null) {
    const message = `\`${name}\` is a property of ${nameOf[home]}, not of ${nameOf[section]}`;
    return { code: "E_MISPLACED_PROPERTY", path, message, expected, hint: `set it for ${nameOf[home]}` };
  }
  const hint = didYouMean(nearestName(name, [...modelledNames[section], ...unmodelledNames[section]]));
  const message = `\`${name}\` is no property of ${nameOf[section]}`;
  return { code: "E_UNKNOWN_PROPERTY", path, message, expected, hint };
}

function missing<Given>(name: string, property: Property<unknown, Given>, path: Path): ConfigProblem | null {
  if (property.default !== null) return null;
  const { expected } = property.domain;
  const message = `\`${name}\` is missing, expected ${expected}`;
  return { code: "E_MISSING_KEY", path: [...path, name], message, expected, hint: null };
}

function refused<Given>(
  name: string,
  value: unknown,
  { domain, notYet }: Property<unknown, Given>,
  parent: Path,
): ConfigProblem | null {
  if (domain.schema.safeParse(value).success) return null;
  const path = [...parent, name];
  const { expected } = domain;
  if (notYet?.schema.safeParse(value).success) {
    const message = `\`${name}\` is ${shown(value)}, but ${notYet.reason}`;
    return { code: "E_UNSUPPORTED_VALUE", path, message, expected, hint: `use ${expected}` };
  }
  const message = `\`${name}\` is ${shown(value)}, expected ${expected}`;
  const hint = typeof value === "string" ? didYouMean(nearestName(value, domain.words)) : null;
  return { code: "E_VALUE", path, message, expected, hint };
}

function defaultOf<Given>(property: Property<unknown, Given>, given: Given): unknown {
  if (property.default === null) return undefined;
  return "of" in property.default ? property.default.of(given) : property.default.value;
}
