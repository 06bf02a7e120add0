import { describe, expect, it } from "vitest";
import { createRandom } from "../../explore/random.ts";
import { StateArchive } from "../../explore/state-archive.ts";

/** How often each state is drawn. */
function drawn(
  archive: StateArchive,
  times: number,
  isOpen: (state: number) => boolean = () => true,
): readonly number[] {
  const random = createRandom(7);
  const counts: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const state = archive.draw(random, isOpen);
    if (state !== null) counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

describe("the archive of states", () => {
  it("draws what is rare as often as what is frequent", () => {
    const archive = new StateArchive();
    for (let state = 0; state < 99; state += 1) archive.add(state, [5]);
    archive.add(99, [8]);
    const counts = drawn(archive, 2000);
    expect(counts[99]).toBeGreaterThan(900);
    expect(counts[99]).toBeLessThan(1100);
    expect(counts.filter((count) => count > 0)).toHaveLength(100);
  });

  it("gives none but open states, and none if none is left", () => {
    const archive = new StateArchive();
    for (let state = 0; state < 10; state += 1) archive.add(state, [state % 3, 3]);
    const counts = drawn(archive, 300, (state) => state === 2 || state === 4 || state === 9);
    expect([counts.length, counts[2], counts[4], counts[9]]).toEqual([
      10,
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ]);
    expect((counts[2] ?? 0) + (counts[4] ?? 0) + (counts[9] ?? 0)).toBe(300);
    expect(archive.draw(createRandom(1), () => false)).toBe(null);
    expect(archive.draw(createRandom(1), () => true)).toBe(null);
  });

  it("takes up again a footprint that it had forgotten", () => {
    const archive = new StateArchive();
    archive.add(0, [1]);
    expect(archive.draw(createRandom(1), () => false)).toBe(null);
    archive.add(1, [1]);
    archive.add(2, [1]);
    expect(drawn(archive, 50).filter((count) => count > 0)).toHaveLength(2);
    expect(new StateArchive().draw(createRandom(1), () => true)).toBe(null);
  });
});
