/** LIV: what comes to pass once nothing is broken any more. */
import type { ClusterView, PartitionView } from "../cluster-view.ts";
import type { Requirement, Violation } from "../requirement.ts";

export const liv1: Requirement = {
  id: "LIV-1",
  title: "after healing everything comes to rest",
  statement:
    "When every broker is back with its disk and nothing is cut, and one more record was sent to each partition: each partition has a leader, all its replicas are in the ISR with one and the same log and the high watermark at its end, every record that was sent has come to its end, and every consumer that goes on polling has reached the end of the log.",
  kind: "eventually",
  area: "LIV",
  sources: [
    "Partition.maybeIncrementLeaderHW",
    "Partition.maybeExpandIsr",
    "ReplicationControlManager",
    "Sender",
    "KIP-91",
  ],
  promisedWhen:
    "always, once all members of the ISR and the ELR are back and a further record is sent, as the high watermark has no timer; of consumers those whose reset policy is not none",
  applies: () => true,
  promised: (config, { consumer }) =>
    consumer === undefined || config.consumers[consumer]?.["auto.offset.reset"] !== "none",
  goal: (view) => [
    ...view.partitions.flatMap(unfinished),
    ...view.pending.map(({ producer, partition, value }): Violation => {
      return { text: `${producer} has not learnt the end of ${value} in ${partition}`, scope: { producer, partition } };
    }),
    ...view.positions.flatMap((position) => unread(view, position)),
  ],
};

function unfinished({ partition, leader, isr, replicas }: PartitionView): readonly Violation[] {
  const missing = (text: string): readonly Violation[] => [{ text: `${partition}: ${text}`, scope: { partition } }];
  const leading = replicas.find(({ broker, role }) => broker === leader && role === "leader");
  if (leading === undefined) return missing(leader === null ? "no leader" : `broker ${leader} does not lead`);
  const outside = replicas.filter(({ broker }) => !isr.includes(broker)).map(({ broker }) => broker);
  if (outside.length > 0) return missing(`${outside.join(", ")} not in the ISR`);
  if (leading.highWatermark !== leading.logEnd) {
    return missing(`high watermark ${leading.highWatermark}, log end ${leading.logEnd}`);
  }
  return replicas.flatMap(({ broker, logEnd }) =>
    logEnd === leading.logEnd ? [] : missing(`log end ${logEnd} at broker ${broker}, ${leading.logEnd} at the leader`),
  );
}

function unread({ partitions }: ClusterView, at: ClusterView["positions"][number]): readonly Violation[] {
  const { consumer, partition, offset } = at;
  const view = partitions.find((one) => one.partition === partition);
  const end = view?.replicas.find(({ broker }) => broker === view.leader)?.highWatermark;
  // Without a leader there is no end; that it is missing is said already.
  if (end === undefined || offset === end) return [];
  const text = `${consumer} stands at ${offset} in ${partition}, the high watermark is ${end}`;
  return [{ text, scope: { consumer, partition } }];
}
