/**
 * Values are unique per partition over a whole file: that is what makes losses and duplicates decidable. What is sent to a
 * topic may get to any of its partitions.
 */
import { type ClusterConfig, isTopic } from "../../spec/config/cluster-config.ts";
import { parseTopicPartition } from "../../spec/vocabulary.ts";
import type { Problem } from "../problem.ts";
import type { Step } from "./steps.ts";

/** A value that was sent, by the number of its step from 1. */
interface Sent {
  readonly to: string;
  readonly step: number;
}

/** `steps` with their numbers from 0 in the document; `cluster` is `null` where it is broken itself. */
export function checkValues(
  steps: readonly { readonly index: number; readonly step: Step }[],
  cluster: ClusterConfig | null,
): readonly Problem[] {
  const isOfTopic = (to: string) => (cluster === null ? parseTopicPartition(to) === null : isTopic(cluster, to));
  const sent = new Map<string, readonly Sent[]>();
  const problems: Problem[] = [];
  for (const { index, step } of steps) {
    if (step.name !== "send") continue;
    const { to, values } = step.args;
    const topic = isOfTopic(to) ? to : (parseTopicPartition(to)?.topic ?? to);
    for (const [position, value] of values.entries()) {
      const key = JSON.stringify([topic, value]);
      const all = sent.get(key) ?? [];
      const before = all.find((one) => one.to === to || isOfTopic(one.to) || isOfTopic(to));
      sent.set(key, [...all, { to, step: index + 1 }]);
      if (before === undefined) continue;
      const hint =
        before.to === to && !isOfTopic(to)
          ? "every value of a partition is sent once in a file"
          : "what is sent to a topic may get to any of its partitions: every value of the topic is sent once then";
      problems.push({
        code: "E_VALUE_NOT_UNIQUE",
        path: ["steps", index, "send", "values", position],
        on: "value",
        message: `the value \`${value}\` is sent to ${before.to} in step ${before.step} already`,
        hint,
      });
    }
  }
  return problems;
}
