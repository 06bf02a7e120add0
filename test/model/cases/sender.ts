/** Rules of what becomes of a request: answers, broken connections, retries, outcomes (Sender, NetworkClient). */
import { observe } from "../../../model/effect.ts";
import type { ProducerEvent } from "../../../model/producer/producer-context.ts";
import type { MachineCase } from "../machine-case.ts";
import {
  accepted,
  answers,
  append,
  asksMetadata,
  batch,
  bothInFlight,
  carried,
  closes,
  creates,
  disconnected,
  inFlight,
  input,
  metadata,
  oneInFlight,
  ready,
  refuses,
  running,
  sends,
  sentBatch,
  settled,
  tells,
} from "./producer-parts.ts";

const kind = "producer";

const retries = (slot: number): ProducerEvent => ({ type: "batch-retries", slot });
const timedOut = (slot: number): ProducerEvent => ({ type: "request-timed-out", slot });

export const cases: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "every batch of a request learns its partition's answer",
    kind,
    input,
    events: [
      ...[append("t-0", "a"), append("t-1", "b"), ready(0)],
      answers("b1", { "t-1": "NOT_ENOUGH_REPLICAS", "t-0": 7 }),
    ],
    expect: {
      value: running("current"),
      context: { inFlight: [] },
      effects: [tells(0, { type: "acknowledged", baseOffset: 7 }), refuses(1, "NOT_ENOUGH_REPLICAS")],
    },
  },
  {
    name: "requests to one broker are answered in their order",
    kind,
    input,
    events: [...bothInFlight, answers("b1", { "t-0": 0 })],
    expect: {
      context: {
        inFlight: [carried(1, sentBatch(1, "t-0", "b"))],
        undecided: [sentBatch(0, "t-0", "a")],
      },
      effects: [tells(0, { type: "acknowledged", baseOffset: 0 })],
    },
  },
  {
    name: "too few replicas are no reason to ask who leads",
    kind,
    input,
    events: [...inFlight, answers("b1", { "t-0": "NOT_ENOUGH_REPLICAS" })],
    expect: { value: running("current"), effects: [refuses(0, "NOT_ENOUGH_REPLICAS")] },
  },
  {
    name: "a broker that leads no longer is a reason to ask who does",
    kind,
    input,
    events: [...inFlight, answers("b1", { "t-0": "NOT_LEADER_OR_FOLLOWER" })],
    expect: {
      value: running("asking"),
      effects: [refuses(0, "NOT_LEADER_OR_FOLLOWER"), asksMetadata(1)],
      armed: { requestTimeout: 30_000 },
    },
  },
  {
    name: "nothing overtakes a batch that has been answered and may have to be sent again",
    kind,
    input: oneInFlight,
    events: [...inFlight, append("t-0", "b"), ready(1), answers("b1", { "t-0": "NOT_ENOUGH_REPLICAS" })],
    expect: { effects: [refuses(0, "NOT_ENOUGH_REPLICAS")] },
  },
  {
    name: "a batch that is tried again comes to the front of the queue, and what stands behind it waits for its back-off",
    kind,
    input: oneInFlight,
    events: [...inFlight, append("t-0", "b"), ready(1), answers("b1", { "t-0": "NOT_ENOUGH_REPLICAS" }), retries(0)],
    expect: {
      context: {
        queue: [
          batch(0, "t-0", "a", { open: false, state: "backing-off", attempts: 1 }),
          batch(1, "t-0", "b", { state: "ready" }),
        ],
        undecided: [],
      },
      effects: [],
    },
  },
  {
    name: "a batch that backs off is not taken along by a request to its broker",
    kind,
    input,
    events: [...inFlight, answers("b1", { "t-0": "NOT_ENOUGH_REPLICAS" }), retries(0), append("t-1", "b"), ready(1)],
    expect: { effects: sends(1, [[1, "t-1", "b"]]) },
  },
  {
    name: "after its back-off a batch is sent again, before the others of its partition",
    kind,
    input: oneInFlight,
    events: [
      ...[...inFlight, append("t-0", "b"), ready(1)],
      ...[answers("b1", { "t-0": "NOT_ENOUGH_REPLICAS" }), retries(0), ready(0)],
    ],
    expect: { effects: sends(1, [[0, "t-0", "a"]], { attempt: 2 }) },
  },
  {
    name: "with several in flight and no idempotence, what was sent behind a batch that fails is not sent again: order is lost",
    kind,
    input,
    events: [...bothInFlight, answers("b1", { "t-0": "NOT_ENOUGH_REPLICAS" }), retries(0)],
    expect: {
      context: {
        queue: [batch(0, "t-0", "a", { open: false, state: "backing-off", attempts: 1 })],
        inFlight: [carried(1, sentBatch(1, "t-0", "b"))],
      },
    },
  },
  {
    name: "a broken connection leaves everything in flight on it open, and is a reason to ask who leads",
    kind,
    input,
    events: [...bothInFlight, append("t-2", "c"), ready(2), disconnected("b1")],
    expect: {
      value: running("asking"),
      context: {
        inFlight: [carried(2, sentBatch(2, "t-2", "c"))],
        undecided: [sentBatch(0, "t-0", "a"), sentBatch(1, "t-0", "b")],
      },
      effects: [refuses(0, "NETWORK_EXCEPTION"), refuses(1, "NETWORK_EXCEPTION"), asksMetadata(1)],
    },
  },
  {
    name: "a request that is not answered in time breaks the connection, and all that is in flight on it",
    kind,
    input,
    events: [...bothInFlight, timedOut(0)],
    expect: {
      value: running("asking"),
      context: { inFlight: [] },
      effects: [closes(1), refuses(0, "REQUEST_TIMED_OUT"), refuses(1, "REQUEST_TIMED_OUT"), asksMetadata(1)],
    },
  },
  {
    name: "a request that has been answered meanwhile does not time out",
    kind,
    input,
    events: [...inFlight, answers("b1", { "t-0": 0 }), timedOut(0)],
    expect: { value: running("current"), effects: [] },
  },
  {
    name: "the outcome of a batch is told with its records, and its slot is free again",
    kind,
    input,
    events: [append("t-0", "a"), append("t-0", "b"), ready(0), answers("b1", { "t-0": 7 }), settled(0, "ok", null, 7)],
    expect: {
      context: { queue: [], inFlight: [], undecided: [] },
      effects: [
        observe({
          ...{ kind: "outcome", producer: "p1", partition: "t-0", values: ["a", "b"] },
          ...{ outcome: "ok", error: null, baseOffset: 7, attempts: 1 },
        }),
      ],
    },
  },
  {
    name: "a new batch takes the lowest free slot",
    kind,
    input,
    events: [...bothInFlight, answers("b1", { "t-0": 7 }), settled(0, "ok", null, 7), append("t-2", "c")],
    expect: { effects: [accepted("t-2", "c"), creates(0)] },
  },
  {
    name: "a request keeps its place in flight though its batch has expired",
    kind,
    input,
    events: [...bothInFlight, settled(0, "unknown", "TIMEOUT", null), append("t-0", "c"), ready(0)],
    expect: {
      context: {
        queue: [batch(0, "t-0", "c", { state: "ready" })],
        inFlight: [{ broker: 1, batches: [], partitions: ["t-0"] }, carried(1, sentBatch(1, "t-0", "b"))],
      },
      effects: [],
    },
  },
  {
    name: "a partition stays mute while a request is open, though the batch in it has expired",
    kind,
    input: oneInFlight,
    events: [
      ...[...inFlight, settled(0, "unknown", "TIMEOUT", null), metadata(["t-0", 2, 1])],
      ...[append("t-0", "b"), ready(0)],
    ],
    expect: { context: { inFlight: [{ broker: 1, batches: [], partitions: ["t-0"] }] }, effects: [] },
  },
  {
    name: "a late answer to a batch that has expired is told to nobody",
    kind,
    input,
    events: [...inFlight, settled(0, "unknown", "TIMEOUT", null), answers("b1", { "t-0": 7 })],
    expect: { context: { inFlight: [], undecided: [] }, effects: [] },
  },
  {
    name: "a batch that expires in the queue is sent no more",
    kind,
    input,
    events: [append("t-0", "a"), settled(0, "unknown", "TIMEOUT", null)],
    expect: { context: { queue: [] } },
  },
];
