/** Puts one protocol rule to a cluster. */
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../spec/history/format.ts";
import { WireError } from "../../subjects/kafka/wire-error.ts";
import { type SuiteItem, suiteItem } from "../suite-item.ts";
import type { ProtocolRule } from "./protocol-rule.ts";
import type { RuleContext } from "./rule-context.ts";

export async function askRule(rule: ProtocolRule, context: RuleContext): Promise<SuiteItem> {
  const { id, title: name, requirement, source, expected } = rule;
  const file = `rules/${id}`;
  const lacking = await whatIsLacking(rule, context);
  if (lacking !== null) return suiteItem({ file, name, status: "skipped", reason: lacking });
  let seen: Json;
  try {
    seen = await rule.ask(context);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const status = error.problem === "unsupported" ? "skipped" : "inconclusive";
    return suiteItem({ file, name, status, reason: error.message });
  }
  if (isDeepStrictEqual(seen, expected)) {
    return suiteItem({ file, name, status: "passed", requirements: [{ id: requirement, verdict: "holds" }] });
  }
  const requirements = [{ id: requirement, verdict: "violated" as const }];
  return suiteItem({ file, name, status: "failed", reason: `source: ${source}`, requirements, expected, seen });
}

async function whatIsLacking({ needs }: ProtocolRule, { client, control }: RuleContext): Promise<string | null> {
  if (needs === "faults" && control === null) return "it needs faults, and nobody has the cluster's machines in hand";
  if (needs === "two brokers" && (await client.metadata([])).brokers.length < 2) return "it needs two brokers";
  return null;
}
