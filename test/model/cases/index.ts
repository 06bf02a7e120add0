/** The cases of every machine. */
import type { MachineCase } from "../machine-case.ts";
import { cases as accumulator } from "./accumulator.ts";
import { cases as admin } from "./admin.ts";
import { cases as alterPartition } from "./alter-partition.ts";
import { cases as batch } from "./batch.ts";
import { cases as broker } from "./broker.ts";
import { cases as brokerSession } from "./broker-session.ts";
import { cases as commits } from "./commits.ts";
import { cases as coordinator } from "./coordinator.ts";
import { cases as disk } from "./disk.ts";
import { cases as fetchInFlight } from "./fetch-in-flight.ts";
import { cases as fetchRequest } from "./fetch-request.ts";
import { cases as fetcher } from "./fetcher.ts";
import { cases as followerLag } from "./follower-lag.ts";
import { cases as metadataUpdater } from "./metadata-updater.ts";
import { cases as partition } from "./partition.ts";
import { cases as partitioning } from "./partitioning.ts";
import { cases as positions } from "./positions.ts";
import { cases as produceRequest } from "./produce-request.ts";
import { cases as producer } from "./producer.ts";
import { cases as replicaFollower } from "./replica-follower.ts";
import { cases as replicaHighWatermark } from "./replica-high-watermark.ts";
import { cases as replicaIsr } from "./replica-isr.ts";
import { cases as replicaLeader } from "./replica-leader.ts";
import { cases as replicaLogStart } from "./replica-log-start.ts";
import { cases as replicaReads } from "./replica-reads.ts";
import { cases as replicaReconciliation } from "./replica-reconciliation.ts";
import { cases as replicaRetention } from "./replica-retention.ts";
import { cases as replicaTruncation } from "./replica-truncation.ts";
import { cases as sender } from "./sender.ts";
import { cases as validations } from "./validations.ts";

export { partitioners } from "./partitioning.ts";

export const cases: readonly MachineCase[] = [
  ...brokerSession,
  ...partition,
  ...alterPartition,
  ...coordinator,
  ...broker,
  ...replicaLeader,
  ...replicaHighWatermark,
  ...replicaReads,
  ...replicaIsr,
  ...replicaFollower,
  ...replicaTruncation,
  ...replicaReconciliation,
  ...replicaRetention,
  ...replicaLogStart,
  ...followerLag,
  ...disk,
  ...produceRequest,
  ...fetchRequest,
  ...producer,
  ...partitioning,
  ...accumulator,
  ...sender,
  ...metadataUpdater,
  ...batch,
  ...positions,
  ...fetcher,
  ...fetchInFlight,
  ...commits,
  ...validations,
  ...admin,
];
