/** How time passes for a subject that has the world's clock and no other. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Subject } from "../spec/subject.ts";

/** Nobody can say when the next thing happens: one looks again this often. */
const lookAgainMs = 50;

export const realTime: Pick<Subject, "elapse" | "advance"> = {
  elapse: async (ms) => {
    await sleep(ms);
  },
  async advance(limitMs) {
    const begin = performance.now();
    await sleep(Math.min(limitMs, lookAgainMs));
    return Math.max(1, performance.now() - begin);
  },
};
