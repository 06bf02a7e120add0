/** Exit codes, the same for every command; of several, the worst by this order counts: 3, 1, 2, 0. */

export const exitCode = { ok: 0, violated: 1, inconclusive: 2, badInput: 3 } as const;
