/** Rules of which batch takes a record, and of the order in which batches leave once something fails (RecordAccumulator). */
import type { ProducerEvent, ProducerInput } from "../../../model/producer/producer-context.ts";
import type { MachineCase } from "../machine-case.ts";
import {
  accepted,
  answers,
  append,
  batch,
  bothInFlight,
  carried,
  creates,
  disconnected,
  inFlight,
  input,
  metadata,
  oneInFlight,
  ready,
  sends,
  sentBatch,
  settled,
  tells,
} from "./producer-parts.ts";

const kind = "producer";

const withoutBatching: ProducerInput = { ...input, batchSize: 0 };
const withoutAnswers: ProducerInput = { ...oneInFlight, batch: { ...input.batch, acks: 0 } };

const crash: ProducerEvent = { type: "crash" };
const flush: ProducerEvent = { type: "flush" };
const retries = (slot: number): ProducerEvent => ({ type: "batch-retries", slot });
/** The request at the front of broker 1's is refused, and its batch of t-0 is to be tried again. */
const refusedAndRetried = [answers("b1", { "t-0": "NOT_ENOUGH_REPLICAS" }), retries(0)];

const backingOff = (slot: number, values: string) => sentBatch(slot, "t-0", values, { state: "backing-off" });

const taking: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "with batch.size=0 every record travels alone, and none lingers",
    kind,
    input: withoutBatching,
    events: [append("t-0", "a"), append("t-0", "b")],
    expect: { effects: [accepted("t-0", "b"), creates(1), tells(1, { type: "filled" })] },
  },
  {
    name: "the bytes of a record are those of its key and of its value",
    kind,
    input,
    events: [append("t-0", "abc", "k")],
    expect: { effects: [accepted("t-0", "abc", { key: "k" }), creates(0), tells(0, { type: "filled" })] },
  },
  {
    name: "a batch in flight takes no more records, however much room it has",
    kind,
    input,
    events: [...inFlight, append("t-0", "b")],
    expect: {
      context: {
        queue: [batch(1, "t-0", "b")],
        inFlight: [carried(1, sentBatch(0, "t-0", "a"))],
      },
      effects: [accepted("t-0", "b"), creates(1)],
    },
  },
  {
    name: "a batch that was sent takes no more records when it is back in the queue: a retry carries the same ones",
    kind,
    input,
    events: [...inFlight, ...refusedAndRetried, append("t-0", "b")],
    expect: {
      context: { queue: [backingOff(0, "a"), batch(1, "t-0", "b")] },
      effects: [accepted("t-0", "b"), creates(1)],
    },
  },
  {
    name: "a batch that has been answered keeps its slot until its outcome is told",
    kind,
    input,
    events: [...inFlight, answers("b1", { "t-0": 7 }), append("t-0", "b")],
    expect: { effects: [accepted("t-0", "b"), creates(1)] },
  },
  {
    name: "a flush is nothing to what is in flight already",
    kind,
    input,
    events: [...inFlight, append("t-0", "b"), flush],
    expect: { effects: [tells(1, { type: "flush" })] },
  },
  {
    name: "an application that is dead takes no records",
    kind,
    input,
    events: [crash, append("t-0", "a")],
    expect: { value: "crashed", context: { queue: [] }, effects: [] },
  },
];

const leaving: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "with acks=0 a request occupies no place in flight: the next one leaves at once",
    kind,
    input: withoutAnswers,
    events: [...inFlight, settled(0, "ok", null, null), append("t-0", "b"), ready(0)],
    expect: { effects: sends(1, [[0, "t-0", "b"]], { acks: 0 }) },
  },
  {
    name: "a batch that is tried again stands before the newer ones that were never sent",
    kind,
    input,
    events: [...bothInFlight, append("t-0", "c"), ...refusedAndRetried],
    expect: {
      context: {
        queue: [backingOff(0, "a"), batch(2, "t-0", "c")],
        inFlight: [carried(1, sentBatch(1, "t-0", "b"))],
      },
    },
  },
  {
    name: "without idempotence requests that are lost together are put back one by one to the front: their order turns round",
    kind,
    input,
    events: [...bothInFlight, disconnected("b1"), retries(0), retries(1)],
    expect: { context: { queue: [backingOff(1, "b"), backingOff(0, "a")], undecided: [] } },
  },
  {
    name: "an answer of one broker leaves what is in flight to another one alone",
    kind,
    input,
    events: [...inFlight, append("t-2", "b"), ready(1), answers("b2", { "t-2": 7 })],
    expect: {
      context: { inFlight: [carried(1, sentBatch(0, "t-0", "a"))] },
      effects: [tells(1, { type: "acknowledged", baseOffset: 7 })],
    },
  },
  {
    name: "with several requests in flight a new leader is sent to though the old one has not answered: order can be lost",
    kind,
    input,
    events: [...inFlight, disconnected("b3"), metadata(["t-0", 2, 1]), append("t-0", "b"), ready(1)],
    expect: { effects: sends(2, [[1, "t-0", "b"]]) },
  },
  {
    name: "a batch that the old leader has refused goes to the new one, as another attempt of the same records",
    kind,
    input,
    events: [
      ...[...inFlight, answers("b1", { "t-0": "NOT_LEADER_OR_FOLLOWER" }), retries(0)],
      ...[metadata(["t-0", 2, 1]), ready(0)],
    ],
    expect: { context: { queue: [] }, effects: sends(2, [[0, "t-0", "a"]], { attempt: 2 }) },
  },
];

export const cases: readonly MachineCase<ProducerEvent>[] = [...taking, ...leaving];
