/** Every name in a scenario that must stand for something in its cluster, with the place where it is written. */
import type { Path } from "../json.ts";
import type { FinalExpectations } from "./final-expectations.ts";
import { type Looks, lookOwners } from "./looks.ts";
import type { Step } from "./steps.ts";

export type ReferenceKind =
  | "producer"
  | "consumer"
  | "client"
  | "broker"
  | "node"
  | "partition"
  /** `orders-0`, or `orders` */
  | "destination"
  /** `2/orders-0` */
  | "replica"
  | "partition-or-replica"
  /** `billing/orders-0` */
  | "group-partition"
  /** `c1/orders-0` */
  | "consumer-partition"
  | "requirement";

export interface Reference {
  readonly kind: ReferenceKind;
  readonly name: string;
  readonly path: Path;
  readonly on: "key" | "value";
}

const value = (kind: ReferenceKind, name: string, path: Path): Reference => ({ kind, name, path, on: "value" });

function keys(kind: ReferenceKind, map: object | undefined, path: Path): Reference[] {
  return Object.keys(map ?? {}).map((name) => ({ kind, name, path: [...path, name], on: "key" }));
}

function list(kind: ReferenceKind, names: readonly string[], path: Path): Reference[] {
  return names.map((name, index) => value(kind, name, [...path, index]));
}

/** References of looks that stand at `path`. */
function inLooks(looks: Looks, path: Path): Reference[] {
  return Object.entries(lookOwners).flatMap(([look, kind]) => keys(kind, Reflect.get(looks, look), [...path, look]));
}

/** References of a step; `path` leads to what stands under its key. */
export function referencesOf(step: Step, path: Path): readonly Reference[] {
  const at = (...further: Path): Path => [...path, ...further];
  switch (step.name) {
    case "send":
      return [value("producer", step.args.by, at("by")), value("destination", step.args.to, at("to"))];
    case "flush":
      return [value("producer", step.args.by, at("by"))];
    case "poll":
      return [value("consumer", step.args.by, at("by")), ...keys("partition", step.args.expect?.records, at("expect"))];
    case "commit":
      return [value("consumer", step.args.by, at("by")), ...keys("partition", step.args.offsets, at("offsets"))];
    case "seek":
      return [value("consumer", step.args.by, at("by")), value("partition", step.args.to, at("to"))];
    case "assign":
      return [value("consumer", step.args.by, at("by")), ...list("partition", step.args.partitions, at("partitions"))];
    case "delete-records":
      return [value("partition", step.args.partition, at("partition"))];
    case "crash":
    case "restart":
      return [value("client", step.args, path)];
    case "kill":
    case "start":
    case "pause":
    case "resume":
      return [value("broker", String(step.args), path)];
    case "power-off":
      return [value("broker", String(step.args.broker), path), ...keys("partition", step.args.keeps, at("keeps"))];
    case "cut":
      return list("node", step.args, path);
    case "heal":
      return step.args === "all" ? [] : list("node", step.args, path);
    case "hold":
    case "release":
      return [value("node", step.args.from, at("from")), value("node", step.args.to, at("to"))];
    case "elapse":
    case "settle":
      return [];
    case "await":
    case "expect":
      return inLooks(step.args, path);
    case "final-read":
      return keys("partition", step.args.expect?.records, at("expect"));
  }
}

/** References of the final expectations, which stand at `path`. */
export function referencesAtEnd(expected: FinalExpectations, path: Path): readonly Reference[] {
  return [
    ...list("requirement", expected.holds, [...path, "holds"]),
    ...list("requirement", expected.loses, [...path, "loses"]),
    ...keys("consumer", expected["delivered-twice"], [...path, "delivered-twice"]),
    ...keys("partition", expected["acknowledged-lost"], [...path, "acknowledged-lost"]),
    ...inLooks(expected, path),
  ];
}
