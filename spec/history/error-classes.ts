/**
 * Which error means that a call certainly did not happen (`fail`), and which leaves it open (`info`): data, by
 * operation, with the reason. When in doubt: `info`. A wrong `fail` turns a legal history into an aborted read (G1a).
 *
 * Names are those of Kafka's Errors.java; `TIMEOUT` and `RECORD_TOO_LARGE` are the client's own TimeoutException and
 * RecordTooLargeException.
 */
import type { HistoryOperation } from "./format.ts";

interface ErrorClass {
  /** What the error proves of the one attempt that it answers. */
  readonly outcome: "fail" | "info";
  readonly reason: string;
  /** KIP, issue, or class of Kafka's source. */
  readonly source: string;
}

type Classes = Readonly<Record<string, ErrorClass>>;

const unanswered: Classes = {
  TIMEOUT: info("the client gave up waiting; a request may still be on its way", "KIP-91"),
  NETWORK_EXCEPTION: info("the connection broke before the answer, perhaps after the work", "NetworkClient"),
  REQUEST_TIMED_OUT: info("the broker gave up waiting for replication; the record stays in its log", "DelayedProduce"),
  UNKNOWN_SERVER_ERROR: info("any exception at the broker, before or after the write", "Errors.forException"),
};

const notAppended = "found before the append, which then does not take place";

const send: Classes = {
  ...unanswered,
  NOT_LEADER_OR_FOLLOWER: info("also told when leadership is lost while a written record waits", "KAFKA-13574"),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: info("the record is in the leader's log and may be committed later", "Partition"),
  KAFKA_STORAGE_ERROR: info("also told when the disk fails after the append", "ReplicaManager.getPartitionOrError"),
  UNKNOWN_TOPIC_OR_PARTITION: info("also told after the append, when the topic goes", "DelayedProduce.tryComplete"),
  DUPLICATE_SEQUENCE_NUMBER: info("the batch is in the log already, from before", "KIP-98"),
  NOT_ENOUGH_REPLICAS: fail("the ISR is counted before the append", "Partition.appendRecordsToLeader"),
  OUT_OF_ORDER_SEQUENCE_NUMBER: fail(notAppended, "ProducerAppendInfo"),
  INVALID_PRODUCER_EPOCH: fail(notAppended, "ProducerAppendInfo"),
  UNKNOWN_PRODUCER_ID: fail(notAppended, "KIP-360"),
  PRODUCER_FENCED: fail(notAppended, "ProducerAppendInfo"),
  INVALID_TXN_STATE: fail("the partition is not part of an open transaction; checked before the append", "KIP-890"),
  TRANSACTION_ABORTABLE: fail("the transaction could not be verified; checked before the append", "KIP-890"),
  MESSAGE_TOO_LARGE: fail(notAppended, "UnifiedLog.append"),
  RECORD_LIST_TOO_LARGE: fail(notAppended, "UnifiedLog.append"),
  RECORD_TOO_LARGE: fail("the client refuses it before sending", "KafkaProducer.ensureValidRecordSize"),
  CORRUPT_MESSAGE: fail(notAppended, "UnifiedLog.analyzeAndValidateRecords"),
  INVALID_RECORD: fail(notAppended, "LogValidator"),
  INVALID_TIMESTAMP: fail(notAppended, "LogValidator"),
  UNSUPPORTED_COMPRESSION_TYPE: fail(notAppended, "LogValidator"),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: fail(notAppended, "LogValidator"),
  INVALID_REQUIRED_ACKS: fail("the broker does not handle the request at all", "ReplicaManager.appendRecords"),
  INVALID_TOPIC_EXCEPTION: fail("no topic can have that name", "ReplicaManager.appendToLocalLog"),
  TOPIC_AUTHORIZATION_FAILED: fail("checked before the append", "KafkaApis.handleProduceRequest"),
  CLUSTER_AUTHORIZATION_FAILED: fail(
    "no producer id is given, so nothing is sent",
    "KafkaApis.handleInitProducerIdRequest",
  ),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: fail("checked before the append", "KafkaApis.handleProduceRequest"),
};

const oneOfSeveral = "told of one partition; the commit's other partitions may have been taken";
const fenced = "the coordinator refuses the whole commit before it writes anything";

const commit: Classes = {
  ...unanswered,
  COORDINATOR_NOT_AVAILABLE: info("also told when the write to the offsets topic times out", "GroupMetadataManager"),
  NOT_COORDINATOR: info("also told when the offsets topic's leader is lost after the append", "GroupMetadataManager"),
  TOPIC_AUTHORIZATION_FAILED: info(oneOfSeveral, "KafkaApis.handleOffsetCommitRequest"),
  UNKNOWN_TOPIC_OR_PARTITION: info(oneOfSeveral, "KafkaApis.handleOffsetCommitRequest"),
  OFFSET_METADATA_TOO_LARGE: info(oneOfSeveral, "OffsetMetadataManager.commitOffset"),
  COORDINATOR_LOAD_IN_PROGRESS: fail("the coordinator takes nothing while it loads", "GroupCoordinator"),
  INVALID_COMMIT_OFFSET_SIZE: fail("the offsets topic refuses the batch before the append", "GroupMetadataManager"),
  UNKNOWN_MEMBER_ID: fail(fenced, "GroupCoordinator.validateOffsetCommit"),
  ILLEGAL_GENERATION: fail(fenced, "GroupCoordinator.validateOffsetCommit"),
  FENCED_INSTANCE_ID: fail(fenced, "KIP-345"),
  STALE_MEMBER_EPOCH: fail(fenced, "KIP-848"),
  FENCED_MEMBER_EPOCH: fail(fenced, "KIP-848"),
  REBALANCE_IN_PROGRESS: fail(fenced, "GroupCoordinator.validateOffsetCommit"),
  GROUP_ID_NOT_FOUND: fail(fenced, "OffsetMetadataManager.validateOffsetCommit"),
  INVALID_GROUP_ID: fail(fenced, "GroupCoordinator.validateGroupStatus"),
  GROUP_AUTHORIZATION_FAILED: fail(fenced, "KafkaApis.handleOffsetCommitRequest"),
};

