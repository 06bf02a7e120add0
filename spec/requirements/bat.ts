/** BAT: what a producer puts together, and when it sends it. */
import type { ClusterView, Observation } from "../cluster-view.ts";
import type { ClusterConfig, ProducerConfig } from "../config/cluster-config.ts";
import type { Requirement, Watch } from "../requirement.ts";
import { sizeOf } from "../vocabulary.ts";
import { type Notes, takeNotes } from "./notes.ts";
import {
  createProducerMemory,
  isHindered,
  isOnTheWay,
  noteCrash,
  noteEnded,
  noteSent,
  type PartitionQueue,
  type ProducerMemory,
  queueOf,
} from "./producer-memory.ts";

type Sent = Extract<Observation, { kind: "sent" }>;

export const bat1: Requirement = {
  id: "BAT-1",
  title: "batches keep size, order and linger",
  statement:
    "A batch holds at most batch.size bytes, or a single record. The records of one producer and partition are first sent in the order in which they were accepted, none left out; a retry sends the same batch. A record is first sent at the latest linger.ms after it was accepted, or as soon as nothing hinders it any more.",
  kind: "always",
  area: "BAT",
  sources: [
    "RecordAccumulator.append",
    "RecordAccumulator.batchReady",
    "RecordAccumulator.drainBatchesForOneNode",
    "RecordAccumulator.reenqueue",
  ],
  promisedWhen: "always, while the producer lives; the time limit while the leader is known and answers",
  applies: (config) => Object.keys(config.producers).length > 0,
  promised: () => true,
  watch: watchBatches,
};

function watchBatches(config: ClusterConfig): Watch {
  const memory = new Map<string, ProducerMemory>();
  return (view) => {
    const notes = takeNotes(() => true);
    for (const [name, producer] of Object.entries(config.producers)) {
      const known = memory.get(name) ?? createProducerMemory(view);
      memory.set(name, known);
      for (const seen of view.observed) {
        const isOwn = seen.kind === "crashed" ? seen.client === name : "producer" in seen && seen.producer === name;
        if (isOwn) take(seen, known, view, producer, notes);
      }
      judgeTimes(name, known, view, producer, notes);
    }
    return notes.judgement();
  };
}

function take(seen: Observation, memory: ProducerMemory, view: ClusterView, producer: ProducerConfig, notes: Notes) {
  switch (seen.kind) {
    case "crashed":
      noteCrash(memory);
      break;
    case "accepted":
      queueOf(memory, seen.partition).waiting.push({ value: seen.value, acceptedAt: view.time });
      break;
    case "sent":
      notes.examined({ producer: seen.producer, partition: seen.partition });
      judgeSize(seen, producer, notes);
      judgeOrder(seen, queueOf(memory, seen.partition), notes);
      break;
    case "outcome":
      noteEnded(memory, view, seen);
      break;
    default:
  }
}

/** The bytes told cannot be fewer than those of the values. */
function judgeSize({ producer, partition, values, bytes }: Sent, config: ProducerConfig, notes: Notes): void {
  const least = values.reduce((sum, value) => sum + sizeOf({ value, key: null }), 0);
  const size = Math.max(bytes, least);
  if (values.length === 0) {
    notes.violated(`${producer} sent an empty batch to ${partition}`, { producer, partition });
  }
  if (values.length <= 1 || size <= config["batch.size"]) return;
  const text = `${producer} sent a batch of ${values.length} records and ${size} bytes to ${partition}; batch.size is ${config["batch.size"]}`;
  notes.violated(text, { producer, partition });
}

/** Either a batch that is on its way already, or the next records that wait. */
function judgeOrder(sent: Sent, queue: PartitionQueue, notes: Notes): void {
  const { producer, partition, values } = sent;
  if (isOnTheWay(queue, values)) return;
  const next = queue.waiting.slice(0, values.length).map(({ value }) => value);
  if (values.some((value, index) => value !== next[index])) {
    const text = `${producer} sent ${values.join(", ")} to ${partition}; next in the order of acceptance was ${next.join(", ") || "nothing"}`;
    notes.violated(text, { producer, partition });
  }
  noteSent(queue, sent);
}

/** The oldest record that waits is judged: its batch was begun with it or earlier. */
function judgeTimes(producer: string, memory: ProducerMemory, view: ClusterView, config: ProducerConfig, notes: Notes) {
  const { time } = view;
  if (time === null || view.bent === true) return;
  for (const [partition, queue] of memory.queues) {
    // What stood in the way before this step did so until now.
    const hindered = isHindered(memory, view, producer, partition);
    if (hindered || queue.wasHindered) queue.hinderedAt = time;
    queue.wasHindered = hindered;
    const [oldest] = queue.waiting;
    if (oldest === undefined || oldest.acceptedAt === null) continue;
    const due = Math.max(oldest.acceptedAt + config["linger.ms"], queue.hinderedAt);
    if (time <= due) continue;
    const text = `${producer} accepted ${oldest.value} for ${partition} at ${oldest.acceptedAt} ms, could have sent it by ${due} ms (linger.ms ${config["linger.ms"]}), and has not at ${time} ms`;
    notes.violated(text, { producer, partition });
  }
}
