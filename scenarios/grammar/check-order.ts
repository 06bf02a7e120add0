/** Steps that cannot be played because of the steps before: a crashed client that polls, a start of a running broker. */
import type { Path } from "../json.ts";
import type { Problem } from "../problem.ts";
import type { Step } from "./steps.ts";

/** What is out of order, or `null`. `since` names the step that made it so. */
type Complaint = string | null;

/** Needs every step of the file: after one that could not be read, nothing can be said. */
export function checkOrder(steps: readonly Step[]): readonly Problem[] {
  const check = createOrder();
  return steps.flatMap((step, index) => {
    const message = check(step, index + 1);
    const path: Path = ["steps", index, step.name];
    return message === null ? [] : [{ code: "E_IMPOSSIBLE_STEP", path, on: "value", message, hint: null }];
  });
}

function createOrder(): (step: Step, number: number) => Complaint {
  // Each map: what is in the state, and the number of the step that brought it there.
  const crashed = new Map<string, number>();
  const killed = new Map<number, number>();
  const paused = new Map<number, number>();
  const cut = new Map<string, number>();
  const held = new Map<string, number>();
  const enter = <Key>(map: Map<Key, number>, key: Key, number: number, complaint: Complaint): Complaint => {
    if (complaint === null) map.set(key, number);
    return complaint;
  };
  const leave = <Key>(map: Map<Key, number>, key: Key, otherwise: string): Complaint =>
    map.delete(key) ? null : otherwise;
  const isKilled = (broker: number): Complaint => {
    const since = killed.get(broker);
    return since === undefined ? null : `broker ${broker} is killed since step ${since}`;
  };

  return (step, number) => {
    switch (step.name) {
      case "send":
      case "flush":
      case "poll":
      case "commit":
      case "seek":
      case "assign":
      case "crash": {
        const client = step.name === "crash" ? step.args : step.args.by;
        const since = crashed.get(client);
        if (since !== undefined) return `${client} has crashed in step ${since} and was not restarted`;
        return step.name === "crash" ? enter(crashed, client, number, null) : null;
      }
      case "restart":
        return leave(crashed, step.args, `${step.args} has not crashed`);
      case "kill":
        paused.delete(step.args);
        return enter(killed, step.args, number, isKilled(step.args));
      case "power-off":
        // A broker that is dead already may lose its power too.
        paused.delete(step.args.broker);
        return enter(killed, step.args.broker, number, null);
      case "start":
        return leave(killed, step.args, `broker ${step.args} was not killed`);
      case "pause":
        return enter(
          paused,
          step.args,
          number,
          isKilled(step.args) ?? (paused.has(step.args) ? `broker ${step.args} is paused already` : null),
        );
      case "resume":
        return leave(paused, step.args, `broker ${step.args} is not paused`);
      case "cut":
        return enter(cut, linkKey(step.args), number, cut.has(linkKey(step.args)) ? "this link is cut already" : null);
      case "heal":
        if (step.args !== "all") return leave(cut, linkKey(step.args), "this link is not cut");
        cut.clear();
        return null;
      case "hold":
        return enter(
          held,
          messageKey(step.args),
          number,
          held.has(messageKey(step.args)) ? "these messages are held already" : null,
        );
      case "release":
        return leave(held, messageKey(step.args), "no such message is held");
      case "delete-records":
      case "elapse":
      case "settle":
      case "await":
      case "expect":
      case "final-read":
        return null;
    }
  };
}

/** A link has no direction. */
function linkKey(link: readonly [string, string]): string {
  return JSON.stringify([...link].sort());
}

function messageKey(held: { readonly from: string; readonly to: string; readonly message: string }): string {
  return JSON.stringify([held.from, held.to, held.message]);
}