const deleteRecords: Classes = {
  ...unanswered,
  NOT_LEADER_OR_FOLLOWER: info(
    "also told when leadership is lost while followers are waited for",
    "DelayedDeleteRecords",
  ),
  OFFSET_OUT_OF_RANGE: fail("the log start is not moved beyond the high watermark", "UnifiedLog"),
};

const perhapsAfterwards = "also told after the decision was written, when the state has moved on meanwhile";
const neverAsked = "told before the commit is asked for; the transaction can then only abort";

const txn: Classes = {
  ...unanswered,
  COORDINATOR_NOT_AVAILABLE: info("also told when writing the decision times out", "TransactionStateManager"),
  NOT_COORDINATOR: info("also told when the coordinator moves after its write", "TransactionStateManager"),
  COORDINATOR_LOAD_IN_PROGRESS: info(perhapsAfterwards, "TransactionStateManager.appendTransactionToLog"),
  CONCURRENT_TRANSACTIONS: info(
    "the transaction is just being completed, one way or the other",
    "TransactionCoordinator",
  ),
  PRODUCER_FENCED: info(perhapsAfterwards, "TransactionCoordinator.endTransaction"),
  INVALID_PRODUCER_EPOCH: info(perhapsAfterwards, "TransactionCoordinator.endTransaction"),
  INVALID_PRODUCER_ID_MAPPING: info(perhapsAfterwards, "TransactionCoordinator.endTransaction"),
  INVALID_TXN_STATE: info(perhapsAfterwards, "TransactionCoordinator.endTransaction"),
  TRANSACTION_ABORTABLE: fail(neverAsked, "KIP-890"),
  OUT_OF_ORDER_SEQUENCE_NUMBER: fail(neverAsked, "TransactionManager"),
  UNKNOWN_PRODUCER_ID: fail(neverAsked, "TransactionManager"),
  UNKNOWN_MEMBER_ID: fail(neverAsked, "KIP-447"),
  ILLEGAL_GENERATION: fail(neverAsked, "KIP-447"),
  FENCED_INSTANCE_ID: fail(neverAsked, "KIP-447"),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: fail("checked before anything is decided", "KafkaApis.handleEndTxnRequest"),
  TOPIC_AUTHORIZATION_FAILED: fail(neverAsked, "TransactionManager"),
  GROUP_AUTHORIZATION_FAILED: fail(neverAsked, "TransactionManager"),
};

const readNothing = fail("reading changes nothing at the broker, and the caller was given nothing", "KafkaConsumer");

const read: Classes = Object.fromEntries(
  [
    ...Object.keys(unanswered),
    ...["OFFSET_OUT_OF_RANGE", "OFFSET_NOT_AVAILABLE", "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH"],
    ...["NOT_LEADER_OR_FOLLOWER", "LEADER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE", "UNKNOWN_TOPIC_OR_PARTITION"],
    ...["UNKNOWN_TOPIC_ID", "INCONSISTENT_TOPIC_ID", "KAFKA_STORAGE_ERROR", "CORRUPT_MESSAGE"],
    ...["FETCH_SESSION_ID_NOT_FOUND", "INVALID_FETCH_SESSION_EPOCH", "COORDINATOR_LOAD_IN_PROGRESS"],
    ...["COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "UNSTABLE_OFFSET_COMMIT", "UNKNOWN_MEMBER_ID"],
    ...["ILLEGAL_GENERATION", "FENCED_INSTANCE_ID", "STALE_MEMBER_EPOCH", "FENCED_MEMBER_EPOCH"],
    ...["REBALANCE_IN_PROGRESS", "GROUP_ID_NOT_FOUND", "INVALID_GROUP_ID", "INVALID_TOPIC_EXCEPTION"],
    ...["TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED"],
  ].map((name) => [name, readNothing]),
);

/** By operation, then by error name. An operation that is not here does nothing at a broker that could be in doubt. */
export const errorClasses: ReadonlyMap<HistoryOperation["f"], Classes> = new Map([
  ["send", send],
  ["txn", txn],
  ["commit", commit],
  ["delete-records", deleteRecords],
  ["poll", read],
  ["committed", read],
  ["latest", read],
]);

/**
 * Is a call with this error `fail` or `info`? `attempts` counts the requests that were sent for it. What an error
 * proves it proves of its own attempt: after a retry an earlier one may have written, so a write is then `info`. A
 * write that was never sent (`attempts` 0) is `fail`, whatever the error. A name that is not known is `info`.
 */
export function classify(operation: HistoryOperation["f"], error: string, attempts: number): "fail" | "info" {
  const writes = ["send", "txn", "commit", "delete-records"].includes(operation);
  if (writes && attempts === 0) return "fail";
  if (writes && attempts > 1) return "info";
  const known = errorClasses.get(operation);
  return known !== undefined && Object.hasOwn(known, error) ? (known[error]?.outcome ?? "info") : "info";
}

function fail(reason: string, source: string): ErrorClass {
  return { outcome: "fail", reason, source };
}

function info(reason: string, source: string): ErrorClass {
  return { outcome: "info", reason, source };
}
