/**
 * The anomalies that a history can show: one table of names, definitions and sources. Names are those of Jepsen's `kafka`
 * workload where it has them. What the definitions say of the contract is what `allowed` means in a verdict.
 */

export interface Anomaly {
  readonly name: string;
  /** What it is, in full sentences. */
  readonly definition: string;
  /** In plain words: when it counts. Everywhere else it is listed as allowed. */
  readonly countsWhen: string;
  readonly sources: readonly string[];
  /** Does Jepsen's workload know it under this name? */
  readonly isJepsens: boolean;
}

const jepsen = "Jepsen, tests/kafka";

const durable =
  "the producer has acks=all, unclean election is off, followers reconcile by leader epoch, no power loss can have taken the record, and neither retention nor DeleteRecords";
const readDurable =
  "what was read stays: unclean election is off, min ISR is 2 or more, profile 3.7 or later, and no power loss came before";
const once = "the producer is idempotent and keeps its session, or does not retry (retries=0); elections are clean";
const inPlace =
  "the consumer is assigned by hand, or its assignments are recorded; elections are clean, no power loss came before, and nothing may have gone by retention or DeleteRecords";
const committedReader =
  "always for a plain send; for a transaction, where the reader has isolation.level=read_committed";

export const anomalies: readonly Anomaly[] = [
  own(
    "inconsistent-offsets",
    "One offset of one key was seen with two different values.",
    `both sightings had to last. Of a poll: ${readDurable}. Of an acknowledgement: ${durable}`,
    ["KIP-101", "KIP-279"],
    true,
  ),
  own("duplicate", "One value of a key was seen at two offsets.", once, ["KIP-98"], true),
  own(
    "lost-write",
    "A value whose write was acknowledged, or is proven by a read of its transaction, was never read by anybody, although a higher offset of its key was. Higher is: above every place where the value was seen, by the first place of the value that was read. It takes a final read of the key, or a reader who passed over the place, to prove it.",
    durable,
    ["KIP-966"],
    true,
  ),
  own(
    "unseen",
    "A value whose write was acknowledged was never read by anybody, although its key was read to its end afterwards, by final reads from the beginning.",
    durable,
    ["KIP-966"],
    true,
  ),
  own(
    "G1a",
    "Aborted read: an ok poll returned a value whose send or transaction has failed.",
    committedReader,
    ["KIP-98", "Adya, Weak Consistency (2000)"],
    true,
  ),
  own(
    "precommitted-read",
    "A transaction polled a value that it had sent itself.",
    "the reader has isolation.level=read_committed",
    ["KIP-98"],
    true,
  ),
  own(
    "int-poll-skip",
    "Within one operation, a value that others have read lies between two values that followed each other.",
    inPlace,
    ["FetchCollector"],
    true,
  ),
  own(
    "int-nonmonotonic-poll",
    "Within one operation, a value was followed by one at the same or a lower offset.",
    inPlace,
    ["FetchCollector"],
    true,
  ),
  own(
    "int-send-skip",
    "Within one operation, a value of somebody else stands between two values that were sent one after the other.",
    "never: the writes of several producers mix",
    [],
    true,
  ),
  own(
    "int-nonmonotonic-send",
    "Within one operation, the later of two values that were sent to a key stands before the earlier one.",
    `${once}; or the earlier one was acknowledged before the later one was sent, and stays`,
    ["KIP-98"],
    true,
  ),
  own(
    "poll-skip",
    "A consumer's ok poll began behind a value that others have read and that comes after the last one it had been given, without having been placed anew.",
    inPlace,
    ["FetchCollector", "KIP-320"],
    true,
  ),
  own(
    "nonmonotonic-poll",
    "A consumer's ok poll began at or before the last record that it had been given, without having been placed anew.",
    inPlace,
    ["FetchCollector", "KIP-320"],
    true,
  ),
  own(
    "nonmonotonic-send",
    "Of two values that one client sent to one key, the later one stands before the earlier one.",
    `${once}; or the earlier one was acknowledged before the later one was sent, and stays`,
    ["KIP-98"],
    true,
  ),
  ...cycles(),
  own(
    "phantom-read",
    "A poll returned a value that nobody has sent to this key.",
    "always; the topic has to be empty when the recording begins, and every send to be recorded",
    [],
  ),
  own(
    "corrupted-read",
    "A poll returned a value that nobody has sent, at an offset at which a value that was sent is known to stand.",
    "always, as for phantom-read",
    [],
  ),
  own(
    "lost-after-read",
    "A value whose write was acknowledged, or is proven, was read once, and was gone when its key was read to its end later, by final reads from the beginning.",
    durable,
    ["KIP-966"],
  ),
  own(
    "intermediate-read",
    "One operation was given two values of a transaction, but not a third one that the transaction had sent to the same key between them.",
    inPlace,
    ["KIP-98"],
  ),
  own(
    "torn-transaction",
    "One value of a transaction was read, and another one of it is lost (lost-write or unseen).",
    durable,
    ["KIP-98"],
  ),
  own(
    "acknowledged-offset-differs",
    "A value was acknowledged at one offset and read at another, and never at the one that was told.",
    `readers came past the offset that was told, or the producer writes each value once; and ${durable}`,
    ["KIP-98"],
  ),
  own(
    "wrong-partition",
    "A record with a key went to another partition than its producer's partitioner chooses for that key.",
    "the contract names the topic with its number of partitions, and the producer goes by the key (Kafka's own choice or TextbookPartitioner, partitioner.ignore.keys off)",
    ["BuiltInPartitioner.partitionForKey"],
  ),
  own(
    "key-moved",
    "Two records of one topic with the same key went to different partitions.",
    "both producers go by the key, and the number of partitions does not change",
    ["BuiltInPartitioner.partitionForKey"],
  ),
  own(
    "leader-epoch-regress",
    "A reader was given a record with a lower leader epoch than a record before it, at a lower offset, had.",
    "elections are clean",
    ["KIP-101", "KIP-320"],
  ),
  own(
    "commit-past-undelivered",
    "A group committed an offset above a record's, after the record was acknowledged, without having been given it.",
    `all members of the group have auto.offset.reset=earliest, the application has neither sought nor named an offset beyond it, and ${durable}`,
    ["Consumer.commitSync"],
  ),
  own(
    "group-missed",
    "A group was never given an acknowledged record that others have read, and then found nothing more to read.",
    `as for commit-past-undelivered`,
    ["Consumer.poll"],
  ),
  own(
    "commit-beyond-position",
    "A consumer committed its position, and what it committed lies behind a record that it had not been given since it was placed.",
    inPlace,
    ["ConsumerCoordinator"],
  ),
  own(
    "committed-offset-lost",
    "A group was told that it has no committed offset for a key, after a commit of it had been acknowledged.",
    "the history is shorter than offsets.retention.minutes (7 days), and no power loss came before",
    ["OffsetMetadataManager"],
  ),
  own(
    "committed-offset-regressed",
    "A group was told a committed offset below every one that its last commits can have left.",
    "no member commits automatically, nor within transactions; otherwise as for committed-offset-lost",
    ["OffsetMetadataManager"],
  ),
  own(
    "resumed-elsewhere",
    "A consumer that was started again was first given a record below the offset that its group had committed, or one beyond it, past a value that somebody was given.",
    "no member commits automatically, nor within transactions; elections are clean; what was passed cannot have gone by retention or DeleteRecords; otherwise as for committed-offset-lost",
    ["ConsumerCoordinator.initWithCommittedOffsetsIfNeeded"],
  ),
  own(
    "fenced-commit-accepted",
    "A consumer's commit was accepted for a key that had been assigned to another consumer in a later generation before the commit was begun.",
    "always",
    ["GroupCoordinator.validateOffsetCommit", "KIP-848"],
  ),
  own(
    "two-owners",
    "One key was assigned to two consumers of a group in the same generation.",
    "always; a static member that starts again has to keep its name, or its crash to be recorded",
    ["KIP-848", "ConsumerPartitionAssignor"],
  ),
  own(
    "latest-regressed",
    "The latest offset of a key was told to be lower than it had been told before.",
    readDurable,
    ["KIP-207"],
  ),
  own(
    "read-above-high-watermark",
    "A record was read, and afterwards the latest offset was told to be at or below the record's.",
    readDurable,
    ["KIP-207", "ReplicaManager.fetchMessages"],
  ),
  own(
    "read-above-last-stable-offset",
    "The same of a reader with isolation.level=read_committed, whose latest offset is the last stable one.",
    readDurable,
    ["KIP-98"],
  ),
  own(
    "acknowledged-below-min-isr",
    "A send was acknowledged although, from its beginning to its end, fewer brokers were running than min ISR asks for.",
    "the producer has acks=all, and the contract has brokers and topic",
    ["Partition.checkEnoughReplicasReachOffset"],
  ),
  own(
    "stuck-after-heal",
    "Everything was mended for a minute or longer, and nothing that was asked of a key after that minute succeeded, three calls at least; or a consumer then polled for another minute, three times at least, and was given nothing, though there was more to read of a key of its own.",
    "every broker that was struck is known to run again; of a consumer: the contract names it, alone in its group, it does not read committed records only, elections are clean, no power loss came before, and nothing may have gone by retention or DeleteRecords",
    ["KIP-91"],
  ),
];

