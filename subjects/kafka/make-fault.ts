/** Faults on a real cluster, as far as somebody has its machines in hand. */
import type { Fault } from "../../spec/subject.ts";
import type { CallLog } from "../call-log.ts";
import { SubjectError } from "../subject-error.ts";
import type { BrokerControl } from "./broker-control.ts";
import type { ClientLinks } from "./client-links.ts";
import type { RunNames } from "./run-names.ts";

export function createFaults(log: CallLog, control: BrokerControl | null, names: RunNames, clientLinks: ClientLinks) {
  return async (fault: Fault): Promise<void> => {
    if (control === null) throw new Error("nobody has the cluster's machines in hand");
    switch (fault.kind) {
      case "kill":
      case "pause":
        log.note("nemesis", { f: "fault", value: { kind: fault.kind, target: String(fault.broker) } });
        return control[fault.kind](fault.broker);
      case "start":
      case "resume":
        await control[fault.kind](fault.broker);
        log.note("nemesis", { f: "heal", value: { kind: fault.kind, target: String(fault.broker) } });
        return;
      case "power-off": {
        const keeps = Object.entries(fault.keeps).map(([name, end]) => {
          const { topic, partition } = names.partition(name);
          return [`${topic}-${partition}`, end] as const;
        });
        log.note("nemesis", { f: "fault", value: { kind: "power-off", target: String(fault.broker) } });
        return control.powerOff(fault.broker, Object.fromEntries(keeps));
      }
      case "cut":
        log.note("nemesis", { f: "fault", value: { kind: "cut", target: fault.between.join("-") } });
        return linkOf(fault.between, control, clientLinks).cut();
      case "heal":
        linkOf(fault.between, control, clientLinks).heal();
        log.note("nemesis", { f: "heal", value: { kind: "heal", target: fault.between.join("-") } });
        return;
      case "heal-all":
        control.healAll();
        clientLinks.healAll();
        log.note("nemesis", { f: "heal", value: { kind: "heal", target: "all" } });
        return;
      default:
        throw new Error(`a real cluster cannot be made to ${fault.kind}`);
    }
  };
}

/** Of two nodes, or of a client and a broker. Throws a `SubjectError` for a link that a real cluster has not. */
function linkOf(between: readonly [string, string], control: BrokerControl, clientLinks: ClientLinks) {
  const [one, other] = between;
  const [isOne, isOther] = [isNode(one), isNode(other)];
  if (isOne && isOther) return { cut: () => control.cut(between), heal: () => control.heal(between) };
  const [client, broker] = isOne ? [other, one] : [one, other];
  if (isOne === isOther || !/^[0-9]+$/.test(broker) || client === "coordinator") {
    throw new SubjectError(`the link ${between.join("-")} cannot be cut on a real cluster`);
  }
  const id = Number(broker);
  return { cut: () => clientLinks.cut(client, id), heal: () => clientLinks.heal(client, id) };
}

function isNode(name: string): boolean {
  return name === "controller" || /^[0-9]+$/.test(name);
}
