import { describe, expect, it } from "vitest";
import { parseDuration } from "../../../spec/config/duration.ts";

describe("parseDuration", () => {
  it.each([
    [0, 0],
    [1500, 1500],
    ["1500", 1500],
    ["500ms", 500],
    ["10s", 10_000],
    ["2min", 120_000],
    ["2 min", 120_000],
    ["1.5s", 1500],
    ["1.001s", 1001],
    ["0.29s", 290],
    ["0.5min", 30_000],
    ["0s", 0],
  ])("reads %j as %d ms", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it("makes -0 a 0", () => {
    expect(Object.is(parseDuration(-0), 0)).toBe(true);
  });

  it.each([
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    "",
    "s",
    "-1s",
    "+1s",
    "1h",
    "1S",
    "1m",
    " 1s",
    "1s ",
    "1  s",
    "1.5ms",
    "1.0001s",
    "1e3",
    ".5s",
    "1.s",
    "9007199254740993",
    "9007199254740991s",
    "1s1ms",
    null,
    undefined,
    true,
    [1],
    {},
  ])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});
