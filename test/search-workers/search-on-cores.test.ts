import { describe, expect, it } from "vitest";
import { createLadderSearch } from "../../bench/ladder/ladder-search.ts";
import { search } from "../../explore/search.ts";
import type { SearchProgress, SearchResult } from "../../explore/search-options.ts";
import { searchOnCores } from "../../search-workers/search-on-cores.ts";
import { counterSearch } from "./sources.ts";

const ladder = (argument: Parameters<typeof createLadderSearch>[0]) => ({
  source: {
    module: new URL("../../bench/ladder/ladder-search.ts", import.meta.url).href,
    create: "createLadderSearch",
    argument,
  },
  ...createLadderSearch(argument),
});

const counting = (argument: Parameters<typeof counterSearch>[0]) => ({
  source: { module: new URL("./sources.ts", import.meta.url).href, create: "counterSearch", argument },
  ...counterSearch(argument),
});

/** Everything but how much memory it took. */
function findings({ bytes, ...found }: SearchResult<unknown>) {
  expect(bytes.states).toBeGreaterThan(0);
  return found;
}

describe("searchOnCores", () => {
  it.each([
    { design: "KIP-320", onViolation: "stop", cores: 2 },
    { design: "KIP-101", onViolation: "stop", cores: 2 },
    { design: "KIP-101", onViolation: "go on", cores: 2 },
    { design: "KIP-279", onViolation: "go on", cores: 3 },
    { design: "truncate to HW", onViolation: "stop", cores: 1 },
  ] as const)(
    "finds in $design on $cores cores what one finds, and tells the same stories ($onViolation)",
    async ({ design, onViolation, cores }) => {
      const bounds = { replicas: 3, logSize: 1, maxRecords: 1, largestEpoch: 1 };
      const { source, system, invariants } = ladder({ design, bounds });
      const { result, busySeconds } = await searchOnCores(source, { cores, onViolation });
      expect(findings(result)).toEqual(findings(search(system, { invariants, onViolation })));
      expect(busySeconds).toHaveLength(cores);
    },
  );

  it("ends at limits where one ends", async () => {
    const { source, system, invariants } = counting({ limit: 30, apart: 17 });
    for (const limits of [{ maxStates: 5000 }, { maxDepth: 12 }, { maxStates: 17_000 }, { memoBytes: 10_000 }]) {
      const { result } = await searchOnCores(source, { cores: 2, ...limits });
      expect(findings(result)).toEqual(findings(search(system, { invariants, ...limits })));
    }
  });

  it("ends when memory would run out", async () => {
    const { source } = counting({ limit: 200 });
    const { result } = await searchOnCores(source, { cores: 2, maxBytes: 6_000_000 });
    const { end, bytes, states } = result;
    expect(end).toBe("maxBytes");
    expect(states).toBeGreaterThan(10_000);
    expect(bytes.states + bytes.queue + bytes.memo).toBeLessThan(6_000_000);
  });

  it("tells how far it is, and stops when it is told to", async () => {
    const { source } = counting({ limit: 200 });
    const told: SearchProgress[] = [];
    const onProgress = (progress: SearchProgress) => {
      told.push(progress);
      return progress.states > 20_000 ? ("stop" as const) : undefined;
    };
    const { result } = await searchOnCores(source, { cores: 2, onProgress });
    expect(result.end).toBe("stopped");
    expect(result.states).toBeLessThan(201 ** 3);
    expect(told.length).toBeGreaterThan(1);
    const counts = told.map(({ states }) => states);
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    expect(told.at(-1)?.bytes).toBeGreaterThan(0);
  });

  it("throws what a thread throws, and leaves none behind", async () => {
    const broken = searchOnCores(counting({ limit: 9, broken: 7 }).source, { cores: 3 });
    await expect(broken).rejects.toMatchObject({
      code: "E_NOT_PLAIN_JSON",
      message: expect.stringContaining('"raise'),
    });
  });

  it("says so when a thread ends without a word", async () => {
    const dying = searchOnCores(counting({ limit: 9, deadly: 7 }).source, { cores: 2 });
    await expect(dying).rejects.toThrow("ended without a result");
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses %d cores", async (cores) => {
    await expect(searchOnCores(counting({ limit: 1 }).source, { cores })).rejects.toThrow(RangeError);
  });

  it("refuses a limit out of range, and a source that exports no such function", async () => {
    const { source } = counting({ limit: 1 });
    await expect(searchOnCores(source, { cores: 1, maxStates: 0 })).rejects.toMatchObject({ code: "E_NUMBER" });
    const wrong = { ...source, create: "missing" };
    await expect(searchOnCores(wrong, { cores: 1 })).rejects.toThrow('exports no function "missing"');
  });
});