/** By name; `undefined` where there is none. */
export function anomalyNamed(name: string): Anomaly | undefined {
  return anomalies.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

function own(
  name: string,
  definition: string,
  countsWhen: string,
  sources: readonly string[],
  isJepsens = false,
): Anomaly {
  return { name, definition, countsWhen, sources: isJepsens ? [jepsen, ...sources] : sources, isJepsens };
}

function cycles(): readonly Anomaly[] {
  const adya = ["Adya, Weak Consistency (2000)", "Elle (Kingsbury, Alvaro 2020)"];
  const ww =
    "the writes of calls overtake each other in a circle (one is before the other on one key, after it on another)";
  const wr = "calls depend on each other in a circle, by what they have read of each other";
  const strengthened = [
    ["", ""],
    ["-process", ", where one call of a process comes before its next one"],
    ["-realtime", ", where a call that had ended, or was read, comes before every one that was begun afterwards"],
  ] as const;
  return [
    ...strengthened.map(([suffix, words]) =>
      own(`G0${suffix}`, `Write cycle: ${ww}${words}.`, "never: Kafka does not isolate writes", adya, true),
    ),
    ...strengthened.map(([suffix, words]) =>
      own(
        `G1c${suffix}`,
        `Circular information flow: ${wr}${words}.`,
        "the circle needs no order of writes, and its readers have isolation.level=read_committed; a read that ended before its value was sent counts always",
        adya,
        true,
      ),
    ),
  ];
}
