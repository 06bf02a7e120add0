/** Everything that can be looked at in the model, at this moment. */
import type { ConsumerContext } from "../model/consumer/consumer-context.ts";
import type { ClusterView, PartitionView } from "../spec/cluster-view.ts";
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import type { Snapshot } from "../spec/subject.ts";
import type { ModelRun } from "./model-run.ts";
import { showMetadata } from "./partition-metadata.ts";

export function describeModel(run: ModelRun): Snapshot {
  const view = run.view();
  return {
    at: run.state().now,
    partitions: view.partitions.map((partition) => describePartition(run.config, partition)),
    committed: view.committed,
    consumers: Object.keys(run.config.consumers).flatMap((consumer) =>
      (run.contextOf(consumer) as ConsumerContext).positions.map(({ partition, offset }) => ({
        consumer,
        partition,
        position: run.isCrashed(consumer) ? null : (offset ?? committedOffset(run, view, consumer, partition)),
      })),
    ),
    producers: Object.keys(run.config.producers).map((producer) => describeProducer(run, view, producer)),
  };
}

function committedOffset(run: ModelRun, view: ClusterView, consumer: string, partition: string): number | null {
  const group = run.config.consumers[consumer]?.["group.id"];
  return view.committed.find((one) => one.group === group && one.partition === partition)?.offset ?? null;
}

function describePartition(config: ClusterConfig, view: PartitionView) {
  const { partition, leader, replicas } = view;
  const leading = replicas.find(({ broker }) => broker === leader);
  return {
    ...showMetadata(config, partition, view),
    logStart: leading?.logStart ?? 0,
    highWatermark: leading?.highWatermark ?? null,
    replicas: [...replicas]
      .sort((one, other) => one.broker - other.broker)
      .map(({ broker, logStart, logEnd, highWatermark, log }) => {
        return { broker, logStart, logEnd, highWatermark, values: log.map(({ value }) => value) };
      }),
  };
}

function describeProducer(run: ModelRun, view: ClusterView, producer: string) {
  const acknowledged = view.acknowledged.filter((one) => one.producer === producer).map(({ value }) => value);
  const batches = run
    .sent()
    .filter((one) => one.producer === producer)
    .map(({ values }) => values);
  return { producer, acknowledged, batches, requests: run.requests(producer) };
}
