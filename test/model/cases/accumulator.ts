/** Rules by which a producer puts records into batches, and batches into requests (RecordAccumulator). */
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
  running,
  sends,
  sentBatch,
  settled,
  tells,
} from "./producer-parts.ts";

const kind = "producer";

const withoutAnswers: ProducerInput = { ...input, batch: { ...input.batch, acks: 0 } };
const flush: ProducerEvent = { type: "flush" };
const [first, second, third] = input.leaders;

const batching: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "the first record opens a batch",
    kind,
    input,
    events: [append("t-0", "a")],
    expect: {
      value: running("current"),
      context: { queue: [batch(0, "t-0", "a")], inFlight: [] },
      effects: [accepted("t-0", "a"), creates(0)],
    },
  },
  {
    name: "a record that fits goes into the open batch, in the order of sending",
    kind,
    input,
    events: [append("t-0", "a"), append("t-0", "b")],
    expect: { context: { queue: [batch(0, "t-0", "ab")] }, effects: [accepted("t-0", "b")] },
  },
  {
    name: "every partition has batches of its own",
    kind,
    input,
    events: [append("t-0", "a"), append("t-1", "b"), append("t-0", "c")],
    expect: { context: { queue: [batch(0, "t-0", "ac"), batch(1, "t-1", "b")] } },
  },
  {
    name: "a batch that is full takes no more, and need not linger",
    kind,
    input,
    events: [append("t-0", "a"), append("t-0", "bcd")],
    expect: {
      context: {
        queue: [
          {
            ...batch(0, "t-0", "a", { open: false }),
            records: [
              { value: "a", key: null },
              { value: "bcd", key: null },
            ],
            bytes: 4,
          },
        ],
      },
      effects: [accepted("t-0", "bcd"), tells(0, { type: "filled" })],
    },
  },
  {
    name: "a record that does not fit closes the open batch, which then need not linger, and opens the next one",
    kind,
    input,
    events: [append("t-0", "a"), append("t-0", "b"), append("t-0", "c"), append("t-0", "de")],
    expect: {
      context: {
        queue: [
          batch(0, "t-0", "abc", { open: false }),
          { ...batch(1, "t-0", "de"), records: [{ value: "de", key: null }] },
        ],
      },
      effects: [accepted("t-0", "de"), tells(0, { type: "filled" }), creates(1)],
    },
  },
  {
    name: "a record that is larger than batch.size travels alone, and need not linger",
    kind,
    input,
    events: [append("t-0", "abcdef")],
    expect: {
      context: {
        queue: [{ ...batch(0, "t-0", "abcdef", { open: false }), records: [{ value: "abcdef", key: null }] }],
      },
      effects: [accepted("t-0", "abcdef"), creates(0), tells(0, { type: "filled" })],
    },
  },
  {
    name: "a flush ends the lingering of every batch",
    kind,
    input,
    events: [append("t-0", "a"), append("t-2", "b"), flush],
    expect: { effects: [tells(0, { type: "flush" }), tells(1, { type: "flush" })] },
  },
];

const sending: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "a batch that is ready is sent to the leader of its partition",
    kind,
    input,
    events: [append("t-2", "a"), append("t-2", "b"), ready(0)],
    expect: {
      context: { queue: [], inFlight: [carried(2, sentBatch(0, "t-2", "ab"))], undecided: [] },
      effects: sends(2, [[0, "t-2", "ab"]]),
    },
  },
  {
    name: "readiness is per broker: one request takes the head batch of every partition that the broker leads",
    kind,
    input,
    events: [append("t-0", "a"), append("t-1", "b"), append("t-2", "c"), ready(1)],
    expect: {
      context: {
        queue: [batch(2, "t-2", "c")],
        inFlight: [carried(1, sentBatch(0, "t-0", "a", { state: "lingering" }), sentBatch(1, "t-1", "b"))],
      },
      effects: sends(1, [
        [0, "t-0", "a"],
        [1, "t-1", "b"],
      ]),
    },
  },
  {
    name: "of each partition one batch goes into a request, the first",
    kind,
    input,
    events: [..."abcde"].map((value) => append("t-0", value)).concat(ready(0)),
    expect: { context: { queue: [batch(1, "t-0", "e")] }, effects: sends(1, [[0, "t-0", "abcd"]]) },
  },
  {
    name: "at most max.in.flight.requests.per.connection requests are in flight to a broker",
    kind,
    input,
    events: [...bothInFlight, append("t-0", "c"), ready(2)],
    expect: { context: { queue: [batch(2, "t-0", "c", { state: "ready" })] }, effects: [] },
  },
  {
    name: "the bound is per broker: another broker is sent to",
    kind,
    input,
    events: [...bothInFlight, append("t-2", "c"), ready(2)],
    expect: { effects: sends(2, [[2, "t-2", "c"]]) },
  },
  {
    name: "a request that is answered makes place for the next one, once what it carried is decided",
    kind,
    input,
    events: [...bothInFlight, append("t-0", "c"), ready(2), answers("b1", { "t-0": 0 }), settled(0, "ok", null, 0)],
    expect: {
      context: {
        inFlight: [carried(1, sentBatch(1, "t-0", "b")), carried(1, sentBatch(2, "t-0", "c"))],
      },
      effectsOf: { request: sends(1, [[2, "t-0", "c"]]).slice(0, 1) },
    },
  },
  {
    name: "with one request in flight a partition is mute meanwhile, even if its leader has moved: order is kept",
    kind,
    input: oneInFlight,
    events: [
      ...[...inFlight, append("t-0", "b"), ready(1), append("t-2", "c"), ready(2)],
      ...[disconnected("b3"), metadata(["t-0", 3, 1])],
    ],
    expect: {
      context: {
        queue: [batch(1, "t-0", "b", { state: "ready" })],
        leaders: [{ ...first, leader: 3, leaderEpoch: 1 }, second, third],
      },
      effectsOf: { request: [] },
    },
  },
  {
    name: "with acks=0 nothing stays in flight",
    kind,
    input: withoutAnswers,
    events: [...inFlight],
    expect: {
      context: { queue: [], inFlight: [], undecided: [sentBatch(0, "t-0", "a")] },
      effects: sends(1, [[0, "t-0", "a"]], { acks: 0 }),
    },
  },
];

export const cases: readonly MachineCase<ProducerEvent>[] = [...batching, ...sending];
