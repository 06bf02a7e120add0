/** Rules by which a producer finds out who leads, and of its crash (NetworkClient, Metadata; KIP-320). */
import { observe } from "../../../model/effect.ts";
import type { ProducerEvent, ProducerInput } from "../../../model/producer/producer-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  accepted,
  answers,
  append,
  asksMetadata,
  bothInFlight,
  closes,
  creates,
  disconnected,
  inFlight,
  input,
  metadata,
  ready,
  refuses,
  running,
  sends,
  tells,
} from "./producer-parts.ts";

const kind = "producer";

const oneBroker: ProducerInput = { ...input, brokers: [1] };
const leaderless: ProducerInput = { ...input, leaders: [{ partition: "t-0", leader: null, leaderEpoch: 0 }] };
const [first, second, third] = input.leaders;
const [crash, restart] = [{ type: "crash" }, { type: "restart" }] as const;
const [metadataTimeout, backoff] = [fire("requestTimeout"), fire("retryBackoff")];

const metadataRules: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "records of a partition without a leader are not sent, and after a while it is asked who leads",
    kind,
    input: leaderless,
    events: [append("t-0", "a"), ready(0)],
    expect: { value: running("waiting"), context: { inFlight: [] }, effects: [], running: ["retryBackoff"] },
  },
  {
    name: "a partition without a leader matters only while there are records for it",
    kind,
    input: leaderless,
    events: [],
    expect: { value: running("current"), running: [] },
  },
  {
    name: "after the back-off a broker is asked",
    kind,
    input: leaderless,
    events: [append("t-0", "a"), backoff],
    expect: { value: running("asking"), effects: [asksMetadata(1)], armed: { requestTimeout: 30_000 } },
  },
  {
    name: "with the leader known the records are sent",
    kind,
    input: leaderless,
    events: [append("t-0", "a"), ready(0), backoff, metadata(["t-0", 3, 1])],
    expect: {
      value: running("current"),
      context: { leaders: [{ partition: "t-0", leader: 3, leaderEpoch: 1 }] },
      effects: [tells(0, { type: "leader-changed" }), ...sends(3, [[0, "t-0", "a"]])],
    },
  },
  {
    name: "as long as there is no leader it is asked again and again",
    kind,
    input: leaderless,
    events: [append("t-0", "a"), backoff, metadata(["t-0", null, 1])],
    expect: { value: running("waiting"), effects: [], armed: { retryBackoff: 100 } },
  },
  {
    name: "metadata of an earlier leader epoch is of a broker that lags, and is not believed (KIP-320)",
    kind,
    input,
    events: [
      ...[disconnected("b3"), metadata(["t-0", 2, 2]), disconnected("b3")],
      metadata(["t-0", 1, 1], ["t-1", 3, 0]),
    ],
    expect: {
      context: { leaders: [{ ...first, leader: 2, leaderEpoch: 2 }, { ...second, leader: 3 }, third] },
    },
  },
  {
    name: "a new leader is told to the batches of its partition, and to no other",
    kind,
    input,
    events: [append("t-0", "a"), append("t-1", "b"), disconnected("b3"), metadata(["t-0", 2, 1], ["t-1", 1, 0])],
    expect: { value: running("current"), effects: [tells(0, { type: "leader-changed" })] },
  },
  {
    name: "a partition that has lost its leader has no new one to tell of",
    kind,
    input,
    events: [append("t-0", "a"), disconnected("b3"), metadata(["t-0", null, 1])],
    expect: { value: running("waiting"), effects: [] },
  },
  {
    name: "the broker with the fewest requests in flight is asked, then the next one in turn",
    kind,
    input,
    events: [...inFlight, append("t-2", "b"), ready(1), answers("b2", { "t-2": "NOT_LEADER_OR_FOLLOWER" })],
    expect: {
      context: { contact: 2 },
      effects: [refuses(1, "NOT_LEADER_OR_FOLLOWER"), asksMetadata(2)],
    },
  },
  {
    name: "among brokers alike another one is asked every time",
    kind,
    input,
    events: [disconnected("b3"), metadata(), disconnected("b3")],
    expect: { context: { contact: 2 }, effects: [asksMetadata(2)] },
  },
  {
    name: "a broker that does not tell is given up, with all that is in flight to it, and another one is asked later",
    kind,
    input: oneBroker,
    events: [...bothInFlight, answers("b1", { "t-0": "NOT_LEADER_OR_FOLLOWER" }), metadataTimeout],
    expect: {
      value: running("waiting"),
      context: { inFlight: [] },
      effects: [closes(1), refuses(1, "NETWORK_EXCEPTION")],
      armed: { retryBackoff: 100 },
    },
  },
  {
    name: "a broker whose connection breaks before it tells is followed by another one later",
    kind,
    input,
    events: [disconnected("b3"), disconnected("b1")],
    expect: { value: running("waiting"), effects: [], armed: { retryBackoff: 100 } },
  },
  {
    name: "another broker's broken connection does not disturb the question",
    kind,
    input,
    events: [disconnected("b3"), disconnected("b2")],
    expect: { value: running("asking"), effects: [], running: ["requestTimeout"] },
  },
];

const crashes: readonly MachineCase<ProducerEvent>[] = [
  {
    name: "an application that dies takes everything with it that it has not sent",
    kind,
    input,
    events: [...inFlight, append("t-0", "b"), disconnected("b3"), crash],
    expect: {
      value: "crashed",
      context: {
        queue: [],
        inFlight: [],
        undecided: [],
        leaders: input.leaders.map(({ partition }) => ({ partition, leader: null, leaderEpoch: -1 })),
      },
      effects: [{ kind: "process-died" }, observe({ kind: "crashed", client: "p1" })],
      running: [],
    },
  },
  {
    name: "once started again it knows no leader and asks",
    kind,
    input,
    events: [crash, restart, append("t-0", "a")],
    expect: {
      value: running("waiting"),
      effects: [accepted("t-0", "a"), creates(0)],
      armed: { retryBackoff: 100 },
    },
  },
];

export const cases: readonly MachineCase<ProducerEvent>[] = [...metadataRules, ...crashes];
