/** One exact rule of Kafka's protocol, as data: what is asked on the wire, and the one answer that is right. */
import type { Json } from "../../spec/history/format.ts";
import type { RuleContext } from "./rule-context.ts";

export interface ProtocolRule {
  /** `produce/not-the-leader` */
  readonly id: string;
  readonly title: string;
  /** Id of the promise that it serves (see `explain`); some are not in the specification yet. */
  readonly requirement: string;
  /** Class of Kafka's source, or KIP. */
  readonly source: string;
  /** What it needs besides the wire. */
  readonly needs?: "two brokers" | "faults";
  readonly expected: Json;
  /** Asks, and tells what was answered in the form of `expected`. */
  ask(context: RuleContext): Promise<Json>;
}
