import { describe, expect, it } from "vitest";
import { partitionBy } from "../../spec/partitioner.ts";

const record = { key: "k", value: "v" };
const returning = (value: unknown) => () => value as number;

describe("partitionBy", () => {
  it("asks with the record and the number of partitions", () => {
    const asked: unknown[] = [];
    const own = (...args: readonly unknown[]) => asked.push(args) - 1;
    expect(partitionBy(own, record, 3)).toBe(0);
    expect(asked).toEqual([[{ value: "v", key: "k" }, 3]]);
  });

  it("keeps the record from whoever would change it", () => {
    const own = (given: { key: string | null }) => {
      given.key = "changed";
      return 0;
    };
    partitionBy(own, record, 3);
    expect(record.key).toBe("k");
  });

  it.each([0, 2])("takes %d of 3", (partition) => {
    expect(partitionBy(returning(partition), record, 3)).toBe(partition);
  });

  it("makes a negative zero a zero, as JSON would", () => {
    expect(Object.is(partitionBy(returning(-0), record, 3), 0)).toBe(true);
  });

  it.each([3, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "1", null, undefined, 1n, [1], {}, Symbol("x")])(
    "refuses %s of 3",
    (partition) => {
      expect(() => partitionBy(returning(partition), record, 3)).toThrow(RangeError);
    },
  );

  it("says what was returned and what was expected", () => {
    expect(() => partitionBy(returning(3), record, 3)).toThrow("returned 3, expected a whole number from 0 to 2");
    expect(() => partitionBy(returning(undefined), record, 1)).toThrow("returned undefined, expected 0");
  });

  it("throws what it throws", () => {
    const own = () => {
      throw new TypeError("no");
    };
    expect(() => partitionBy(own, record, 3)).toThrow(TypeError);
  });
});
