import { describe, expect, it } from "vitest";
import { randomWalk } from "../../explore/random-walk.ts";
import { ambiguous, counter, fuse, type MutexState, mutex, record } from "./systems.ts";

const refused = (code: string) => expect.objectContaining({ name: "ExploreError", code });

function labelsOf(weights: Record<string, number>, maxSteps = 400): readonly string[] {
  return randomWalk(mutex(), { seed: 3, maxSteps, weight: (_, label) => weights[label] ?? 1 }).labels;
}

describe("randomWalk", () => {
  it("gives the same run for the same seed, today and tomorrow", () => {
    const run = record(mutex(), 1, 8);
    expect(run.labels).toEqual([
      "a becomes waiting",
      "b becomes waiting",
      "b becomes critical",
      "b becomes idle",
      "a becomes critical",
      "a becomes idle",
      "a becomes waiting",
      "b becomes waiting",
    ]);
    expect(run.hash).toBe("326b1fadb33f8bfc418fbc2d1b4e1eb8fc57ce41bd213b4020b54ee96348ca90");
    expect(record(mutex(), 1, 8)).toEqual(run);
  });

  it("gives different runs for different seeds", () => {
    const runs = Array.from({ length: 50 }, (_, seed) => record(mutex(), seed, 100));
    expect(new Set(runs.map(({ labels }) => labels.join())).size).toBe(50);
    expect(new Set(runs.map(({ hash }) => hash)).size).toBe(50);
  });

  it("goes a prefix of the same way when the limit is lower", () => {
    const long = record(mutex(), 9, 60);
    expect(record(mutex(), 9, 20).labels).toEqual(long.labels.slice(0, 20));
  });

  it("takes every choice sooner or later, and only enabled ones", () => {
    const seen = new Set<string>();
    randomWalk(mutex(), {
      seed: 2,
      maxSteps: 300,
      onStep: (_state, _choice, label, next) => {
        expect(next).not.toEqual({ a: "critical", b: "critical" });
        seen.add(label);
        return undefined;
      },
    });
    const phases = ["idle", "waiting", "critical"];
    expect([...seen].sort()).toEqual(["a", "b"].flatMap((p) => phases.map((to) => `${p} becomes ${to}`)).sort());
  });

  it("tells onStep of every step: where it began, what was chosen, where it led", () => {
    const told: [MutexState, string, string, MutexState][] = [];
    const { labels, state } = randomWalk(mutex(), {
      seed: 4,
      maxSteps: 30,
      onStep: (before, choice, label, next) => {
        told.push([before, `${choice.process} becomes ${choice.to}`, label, next]);
        return undefined;
      },
    });
    expect(told.map(([, , label]) => label)).toEqual(labels);
    expect(told.map(([, content]) => content)).toEqual(labels);
    expect(told.map(([before]) => before)).toEqual([{ a: "idle", b: "idle" }, ...told.slice(0, -1).map((t) => t[3])]);
    expect(told.at(-1)?.[3]).toBe(state);
  });

  describe("ends", () => {
    it("at its limit, after exactly so many steps", () => {
      const { ended, labels } = randomWalk(counter(3), { seed: 1, maxSteps: 17 });
      expect([ended, labels.length]).toEqual(["limit", 17]);
    });

    it("before the first step with a limit of 0", () => {
      expect(randomWalk(counter(3), { seed: 1, maxSteps: 0 })).toEqual({ labels: [], state: 0, ended: "limit" });
    });

    it("in a deadlock, also one that the last allowed step leads into", () => {
      const dead = { labels: ["burn", "burn", "burn"], state: 0, ended: "deadlock" };
      expect(randomWalk(fuse(3), { seed: 1, maxSteps: 100 })).toEqual(dead);
      expect(randomWalk(fuse(3), { seed: 1, maxSteps: 3 })).toEqual(dead);
      expect(randomWalk(fuse(3), { seed: 1, maxSteps: 2 }).ended).toBe("limit");
      expect(randomWalk(fuse(0), { seed: 1, maxSteps: 9 })).toEqual({ labels: [], state: 0, ended: "deadlock" });
    });

    it("when onStep says so, with that step done", () => {
      const { ended, labels, state } = randomWalk(counter(5), {
        seed: 1,
        maxSteps: 1000,
        onStep: (_state, _choice, _label, next) => (next === 5 ? "stop" : undefined),
      });
      expect([ended, state, labels.at(-1)]).toEqual(["stopped", 5, "up"]);
      expect(randomWalk(fuse(1), { seed: 1, maxSteps: 1, onStep: () => "stop" }).ended).toBe("stopped");
    });
  });

  describe("with weights", () => {
    it("never takes what weighs nothing", () => {
      expect(labelsOf({ "b becomes waiting": 0 }).some((label) => label.startsWith("b"))).toBe(false);
      expect(labelsOf({ "a becomes waiting": 0 }).some((label) => label.startsWith("a"))).toBe(false);
      expect(labelsOf({})).toContain("b becomes waiting");
    });

    it("takes a choice as often as its weight says", () => {
      const { labels } = randomWalk(counter(1_000_000), {
        seed: 11,
        maxSteps: 10_000,
        weight: (by) => (by === 1 ? 7 : 3),
      });
      const ups = labels.filter((label) => label === "up").length;
      // Four standard deviations about 7000.
      expect(Math.abs(ups - 7000), `${ups}`).toBeLessThan(4 * Math.sqrt(10_000 * 0.7 * 0.3));
    });

    it("gives the same run for weights of 1 as for none", () => {
      expect(labelsOf({})).toEqual(record(mutex(), 3, 400).labels);
    });

    it("ends in a deadlock when nothing that is enabled weighs anything", () => {
      const walk = randomWalk(counter(4), { seed: 1, maxSteps: 50, weight: (by) => (by === 1 ? 1 : 0) });
      expect(walk).toEqual({ labels: ["up", "up", "up", "up"], state: 4, ended: "deadlock" });
    });

    it("takes weights whose sum is 2^32 and refuses more", () => {
      const up = randomWalk(counter(1), { seed: 1, maxSteps: 2, weight: () => 2 ** 32 });
      expect(up.labels).toEqual(["up", "down"]);
      const walk = () => randomWalk(mutex(), { seed: 1, maxSteps: 1, weight: () => 2 ** 31 + 1 });
      expect(walk).toThrow(refused("E_NUMBER"));
      expect(walk).toThrow('The weight of "b becomes waiting" is 2147483649;');
    });

    it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a weight of %d, naming the choice", (weight) => {
      const walk = () => randomWalk(counter(1), { seed: 1, maxSteps: 1, weight: () => weight });
      expect(walk).toThrow(refused("E_NUMBER"));
      expect(walk).toThrow(`The weight of "up" is ${weight};`);
    });
  });

  it("refuses a system that gives two enabled choices one label", () => {
    expect(randomWalk(ambiguous(), { seed: 1, maxSteps: 0 }).ended).toBe("limit");
    const walk = () => randomWalk(ambiguous(), { seed: 1, maxSteps: 2 });
    expect(walk).toThrow(refused("E_DUPLICATE_LABEL"));
    expect(walk).toThrow('Two enabled choices have the label "add 1".');
  });

  it("lets an error of the system through as it is", () => {
    const broken = new Error("out of service");
    const apply = () => {
      throw broken;
    };
    expect(() => randomWalk({ ...fuse(2), apply }, { seed: 1, maxSteps: 2 })).toThrow(broken);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a limit of %d", (maxSteps) => {
    expect(() => randomWalk(counter(1), { seed: 1, maxSteps })).toThrow(refused("E_NUMBER"));
  });

  it("refuses a seed out of range", () => {
    expect(() => randomWalk(counter(1), { seed: -1, maxSteps: 1 })).toThrow(refused("E_NUMBER"));
  });
});
