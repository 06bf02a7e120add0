/** Which errors prove that nothing happened. A wrong `fail` is a false accusation, so doubt is tested first. */
import { describe, expect, it } from "vitest";
import { classify, errorClasses } from "../../../spec/history/error-classes.ts";

/** Names of Kafka's Errors.java that a client's send, poll, commit or transaction can meet, and two of the client's. */
const kafka = new Set(
  `
  UNKNOWN_SERVER_ERROR OFFSET_OUT_OF_RANGE CORRUPT_MESSAGE UNKNOWN_TOPIC_OR_PARTITION LEADER_NOT_AVAILABLE
  NOT_LEADER_OR_FOLLOWER REQUEST_TIMED_OUT REPLICA_NOT_AVAILABLE MESSAGE_TOO_LARGE OFFSET_METADATA_TOO_LARGE
  NETWORK_EXCEPTION COORDINATOR_LOAD_IN_PROGRESS COORDINATOR_NOT_AVAILABLE NOT_COORDINATOR INVALID_TOPIC_EXCEPTION
  RECORD_LIST_TOO_LARGE NOT_ENOUGH_REPLICAS NOT_ENOUGH_REPLICAS_AFTER_APPEND INVALID_REQUIRED_ACKS ILLEGAL_GENERATION
  INVALID_GROUP_ID UNKNOWN_MEMBER_ID REBALANCE_IN_PROGRESS INVALID_COMMIT_OFFSET_SIZE TOPIC_AUTHORIZATION_FAILED
  GROUP_AUTHORIZATION_FAILED CLUSTER_AUTHORIZATION_FAILED INVALID_TIMESTAMP UNSUPPORTED_FOR_MESSAGE_FORMAT
  OUT_OF_ORDER_SEQUENCE_NUMBER DUPLICATE_SEQUENCE_NUMBER INVALID_PRODUCER_EPOCH INVALID_TXN_STATE
  INVALID_PRODUCER_ID_MAPPING CONCURRENT_TRANSACTIONS TRANSACTIONAL_ID_AUTHORIZATION_FAILED KAFKA_STORAGE_ERROR
  UNKNOWN_PRODUCER_ID GROUP_ID_NOT_FOUND FETCH_SESSION_ID_NOT_FOUND INVALID_FETCH_SESSION_EPOCH FENCED_LEADER_EPOCH
  UNKNOWN_LEADER_EPOCH UNSUPPORTED_COMPRESSION_TYPE OFFSET_NOT_AVAILABLE FENCED_INSTANCE_ID INVALID_RECORD
  UNSTABLE_OFFSET_COMMIT PRODUCER_FENCED UNKNOWN_TOPIC_ID INCONSISTENT_TOPIC_ID FENCED_MEMBER_EPOCH STALE_MEMBER_EPOCH
  TRANSACTION_ABORTABLE
  TIMEOUT RECORD_TOO_LARGE
  `.match(/[A-Z_]+/g),
);

describe("error classes", () => {
  it.each([
    "NOT_LEADER_OR_FOLLOWER",
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "REQUEST_TIMED_OUT",
    "NETWORK_EXCEPTION",
    "TIMEOUT",
    "UNKNOWN_SERVER_ERROR",
    "KAFKA_STORAGE_ERROR",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "DUPLICATE_SEQUENCE_NUMBER",
    "SOMETHING_NEW",
    "constructor",
  ])("a send that ends with %s is unknown even at the first attempt", (error) => {
    expect(classify("send", error, 1)).toBe("info");
  });

  it.each([
    "NOT_ENOUGH_REPLICAS",
    "MESSAGE_TOO_LARGE",
    "RECORD_TOO_LARGE",
    "INVALID_TOPIC_EXCEPTION",
    "TOPIC_AUTHORIZATION_FAILED",
    "OUT_OF_ORDER_SEQUENCE_NUMBER",
    "INVALID_PRODUCER_EPOCH",
  ])("a send that ends with %s has failed, unless it was tried before", (error) => {
    expect(classify("send", error, 1)).toBe("fail");
    expect(classify("send", error, 2)).toBe("info");
  });

  it("a deletion has failed for certain only where the offset is out of range", () => {
    expect(classify("delete-records", "OFFSET_OUT_OF_RANGE", 1)).toBe("fail");
    expect(classify("delete-records", "OFFSET_OUT_OF_RANGE", 2)).toBe("info");
    for (const error of ["NOT_LEADER_OR_FOLLOWER", "TIMEOUT", "REQUEST_TIMED_OUT"]) {
      expect(classify("delete-records", error, 1)).toBe("info");
    }
  });

  it("a write that was never sent has failed, whatever the error; a read depends on the error alone", () => {
    for (const operation of ["send", "txn", "commit", "delete-records"] as const)
      expect(classify(operation, "TIMEOUT", 0)).toBe("fail");
    for (const operation of ["poll", "committed", "latest"] as const) {
      expect(classify(operation, "TIMEOUT", 3)).toBe("fail");
      expect(classify(operation, "SOMETHING_NEW", 0)).toBe("info");
    }
  });

  it("a fenced commit has failed; one that only a part of can have been refused is unknown", () => {
    for (const error of ["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS", "STALE_MEMBER_EPOCH"]) {
      expect(classify("commit", error, 1)).toBe("fail");
      expect(classify("commit", error, 2)).toBe("info");
    }
    for (const error of ["NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE", "UNKNOWN_TOPIC_OR_PARTITION", "TIMEOUT"]) {
      expect(classify("commit", error, 1)).toBe("info");
    }
  });

  it("a commit of a transaction that may have been decided is unknown; one that was never asked for has failed", () => {
    expect(classify("txn", "PRODUCER_FENCED", 1)).toBe("info");
    expect(classify("txn", "TRANSACTION_ABORTABLE", 1)).toBe("fail");
  });

  it("what has no class is unknown", () => {
    expect(classify("assign", "TIMEOUT", 1)).toBe("info");
    expect(classify("subscribe", "INVALID_TOPIC_EXCEPTION", 0)).toBe("info");
  });

  it("names only errors that Kafka has, each with a reason and a source", () => {
    for (const [operation, classes] of errorClasses) {
      for (const [name, { reason, source }] of Object.entries(classes)) {
        expect(kafka.has(name), `${operation}: ${name}`).toBe(true);
        expect(reason).not.toBe("");
        expect(source).not.toBe("");
      }
    }
  });
});
