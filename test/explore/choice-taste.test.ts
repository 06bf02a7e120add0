import { expect, it } from "vitest";
import { ChoiceTaste } from "../../explore/choice-taste.ts";
import { createRandom } from "../../explore/random.ts";

const kinds = (count: number) => Array.from({ length: count }, (_, kind) => ({ kind }));

it("a run prefers some kinds to others, and another run prefers others", () => {
  const taste = new ChoiceTaste(createRandom(5));
  const favourites = new Set<number>();
  let same = 0;
  for (let run = 0; run < 100; run += 1) {
    taste.change();
    const [first, second] = [taste.choose(kinds(8)), taste.choose(kinds(8))];
    favourites.add(first);
    if (first === second) same += 1;
  }
  expect(favourites.size).toBe(8);
  // One of eight would be the same if the choices were equally likely.
  expect(same).toBeGreaterThan(30);
});

it("what was chosen often is chosen less", () => {
  const often = new ChoiceTaste(createRandom(6));
  for (let time = 0; time < 10_000; time += 1) often.choose([{ kind: 0 }]);
  let rare = 0;
  for (let run = 0; run < 100; run += 1) {
    often.change();
    if (often.choose([{ kind: 0 }, { kind: 1 + run }]) === 1) rare += 1;
  }
  expect(rare).toBeGreaterThan(85);
});

it("chooses among several of one kind, each of which it can choose", () => {
  const taste = new ChoiceTaste(createRandom(7));
  const chosen = Array.from({ length: 60 }, () => taste.choose([{ kind: 3 }, { kind: 3 }, { kind: 3 }]));
  expect([...new Set(chosen)].sort()).toEqual([0, 1, 2]);
});
