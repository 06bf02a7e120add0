/** The words that the whole specification shares: names of partitions, and sizes of records. */
import { describe, expect, it } from "vitest";
import { parseTopicPartition, sizeOf } from "../../spec/vocabulary.ts";

describe("the name of a partition", () => {
  it.each([
    ["orders-0", "orders", 0],
    ["orders-7", "orders", 7],
    ["orders-10", "orders", 10],
    ["orders-305", "orders", 305],
    ["a.b_c-D-9-1", "a.b_c-D-9", 1],
  ])("%s is topic %s, partition %i", (name, topic, partition) => {
    expect(parseTopicPartition(name)).toEqual({ topic, partition });
  });

  it.each(["orders", "orders-", "-0", "orders-01", "orders-1a", "orders-x", "orders-00", "or ders-0", "ümlaut-0", ""])(
    "%j is none",
    (name) => {
      expect(parseTopicPartition(name)).toBeNull();
    },
  );
});

describe("the size of a record", () => {
  it("is that of value and key in UTF-8; no key takes nothing, as an empty one does", () => {
    expect(sizeOf({ value: "abc", key: null })).toBe(3);
    expect(sizeOf({ value: "abc", key: "" })).toBe(3);
    expect(sizeOf({ value: "abc", key: "kl" })).toBe(5);
    expect(sizeOf({ value: "ü€", key: null })).toBe(5);
  });
});
