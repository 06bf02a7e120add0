/** Choices and what is seen of their steps in words, for stories. */
import type { Observation } from "../../spec/cluster-view.ts";
import type { Fault } from "../../spec/subject.ts";
import type { ClusterChoice } from "./choice.ts";
import { nodeOf } from "./state.ts";

export function textOfChoice(choice: ClusterChoice): string {
  switch (choice.kind) {
    case "client": {
      const { client, operation } = choice;
      return operation.f === "send"
        ? `${client} is to send ${operation.records.map(({ value }) => value).join(", ")} to ${operation.to}`
        : `${client} is called: ${operation.f}`;
    }
    case "deliver":
      return textOfDelivery(choice);
    case "fire":
      return textOfTimer(choice.machine, choice.timer);
    case "fault":
      return textOfFault(choice.fault);
    case "wait":
      return "time passes";
  }
}

function textOfDelivery({ connection, direction, message }: Extract<ClusterChoice, { kind: "deliver" }>): string {
  const [client = "", server = ""] = connection.replace(/#\d+$/, "").split("→");
  if (message === "partition-change" || message === "broker-change") return `${name(server)} hears from the controller`;
  if (direction === "response") return `${name(nodeOf(client))} hears from ${name(server)} (${message})`;
  switch (message) {
    case "fetch":
      return `${name(nodeOf(client))} fetches from ${name(server)}`;
    case "produce":
      return `${name(server)} gets what ${client} sends`;
    case "alter-partition":
      return `the controller gets ${name(nodeOf(client))}'s change of the ISR`;
    default:
      return `${message} of ${name(nodeOf(client))} reaches ${name(server)}`;
  }
}

function name(node: string): string {
  if (node === "controller" || node === "coordinator") return `the ${node}`;
  return /^b\d+$/.test(node) ? `broker ${node.slice(1)}` : node;
}

function textOfTimer(machine: string, timer: string): string {
  const owner = name(nodeOf(machine));
  if (timer.includes("sessionTimeout")) return `the session of ${name(machine.slice("controller/".length))} runs out`;
  const lag = /\/lag-(\d+)$/.exec(machine);
  if (lag !== null) return `${owner} has not seen broker ${lag[1]} caught up for too long`;
  if (timer === "isr-check") return `${owner} looks for followers that lag`;
  const [, delay = timer] = /^after\.([^.]+)\./.exec(timer) ?? [];
  return `${delay} of ${owner} runs out`;
}

function textOfFault(fault: Fault): string {
  switch (fault.kind) {
    case "kill":
      return `broker ${fault.broker} is killed`;
    case "start":
      return `broker ${fault.broker} is started again`;
    case "pause":
      return `broker ${fault.broker} is paused`;
    case "resume":
      return `broker ${fault.broker} goes on`;
    case "power-off":
      return `the power of broker ${fault.broker} fails`;
    case "cut":
      return `the link between ${fault.between.map(name).join(" and ")} is cut`;
    case "heal":
      return `the link between ${fault.between.map(name).join(" and ")} heals`;
    case "heal-all":
      return "every link heals";
    case "hold":
      return `every ${fault.message} from ${name(fault.from)} to ${name(fault.to)} waits`;
    case "release":
      return `what waits from ${name(fault.from)} to ${name(fault.to)} goes on (${fault.message})`;
  }
}

/** Only what a reader of a story wants to know. */
export function textOfObservation(seen: Observation): readonly string[] {
  switch (seen.kind) {
    case "answered":
      return [`broker ${seen.broker} answers for ${seen.values.join(", ")} at offset ${seen.baseOffset}`];
    case "outcome":
      return [
        seen.outcome === "ok"
          ? `${seen.producer} knows that ${seen.values.join(", ")} is written`
          : `${seen.producer} gives up ${seen.values.join(", ")} (${seen.error})`,
      ];
    case "elected":
      return [`broker ${seen.leader} is elected in epoch ${seen.leaderEpoch}${seen.unclean ? ", uncleanly" : ""}`];
    case "isr":
      return [`the ISR is ${seen.isr.length === 0 ? "empty" : seen.isr.join(", ")}`];
    case "truncated":
      return [`broker ${seen.broker} cuts its log off at ${seen.to}`];
    case "tail-lost":
      return [`broker ${seen.broker} loses the offsets ${seen.to} to ${seen.from - 1}`];
    case "delivered":
      return [`${seen.consumer} reads ${seen.value} at offset ${seen.offset}`];
    default:
      return [];
  }
}
