/** What can happen next, and its label. A label names the content, never a position in a list. */
import type { Fault } from "../../spec/subject.ts";
import type { ClientOperation } from "../client-operation.ts";

/** Something from outside: an application's call, a fault, or the passing of time in which nothing else happens. */
export type ExternalChoice =
  | { readonly kind: "client"; readonly client: string; readonly operation: ClientOperation }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "wait"; readonly until: number };

export type ClusterChoice =
  | ExternalChoice
  | {
      readonly kind: "deliver";
      readonly connection: string;
      readonly direction: "request" | "response";
      readonly message: string;
    }
  | { readonly kind: "fire"; readonly machine: string; readonly timer: string };

/** Whose choices keep their order: a client's among themselves, faults among themselves. */
export function actorOf(choice: ExternalChoice): string {
  if (choice.kind === "client") return choice.client;
  return choice.kind === "fault" ? "nemesis" : "clock";
}

export function labelOf(choice: ClusterChoice): string {
  switch (choice.kind) {
    case "deliver":
      return `deliver ${choice.message} ${choice.connection}`;
    case "fire":
      return `fire ${choice.timer} ${choice.machine}`;
    case "wait":
      return `wait until ${choice.until}`;
    case "client":
      return `${choice.client} ${labelOfOperation(choice.operation)}`;
    case "fault":
      return labelOfFault(choice.fault);
  }
}

function labelOfOperation(operation: ClientOperation): string {
  switch (operation.f) {
    case "send": {
      const records = operation.records.map(({ key, value }) => (key === null ? value : { key, value }));
      return `send ${operation.to} ${JSON.stringify(records)}`;
    }
    case "poll":
      return `poll ${operation.timeoutMs}`;
    case "commit":
      return operation.offsets === null ? "commit" : `commit ${JSON.stringify(operation.offsets)}`;
    case "assign":
      return `assign ${operation.partitions.join(",")}`;
    case "seek":
      return `seek ${operation.partition} ${operation.offset}`;
    case "delete-records":
      return `delete-records ${operation.partition} ${operation.before}`;
    case "flush":
    case "crash":
    case "restart":
      return operation.f;
  }
}

function labelOfFault(fault: Fault): string {
  switch (fault.kind) {
    case "kill":
    case "start":
    case "pause":
    case "resume":
      return `${fault.kind} ${fault.broker}`;
    case "power-off":
      return Object.keys(fault.keeps).length === 0
        ? `power-off ${fault.broker}`
        : `power-off ${fault.broker} keeping ${JSON.stringify(fault.keeps)}`;
    case "cut":
    case "heal":
      return `${fault.kind} ${fault.between.join(" ")}`;
    case "heal-all":
      return "heal all";
    case "hold":
    case "release":
      return `${fault.kind} ${fault.message} ${fault.from} ${fault.to}`;
  }
}
