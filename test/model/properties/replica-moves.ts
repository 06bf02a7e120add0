/** What the sequences of a replica are drawn from. */
import fc from "fast-check";
import { anyNumber } from "./moves.ts";

const inheritance = fc.record({
  ofReplica: fc.boolean(),
  lost: fc.constantFrom(0, 1, 2, 9),
  unheard: fc.constantFrom(0, 0, 1, 2),
});
const flavour = fc.record({
  error: fc.constantFrom(
    ...(["none", "none", "none", "none", "none", "none", "none", "none", "elsewhere"] as const),
    ...(["range", "range", "range", "divergence", "divergence", "divergence"] as const),
    ...(["ineligible", "ineligible", "ineligible", "invalid", "invalid"] as const),
  ),
  count: fc.integer({ min: 1, max: 3 }),
});
/** From where: the log end, the high watermark, the log start, or anywhere. */
const place = fc.record({
  from: fc.constantFrom("end", "end", "end", "high-watermark", "start", "zero"),
  off: fc.constantFrom(0, 0, 0, 0, -1, -1, -2, 1),
});
/** Mostly the one that the replica knows. */
const epochOff = fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, -2, 2);
const follower = fc.constantFrom(2 as number, 3);
const isLearnt = fc.boolean();
const isr = fc.constantFrom<readonly number[]>([1], [1], [1, 2], [1, 3], [1, 2, 3], [2, 3]);

const fetching = fc.record({
  ...{ fetcher: follower, place, epochOff, lastEpochOff: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, -1, -2, 1, null) },
  isOld: fc.constantFrom(false, false, false, false, true),
  again: fc.constantFrom(false, false, false, true),
});
const appending = fc.record({
  acks: fc.constantFrom(-1 as const, -1 as const, -1 as const, 0 as const, 1 as const),
  records: fc.integer({ min: 1, max: 2 }),
});

const listing = fc.record({ list: fc.constantFrom("earliest", "latest"), isFollower: fc.boolean(), epochOff });

/** What happens to it whatever its role. */
export const anywhere = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ elect: fc.constantFrom(1, 1, 1, 2, 2, 3, null), how: inheritance, isLearnt }),
  },
  { weight: 4, arbitrary: fc.record({ isr, isLearnt }) },
  { weight: 3, arbitrary: fc.record({ learn: fc.constantFrom("next", "next", "again", "old") }) },
  { weight: 3, arbitrary: fc.record({ broker: follower, restarts: fc.boolean(), fenced: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kill: fc.boolean(), keeps: anyNumber }) },
  { weight: 1, arbitrary: appending },
  { weight: 1, arbitrary: fetching },
  { weight: 2, arbitrary: fc.record({ reader: fc.constant("c"), place, epochOff }) },
  { weight: 4, arbitrary: listing },
  { weight: 1, arbitrary: fc.record({ epochEnd: fc.integer({ min: -1, max: 3 }), epochOff }) },
  { weight: 1, arbitrary: fc.record({ deleteTo: place }) },
  { weight: 8, arbitrary: fc.record({ fire: anyNumber }) },
);

export const asLeader = fc.oneof(
  { weight: 7, arbitrary: appending },
  { weight: 10, arbitrary: fetching },
  { weight: 4, arbitrary: fc.constant({ allFetch: true } as const) },
  { weight: 2, arbitrary: fc.record({ reader: fc.constant("c"), place, epochOff }) },
  { weight: 4, arbitrary: listing },
  { weight: 3, arbitrary: fc.record({ isr, isLearnt: fc.constant(true) }) },
  { weight: 3, arbitrary: fc.record({ outsider: place }) },
  { weight: 1, arbitrary: fc.record({ forget: anyNumber }) },
  { weight: 2, arbitrary: fc.record({ deleteTo: place }) },
  { weight: 4, arbitrary: fc.record({ lag: follower, withinLagTime: fc.constantFrom(true, false, false) }) },
  { weight: 8, arbitrary: fc.record({ answer: anyNumber, flavour, isSlow: fc.constantFrom(false, false, true) }) },
  { weight: 3, arbitrary: fc.constant({ fireIsrCheck: true } as const) },
);

export const asFollower = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      answer: anyNumber,
      flavour,
      isSlow: fc.constantFrom(false, false, false, false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ disconnect: true } as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ write: fc.integer({ min: 1, max: 2 }), up: fc.nat(3), start: fc.constantFrom(0, 0, 0, 1, 3) },
    }),
  },
);

type ValueOf<Drawing> = Drawing extends fc.Arbitrary<infer Value> ? Value : never;
export type Move = ValueOf<typeof anywhere> | ValueOf<typeof asLeader> | ValueOf<typeof asFollower>;
export type Place = ValueOf<typeof place>;
