/**
 * Ghosts: what an all-seeing observer remembers of a run, outside the machines. Sets that only grow; no machine reads
 * them.
 */
import type { AcknowledgedRecord, ClusterView, DeliveredRecord, Observation } from "../../spec/cluster-view.ts";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import type { ClientOperation } from "../client-operation.ts";
import type { ConsumerContext } from "../consumer/consumer-context.ts";
import { type DiskGhost, rememberDisks } from "./disk-ghosts.ts";

export interface Ghosts {
  /** Every record whose success a producer was told, in that order. */
  readonly acknowledged: readonly AcknowledgedRecord[];
  /** Every record that was handed to an application, once for each consumer. */
  readonly delivered: readonly DeliveredRecord[];
  /** What applications have passed over by their own will. */
  readonly passedOver: ClusterView["passedOver"];
  /** What has become of disks, in the order in which something first befell a partition. */
  readonly disks: readonly DiskGhost[];
}

export const noGhosts: Ghosts = { acknowledged: [], delivered: [], passedOver: [], disks: [] };

/** The ghosts after a step that was observed so; the same object if nothing came to them. */
export function remember(ghosts: Ghosts, observed: readonly Observation[], config: ClusterConfig): Ghosts {
  const acknowledged = observed.flatMap(acknowledgedBy);
  const delivered = observed.flatMap((one) => deliveredBy(one, ghosts.delivered));
  const disks = rememberDisks(ghosts.disks, observed, config);
  if (acknowledged.length === 0 && delivered.length === 0 && disks === ghosts.disks) return ghosts;
  return {
    ...ghosts,
    acknowledged: [...ghosts.acknowledged, ...acknowledged],
    delivered: [...ghosts.delivered, ...delivered],
    disks,
  };
}

function acknowledgedBy(observation: Observation): readonly AcknowledgedRecord[] {
  if (observation.kind !== "outcome" || observation.outcome !== "ok") return [];
  const { producer, partition, values, baseOffset } = observation;
  return values.map((value, index) => {
    return { producer, partition, value, offset: baseOffset === null ? null : baseOffset + index };
  });
}

function deliveredBy(observation: Observation, known: readonly DeliveredRecord[]): readonly DeliveredRecord[] {
  if (observation.kind !== "delivered") return [];
  const { consumer, partition, offset, value } = observation;
  const isKnown = known.some(
    (one) => one.consumer === consumer && one.partition === partition && one.offset === offset && one.value === value,
  );
  return isKnown ? [] : [{ consumer, partition, offset, value }];
}

/** A seek beyond the position, or a commit of an offset beyond it, skips records on purpose. */
export function rememberCall(ghosts: Ghosts, consumer: ConsumerContext, operation: ClientOperation): Ghosts {
  const named =
    operation.f === "seek"
      ? { [operation.partition]: operation.offset }
      : operation.f === "commit"
        ? (operation.offsets ?? {})
        : {};
  const passed = consumer.positions.flatMap(({ partition, offset }) => {
    const from = offset ?? 0;
    const to = named[partition] ?? 0;
    return to > from ? [{ consumer: consumer.client, partition, from, to }] : [];
  });
  return passed.length === 0 ? ghosts : { ...ghosts, passedOver: [...ghosts.passedOver, ...passed] };
}
