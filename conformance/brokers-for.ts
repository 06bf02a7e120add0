/** How many brokers a cluster must have for a scenario: those that it names, and one that can be asked while they are down. */
import type { Scenario } from "../scenarios/scenario.ts";

export function brokersFor({ cluster, steps }: Scenario): number {
  const down = new Set<number>();
  let downMax = 0;
  for (const step of steps) {
    if (step.name === "kill" || step.name === "pause") down.add(step.args);
    if (step.name === "power-off") down.add(step.args.broker);
    if (step.name === "start" || step.name === "resume") down.delete(step.args);
    downMax = Math.max(downMax, down.size);
  }
  return Math.max(cluster.brokers, downMax + 1);
}
