/** Rules by which a producer chooses the partition of a record (KafkaProducer.partition, RoundRobinPartitioner). */
import type { ProducerEvent, ProducerInput } from "../../../model/producer/producer-context.ts";
import type { Partitioners } from "../../../spec/partitioner.ts";
import type { MachineCase } from "../machine-case.ts";
import { accepted, append, batch, creates, disconnected, input, metadata, ready, tells } from "./producer-parts.ts";

/** What the machines of the cases are made with. */
export const partitioners: Partitioners = {
  "./length.ts": ({ value, key }, partitions) => (value.length + (key?.length ?? 0)) % partitions,
};

const kind = "producer";
const textbook: ProducerInput = { ...input, partitioner: "TextbookPartitioner" };
const roundRobin: ProducerInput = { ...input, partitioner: "RoundRobinPartitioner" };
const roundRobinTwice: ProducerInput = { ...roundRobin, choosesAgainForNewBatch: true };
const own: ProducerInput = { ...input, partitioner: "./length.ts" };
const withoutKeys = { ignoreKeys: true } as const;
const [first, second, third] = input.leaders;

const all = (values: string, to = "t", key: string | null = null) => [...values].map((value) => append(to, value, key));
const turnOfT = (turn: number) => [{ topic: "t", turn, comesRoundAfter: 6 }];

/** The record a, sent to the topic, goes to this partition and opens its batch. */
const goesTo = (partition: string, key: string | null = null) => [
  accepted(partition, "a", { to: "t", ...(key === null ? {} : { key }) }),
  creates(0),
];

const byKey: readonly MachineCase<ProducerEvent>[] = [
  {
    // Below zero: -1567496736. Its absolute value would be another partition's.
    name: "a key goes where its hash says: murmur2 without its sign bit",
    kind,
    input,
    events: [append("t", "a", "k")],
    expect: { effects: goesTo("t-2", "k"), context: { turns: turnOfT(0) } },
  },
  {
    name: "the empty key is a key",
    kind,
    input: { ...textbook, leaders: [first, second] },
    events: [append("t", "a", "")],
    expect: { effects: goesTo("t-1", "") },
  },
  {
    name: "a key goes by all partitions of its topic, those without a leader and no other topic's",
    kind,
    input: {
      ...input,
      leaders: [first, second, { ...third, leader: null }, { partition: "u-0", leader: 1, leaderEpoch: 0 }],
    },
    events: [append("t", "a", "k")],
    expect: { effects: goesTo("t-2", "k") },
  },
  {
    name: "a partition that the application names comes before the key",
    kind,
    input,
    events: [append("t-1", "a", "k")],
    expect: { effects: [accepted("t-1", "a", { key: "k" }), creates(0)] },
  },
  {
    name: "a partition that the application names comes before any partitioner, and takes no turn",
    kind,
    input: roundRobin,
    events: [append("t-1", "a")],
    expect: { effects: [accepted("t-1", "a"), creates(0)], context: { turns: turnOfT(0) } },
  },
  {
    name: "every partition that a key leads to has a batch of its own",
    kind,
    input,
    events: [append("t", "a", ""), append("t", "b", "k"), append("t", "c", "")],
    expect: {
      context: {
        queue: [
          batch(0, "t-0", "ac", { records: ["a", "c"].map((value) => ({ value, key: "" })) }),
          batch(1, "t-2", "b", { records: [{ value: "b", key: "k" }], bytes: 2 }),
        ],
      },
    },
  },
];

const inTurn: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "the textbooks' partitioner sends records without a key to all partitions in turn, available or not",
    kind,
    input: { ...textbook, leaders: [first, { ...second, leader: null }, third] },
    events: all("abcd"),
    expect: { context: { queue: [batch(0, "t-0", "ad"), batch(1, "t-1", "b"), batch(2, "t-2", "c")] } },
  },
  {
    name: "the textbooks' partitioner goes by the key where there is one, and that takes no turn",
    kind,
    input: textbook,
    events: [append("t", "a", "k")],
    expect: { effects: goesTo("t-2", "k"), context: { turns: turnOfT(0) } },
  },
  {
    name: "with partitioner.ignore.keys it does not",
    kind,
    input: { ...textbook, ...withoutKeys },
    events: [append("t", "a", "k")],
    expect: { effects: goesTo("t-0", "k"), context: { turns: turnOfT(1) } },
  },
  {
    name: "the turn comes round",
    kind,
    input: textbook,
    events: all("abcdef"),
    expect: { context: { turns: turnOfT(0) }, effects: [accepted("t-2", "f", { to: "t" })] },
  },
  {
    name: "every topic has turns of its own",
    kind,
    input: {
      ...textbook,
      leaders: [
        ...[0, 1, 2, 3].map((number) => ({ partition: `u-${number}`, leader: 1, leaderEpoch: 0 })),
        ...input.leaders,
      ],
    },
    events: [...all("a"), ...all("bc", "u")],
    expect: {
      context: {
        queue: [batch(0, "t-0", "a"), batch(1, "u-0", "b"), batch(2, "u-1", "c")],
        turns: [{ topic: "u", turn: 2, comesRoundAfter: 12 }, ...turnOfT(1)],
      },
    },
  },
  {
    name: "an application that starts again begins with the first partition",
    kind,
    input: textbook,
    events: [...all("ab"), { type: "crash" }, { type: "restart" }, append("t", "a")],
    expect: { effects: goesTo("t-0"), context: { turns: turnOfT(1) } },
  },
];

