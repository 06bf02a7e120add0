import { describe, expect, it, vi } from "vitest";
import type { PartAction, Parts } from "../../explore/parts.ts";
import { search } from "../../explore/search.ts";
import type { SearchInvariant } from "../../explore/search-options.ts";
import type { System } from "../../explore/system.ts";
import { type Counters, counters, fromActions, philosophers, pingPong, type Step } from "./part-systems.ts";
import { ambiguous } from "./systems.ts";

const error = (code: string, ...words: string[]) =>
  expect.objectContaining({ name: "ExploreError", code, message: expect.stringMatching(words.join("[^]*")) });

/** One action, besides one that raises slot 0 up to 3. */
function withAction(successors: PartAction<Step>["successors"]) {
  const raise: PartAction<Step> = {
    name: "raise",
    successors(read) {
      const count = read(0) as number;
      return count < 3 ? [{ choice: { action: "raise", nth: 0 }, writes: [[0, count + 1]] }] : [];
    },
  };
  return fromActions([0, 0], [raise, { name: "planted", successors }]);
}

const planted = { action: "planted", nth: 0 };

function checkedSearch(system: System<unknown, unknown>, invariants: readonly SearchInvariant[] = []) {
  return () => search(system, { checked: true, invariants, onViolation: "go on" });
}

describe("a checked search", () => {
  it("finds nothing wrong with systems that are right", () => {
    for (const system of [counters(["a", "b"], 3), philosophers(4), pingPong(2, 2)]) {
      expect(checkedSearch(system)()).toEqual(search<unknown, unknown>(system, { onViolation: "go on" }));
    }
  });

  it("finds an action that sees more of the state than it reads", () => {
    const system = counters(["a", "b"], 3);
    let seen = 0;
    const [raiseA, raiseB] = system.parts.actions;
    if (raiseA === undefined || raiseB === undefined) throw new RangeError();
    // b follows a: this is the rule, and the action knows a only from what another action has read.
    const enabled = (state: Counters) =>
      system.enabled(state).filter((name) => name === "a" || Number(state["b"]) < Number(state["a"]));
    const peeping: PartAction<string> = {
      ...raiseA,
      successors(read) {
        seen = Number(read(0));
        return raiseA.successors(read);
      },
    };
    const lying: PartAction<string> = {
      ...raiseB,
      successors: (read) => (Number(read(1)) < seen ? raiseB.successors(read) : []),
    };
    const wrong = { ...system, enabled, parts: { ...system.parts, actions: [peeping, lying] } };
    expect(checkedSearch(wrong)).toThrow(error("E_IMPURE", '"raise b" once led to something else than now'));
  });

  it("finds an action that leads elsewhere every time", () => {
    const next = counting();
    const fickle = withAction(() => [{ choice: planted, writes: [[1, next() % 5]] }]);
    expect(checkedSearch(fickle)).toThrow(error("E_IMPURE", '"planted"'));
  });

  it("finds an action that reads other slots for the same values", () => {
    const next = counting();
    const wandering = withAction((read) => {
      read(next() % 2);
      return [];
    });
    expect(checkedSearch(wandering)).toThrow(error("E_IMPURE", '"planted"'));
  });

  it("finds a check that is not a function of what it reads", () => {
    const next = counting();
    const fickle = { name: "fickle", checks: [() => next() % 2 === 0] };
    expect(checkedSearch(counters(["a"], 3), [fickle])).toThrow(error("E_IMPURE", '"fickle"'));
    let forgets = true;
    const lying = { name: "lying", checks: [() => forgets] };
    const system = counters(["a"], 3);
    const { parts } = system;
    const join = (values: readonly unknown[]) => {
      forgets = false;
      return parts.join(values);
    };
    expect(checkedSearch({ ...system, parts: { ...parts, join } }, [lying])).toThrow(error("E_IMPURE", '"lying"'));
  });

  it("finds choices that have one label", () => {
    expect(checkedSearch(ambiguous())).toThrow(error("E_DUPLICATE_LABEL", '"add 1"'));
    const system = counters(["a", "b"], 2);
    expect(checkedSearch({ ...system, label: () => "raise" })).toThrow(error("E_DUPLICATE_LABEL", '"raise"'));
  });

  it.each<[what: string, change: (parts: Parts<unknown, unknown>) => Partial<Parts<unknown, unknown>>, words: string]>([
    [
      "an action too few",
      ({ actions }) => ({ actions: actions.slice(1) }),
      'enables \\["raise a","raise b"\\], its parts',
    ],
    [
      "actions in another order",
      ({ actions }) => ({ actions: actions.toReversed() }),
      'its parts \\["raise b","raise a"\\]',
    ],
    [
      "an action that writes something else",
      ({ actions }) => ({
        actions: actions.map((action) => ({ ...action, successors: (read) => twice(action.successors(read)) })),
      }),
      '"raise a" in {"a":0,"b":0} leads to {"a":1,"b":0}; by its parts, to {"a":2,"b":0}',
    ],
    [
      "a split that does not undo join",
      ({ split }) => ({ split: (state) => split(state).toReversed() }),
      "Joined and split again",
    ],
  ])("finds parts that disagree with the system: %s", (_, change, words) => {
    const system: System<unknown, unknown> = counters(["a", "b"], 3);
    const { parts } = counters(["a", "b"], 3) as { parts: Parts<unknown, unknown> };
    const wrong = { ...system, parts: { ...parts, ...change(parts) } };
    expect(checkedSearch(wrong)).toThrow(error("E_PARTS", words));
  });

  it("finds a fingerprint that is too short", async () => {
    vi.resetModules();
    vi.doMock("../../explore/content-hash.ts", async (original) => {
      const { contentHash } = await original<typeof import("../../explore/content-hash.ts")>();
      return { contentHash: (text: string) => ({ low: contentHash(text).low & 0xffff, high: 1 }) };
    });
    const { search: short } = await import("../../explore/search.ts");
    vi.doUnmock("../../explore/content-hash.ts");
    const system = counters(["a", "b", "c"], 29);
    expect(short(system).states).toBeLessThan(27_000);
    expect(() => short(system, { checked: true })).toThrow(error("E_COLLISION", "Two states have the fingerprint"));
  });
});

