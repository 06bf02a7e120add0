import { describe, expect, it } from "vitest";
import { parseCluster } from "../../../spec/config/parse-cluster.ts";
import { fetchReplica, listOffsets } from "../../../subjects/kafka/apis.ts";
import type { BrokerControl, DiskLog } from "../../../subjects/kafka/broker-control.ts";
import { describePartitions } from "../../../subjects/kafka/describe-cluster.ts";
import { createKafkaClient, type KafkaClient, type Node } from "../../../subjects/kafka/kafka-client.ts";
import { createRunNames } from "../../../subjects/kafka/run-names.ts";
import { WireError } from "../../../subjects/kafka/wire-error.ts";

const names = createRunNames();
const parsed = parseCluster({ brokers: 3, topics: { orders: { partitions: 1, "replication.factor": 3 } } });
if (!parsed.ok) throw new Error("no cluster");
const cluster = parsed.config;

interface There {
  /** Brokers that are dead. */
  readonly down?: readonly number[];
  /** Brokers that the controller does not reach: their metadata tell of the leader before. */
  readonly behind?: readonly number[];
  readonly disk?: Partial<DiskLog> | null;
  /** What live brokers tell. */
  readonly live?: { readonly logStart: number; readonly highWatermark: number };
}

function look({ down = [], behind = [], disk = {}, live = { logStart: 0, highWatermark: 2 } }: There) {
  const asked: Node[] = [];
  const nowhere = createKafkaClient({ bootstrap: [], security: { tls: null, sasl: null }, isPinned: false });
  const refuse = (node: Node) => {
    if (typeof node === "number" && down.includes(node)) throw new WireError("unreachable", `broker ${node}`, "");
  };
  const client: KafkaClient = {
    ...nowhere,
    async metadata(topics, node = "any") {
      asked.push(node);
      refuse(node);
      const isBehind = typeof node === "number" && behind.includes(node);
      const seen = { partition: 0, leaderEpoch: isBehind ? 0 : 1, replicas: [1, 2, 3], isr: [2, 3] };
      const partition = { ...seen, leader: isBehind ? 1 : 2 };
      return {
        clusterId: null,
        brokers: [1, 2, 3],
        topics: new Map((topics ?? []).map((name) => [name, [partition]])),
      };
    },
    call: (async (node: Node, { name }: { name: string }) => {
      refuse(node);
      if (name === listOffsets.name)
        return { topics: [{ partitions: [{ errorCode: 0, offset: BigInt(live.logStart) }] }] };
      if (name !== fetchReplica.name) throw new Error(`${name} is not expected`);
      return { responses: [{ partitions: [{ errorCode: 0, highWatermark: BigInt(live.highWatermark) }] }] };
    }) as KafkaClient["call"],
  };
  const isUp = (broker: number) => !down.includes(broker);
  const unused = () => {
    throw new Error("a look breaks nothing");
  };
  const control: BrokerControl = {
    brokers: [1, 2, 3],
    ...{ kill: unused, start: unused, pause: unused, resume: unused, powerOff: unused },
    ...{ cut: unused, heal: unused, healAll: unused, isWhole: unused },
    isUp,
    hearsController: (broker) => isUp(broker) && !behind.includes(broker),
    diskLog: () => disk && { logStart: 0, logEnd: 0, highWatermark: 0, records: [], ...disk },
  };
  return describePartitions(client, names, cluster, control).then(([seen]) => ({ seen, asked }));
}

describe("a look at a cluster", () => {
  it("goes by brokers that the controller reaches", async () => {
    const { seen, asked } = await look({ down: [2], behind: [1] });
    expect(asked).toEqual([3]);
    expect(seen).toMatchObject({ leader: 2, leaderEpoch: 1 });
    // With nobody in touch, the last that is known is better than nothing.
    expect((await look({ behind: [1, 2, 3] })).asked).toEqual(["any"]);
  });

  it("sees what live brokers know of log start and high watermark, and the disks of dead ones", async () => {
    const disk = { logStart: 0, highWatermark: 1, logEnd: 2 };
    const { seen } = await look({ down: [3], disk, live: { logStart: 1, highWatermark: 2 } });
    expect(seen?.replicas).toMatchObject([
      { broker: 1, logStart: 1, highWatermark: 2, logEnd: 2 },
      { broker: 2, logStart: 1, highWatermark: 2, logEnd: 2 },
      { broker: 3, logStart: 0, highWatermark: 1, logEnd: 2 },
    ]);
  });

  it("sees an empty log where a broker died before it heard of its replica", async () => {
    const { seen } = await look({ down: [3], disk: null });
    expect(seen?.replicas?.[2]).toEqual({ broker: 3, logStart: 0, logEnd: 0, highWatermark: 0, values: [] });
  });

  it("does not see records below a log start that is not on the disk yet", async () => {
    const disk: Partial<DiskLog> = {
      logStart: 2,
      logEnd: 5,
      records: [
        [2, "c"],
        [3, "d"],
        [4, "e"],
      ],
    };
    const { seen } = await look({ down: [1], disk, live: { logStart: 3, highWatermark: 5 } });
    expect(seen?.replicas?.map(({ values }) => values)).toEqual([
      ["c", "d", "e"],
      ["d", "e"],
      ["d", "e"],
    ]);
  });
});