const ofRoundRobin: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "round robin takes the partitions in turn, whatever the key",
    kind,
    input: roundRobin,
    events: [append("t", "a", ""), append("t", "b", ""), append("t", "c"), append("t", "d", "")],
    expect: {
      context: { turns: turnOfT(4) },
      effects: [accepted("t-0", "d", { to: "t", key: "" })],
    },
  },
  {
    name: "round robin leaves out partitions that have no leader, and counts on",
    kind,
    input: { ...roundRobin, leaders: [first, { ...second, leader: null }, third] },
    events: all("abc"),
    expect: { context: { queue: [batch(0, "t-0", "ac"), batch(1, "t-2", "b")], turns: turnOfT(3) } },
  },
  {
    name: "round robin goes by the leaders that it knows by now",
    kind,
    input: roundRobin,
    events: [...all("a"), disconnected("b3"), metadata(["t-1", null, 1]), ...all("b")],
    expect: { context: { queue: [batch(0, "t-0", "a"), batch(1, "t-2", "b")] } },
  },
  {
    name: "where no partition has a leader, round robin takes all of them in turn",
    kind,
    input: { ...roundRobin, leaders: input.leaders.map((known) => ({ ...known, leader: null })) },
    events: all("ab"),
    expect: { context: { queue: [batch(0, "t-0", "a"), batch(1, "t-1", "b")] } },
  },
  {
    name: "up to 3.8 a record that needs a new batch makes round robin choose again: it skips a partition (KAFKA-9965)",
    kind,
    input: roundRobinTwice,
    events: [append("t", "a")],
    expect: { effects: goesTo("t-1"), context: { turns: turnOfT(2) } },
  },
  {
    name: "up to 3.8 too a record that fits the open batch is chosen for once",
    kind,
    input: roundRobinTwice,
    events: [append("t-0", "a"), append("t", "b")],
    expect: { effects: [accepted("t-0", "b", { to: "t" })], context: { turns: turnOfT(1) } },
  },
  {
    name: "the second choice stands, even if its batch has no room either",
    kind,
    input: roundRobinTwice,
    events: [append("t-0", "abc"), append("t-1", "def"), append("t", "gh")],
    expect: {
      context: {
        queue: [
          batch(0, "t-0", "abc", { open: false, records: [{ value: "abc", key: null }] }),
          batch(1, "t-1", "def", { open: false, records: [{ value: "def", key: null }] }),
          batch(2, "t-1", "gh", { records: [{ value: "gh", key: null }] }),
        ],
        turns: turnOfT(2),
      },
      effects: [
        tells(0, { type: "filled" }),
        accepted("t-1", "gh", { to: "t" }),
        tells(1, { type: "filled" }),
        creates(2),
      ],
    },
  },
];

const ofOnesOwn: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "a partitioner of the user's own is given key, value and the number of partitions",
    kind,
    input: own,
    events: [append("t", "a", "k")],
    expect: { effects: goesTo("t-2", "k"), context: { turns: turnOfT(0) } },
  },
  {
    name: "a partitioner of the user's own is asked where there is no key, too, and partitioner.ignore.keys is nothing to it",
    kind,
    input: { ...own, ...withoutKeys },
    events: [append("t", "a"), ready(0), append("t", "xyz")],
    expect: { effects: [accepted("t-0", "xyz", { to: "t" }), creates(1)] },
  },
];

export const cases: readonly MachineCase<ProducerEvent>[] = [...byKey, ...inTurn, ...ofRoundRobin, ...ofOnesOwn];