describe("a search, checked or not", () => {
  it.each<[what: string, value: unknown]>([
    ["a Map", new Map()],
    ["undefined", { at: undefined }],
    ["NaN", Number.NaN],
    ["a Date", [new Date(0)]],
  ])("refuses a part that is %s, and says who writes it where", (_, value) => {
    const system = withAction(() => [{ choice: planted, writes: [[1, value]] }]);
    expect(() => search(system)).toThrow(error("E_NOT_PLAIN_JSON", 'What "planted" writes into "slot 1": '));
    expect(checkedSearch(system)).toThrow(error("E_NOT_PLAIN_JSON"));
  });

  it("refuses an initial state that is not plain", () => {
    const system = counters(["a"], 1);
    const initial = () => ({ a: Number.NaN });
    expect(() => search({ ...system, initial })).toThrow(error("E_NOT_PLAIN_JSON"));
  });

  it.each([
    ["reads slot 2", withAction((read) => (read(2) === 0 ? [] : []))],
    ["reads slot -1", withAction((read) => (read(-1) === 0 ? [] : []))],
    ["writes slot 2", withAction(() => [{ choice: planted, writes: [[2, 0]] }])],
  ])("refuses an action that %s where there are two", (words, system) => {
    expect(() => search(system)).toThrow(error("E_SLOT", `"planted" ${words}; there are slots 0 to 1`));
  });

  it("notices when an action's reads change under the same values", () => {
    let calls = 0;
    const wandering = withAction((read) => {
      calls += 1;
      if (calls > 1) read(1);
      read(0);
      return [];
    });
    expect(() => search(wandering)).toThrow(error("E_IMPURE", '"planted" once read slot 0'));
  });

  it("hands out parts that nobody can change", () => {
    const system = fromActions(
      [[1, [2]]],
      [
        {
          name: "planted",
          successors(read) {
            (read(0) as unknown[][])[1]?.push(3);
            return [];
          },
        },
      ],
    );
    expect(() => search(system)).toThrow(TypeError);
  });

  it("refuses to tell a story that the system does not confirm", () => {
    const system = counters(["a", "b"], 3);
    const invariants = [{ name: "low", checks: [(read: (slot: number) => unknown) => (read(0) as number) < 2] }];
    const tell = (wrong: Partial<typeof system>) => () => search({ ...system, ...wrong }, { invariants });
    expect(tell({ enabled: () => ["b"] })).toThrow(error("E_PARTS", '"raise a" is not enabled after 0 choices'));
    expect(tell({ apply: (state) => state })).toThrow(error("E_PARTS", "the system is in another state"));
  });
});

/** Numbers from 1 on, one at every call. */
function counting(): () => number {
  let calls = 0;
  return () => {
    calls += 1;
    return calls;
  };
}

function twice(successors: ReturnType<PartAction<unknown>["successors"]>): typeof successors {
  return successors.map(({ choice, writes }) => ({
    choice,
    writes: writes.map(([slot, value]) => [slot, (value as number) + 1] as const),
  }));
}
