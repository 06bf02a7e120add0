/** Faults on a real cluster, as far as somebody has its machines in hand. */
import type { Fault } from "../../spec/subject.ts";
import type { CallLog } from "../call-log.ts";
import type { BrokerControl } from "./broker-control.ts";
import type { RunNames } from "./run-names.ts";

export function createFaults(log: CallLog, control: BrokerControl | null, names: RunNames) {
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
      default:
        throw new Error(`a real cluster cannot be made to ${fault.kind}`);
    }
  };
}
