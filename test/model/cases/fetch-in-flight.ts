/** Rules of a consumer's fetch on its way to one broker (NetworkClient.handleTimedOutRequests). */
import type { FetchInFlightEvent } from "../../../model/consumer/fetch-in-flight-machine.ts";
import { local } from "../../../model/effect.ts";
import { fire, type MachineCase } from "../machine-case.ts";

const kind = "fetch-in-flight";
const input = { consumer: "c1", broker: 2, requestTimeoutMs: 30_000 };
const sent = { type: "sent" } as const;
const ended = { type: "ended" } as const;
const requestTimeout = fire("requestTimeout");

export const cases: readonly MachineCase<FetchInFlightEvent>[] = [
  {
    name: "nothing is waited for before a fetch is sent",
    kind,
    input,
    events: [],
    expect: { value: "none", running: [] },
  },
  {
    name: "the time for an answer runs from when the fetch is sent",
    kind,
    input,
    events: [sent],
    expect: { value: "waiting", effects: [], armed: { requestTimeout: 30_000 } },
  },
  {
    name: "it ends with the answer",
    kind,
    input,
    events: [sent, ended],
    expect: { value: "none", effects: [], running: [] },
  },
  {
    name: "without an answer the consumer is told which broker is silent",
    kind,
    input,
    events: [sent, requestTimeout],
    expect: { value: "none", effects: [local("c1", { type: "fetch-timed-out", broker: 2 })], running: [] },
  },
  {
    name: "the next fetch has its own time",
    kind,
    input,
    events: [sent, ended, sent],
    expect: { value: "waiting", armed: { requestTimeout: 30_000 }, running: ["requestTimeout"] },
  },
];
