/** Small histories by hand: each call is written in one line and gives an invocation and a completion. */
import type { HistoryOperation, OperationType, PolledRecords, SentRecord } from "../../../spec/history/format.ts";

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type Step = Without<HistoryOperation, "index" | "time_ns">;
type Completion = Exclude<OperationType, "invoke">;

/** Numbers the steps. */
export function aHistory(...steps: readonly (readonly Step[])[]): HistoryOperation[] {
  return steps.flat().map((step, index) => ({ ...step, index, time_ns: index * 1000 }));
}

/** `"a@0 b"`: a was told to stand at offset 0, of b no offset is known. */
function recordsOf(key: string, text: string): SentRecord[] {
  return text.split(" ").map((part) => {
    const [value = "", offset] = part.split("@");
    return offset === undefined ? { key, value } : { key, value, offset: Number(offset) };
  });
}

export function send(client: string, key: string, text: string, type: Completion = "ok"): Step[] {
  const told = recordsOf(key, text);
  const asked = told.map(({ value }) => ({ key, value }));
  return [
    { process: client, type: "invoke", f: "send", value: asked },
    { process: client, type, f: "send", value: told },
  ];
}

/** `{ "a-0": "0:x 1:y" }`; an empty text is an empty list. */
function polled(answers: Readonly<Record<string, string>>): PolledRecords {
  const records = (text: string) =>
    text
      .split(" ")
      .filter((part) => part !== "")
      .map((part): [number, string] => [Number(part.split(":")[0]), part.split(":")[1] ?? ""]);
  return Object.fromEntries(Object.entries(answers).map(([key, text]) => [key, records(text)]));
}

export function poll(client: string, answers: Readonly<Record<string, string>>, type: Completion = "ok"): Step[] {
  return [
    { process: client, type: "invoke", f: "poll", value: {} },
    { process: client, type, f: "poll", value: polled(answers) },
  ];
}

export function finalPoll(client: string, answers: Readonly<Record<string, string>>, type: Completion = "ok"): Step[] {
  return [
    { process: client, type: "invoke", f: "poll", value: {}, final: true },
    { process: client, type, f: "poll", value: polled(answers), final: true },
  ];
}

export function commit(
  client: string,
  group: string,
  offsets: Readonly<Record<string, number>>,
  type: Completion = "ok",
): Step[] {
  return both({ process: client, type, f: "commit", value: { group, offsets } });
}

/** A call whose invocation has the value of its completion. */
export function both(step: Step): Step[] {
  return [{ ...step, type: "invoke" }, step];
}

export function assign(client: string, keys: readonly string[], type: Completion = "ok"): Step[] {
  return both({ process: client, type, f: "assign", value: { keys } });
}

export function life(client: string, f: "crash" | "restart"): Step[] {
  return both({ process: client, type: "ok", f, value: null });
}

/** A transaction that sends one record to each key and polls nothing. */
export function transaction(client: string, sent: Readonly<Record<string, string>>, type: Completion): Step[] {
  const steps = Object.entries(sent).map(([key, text]) => ({ send: recordsOf(key, text) }));
  const asked = steps.map((step) => ({ send: step.send.map(({ key, value }) => ({ key, value })) }));
  return [
    { process: client, type: "invoke", f: "txn", value: asked },
    { process: client, type, f: "txn", value: steps },
  ];
}

/** Only the invocation: the call never ends. */
export function open(steps: readonly Step[]): Step[] {
  return steps.slice(0, 1);
}

/** Only the completion. */
export function end(steps: readonly Step[]): Step[] {
  return steps.slice(1);
}
