import { describe, expect, it } from "vitest";
import { detour } from "../../explore/detour.ts";
import { counter, mutex } from "./systems.ts";

const accepts = (labels: readonly string[]) => labels;
const reaches = (count: number) => () => (state: number) => state >= count;

describe("a detour", () => {
  it("goes straight where the run went up and down", () => {
    const labels = ["up", "down", "up", "up"];
    const found = detour(counter(5), labels, { judge: reaches(2), stepsMax: 100, failing: accepts });
    expect(found).toEqual(["up", "up"]);
  });

  it("finds another way to go wrong", () => {
    const labels = [
      "a becomes waiting",
      "a becomes critical",
      "a becomes idle",
      "b becomes waiting",
      "b becomes critical",
    ];
    const judge =
      () =>
      ({ a, b }: { readonly a: string; readonly b: string }) =>
        b === "critical" || (a === "idle" && b === "waiting");
    // From late states first: the shortest one, "b becomes waiting" alone, would come in the next round.
    expect(detour(mutex(), labels.slice(0, 4), { judge, stepsMax: 100, failing: accepts })).toEqual([
      "a becomes waiting",
      "b becomes waiting",
      "b becomes critical",
    ]);
  });

  it("is none where the run is a shortest one, where steps are few, and where it does not go wrong", () => {
    const straight = ["up", "up", "up"];
    const options = { judge: reaches(3), stepsMax: 100, failing: accepts };
    expect(detour(counter(5), straight, options)).toBe(null);
    expect(detour(counter(5), [], options)).toBe(null);
    const crooked = ["up", "down", ...straight];
    expect(detour(counter(5), crooked, options)).toHaveLength(3);
    expect(detour(counter(5), crooked, { ...options, stepsMax: 0 })).toBe(null);
    expect(detour(counter(5), crooked, { ...options, failing: () => null })).toBe(null);
  });

  it("asks a judge with a memory about the whole way", () => {
    const judge = () => {
      let highest = 0;
      return (state: number) => {
        highest = Math.max(highest, state);
        return highest >= 2 && state === 0;
      };
    };
    const failing = (labels: readonly string[]) => {
      const isWrong = judge();
      let state = 0;
      const at = labels.findIndex((label) => {
        state += label === "up" ? 1 : -1;
        return isWrong(state);
      });
      return at === -1 ? null : labels.slice(0, at + 1);
    };
    const labels = ["up", "up", "up", "down", "down", "down"];
    expect(detour(counter(5), labels, { judge, stepsMax: 100, failing })).toEqual(["up", "up", "down", "down"]);
  });
});
