/**
 * What a consumer meets: brokers and a coordinator that answer what it has asked, each answer well formed by itself,
 * though what they say need not fit together over time: leaders come and go, logs are cut off, positions are lost.
 */
import fc from "fast-check";
import type { ConsumerEvent } from "../../../model/consumer/consumer-context.ts";
import type { CommittedOffset, FetchPartition, FetchResult, RequestBody } from "../../../model/message.ts";

/** What decides an answer; drawn before it is known what will be asked. */
export const flavour = fc.record({
  /** How a partition of a fetch is answered, each with the next one. */
  fetch: fc.constantFrom("records", "records", "records", "nothing", "out-of-range", "error"),
  records: fc.integer({ min: 1, max: 4 }),
  offset: fc.nat(6),
  isError: fc.constantFrom(false, false, false, true),
  end: fc.constantFrom("same", "below", "none"),
  /** 0: as it is now; else as it was before. */
  metadataAge: fc.constantFrom(0, 0, 0, 1),
});
export type Flavour = typeof flavour extends fc.Arbitrary<infer Value> ? Value : never;

interface Leader {
  readonly partition: string;
  readonly leader: number | null;
  readonly leaderEpoch: number;
}

export interface Surroundings {
  answer(body: RequestBody, from: string, flavour: Flavour): ConsumerEvent;
  elect(partition: string, leader: number | null): void;
}

export function valueAt(partition: string, offset: number): string {
  return `${partition}@${offset}`;
}

export function createSurroundings(first: readonly Leader[]): Surroundings {
  let leaders = first;
  let before = first;
  const committed: Record<string, CommittedOffset> = {};

  return {
    elect(partition, leader) {
      before = leaders;
      leaders = leaders.map((known) =>
        known.partition === partition ? { partition, leader, leaderEpoch: known.leaderEpoch + 1 } : known,
      );
    },
    answer(body, from, { fetch, records, offset, isError, end, metadataAge }) {
      switch (body.type) {
        case "fetch": {
          const results = body.partitions.map((at, index) => {
            const isLed = leaders.some(({ partition, leader }) => partition === at.partition && `b${leader}` === from);
            return resultOf(at, isLed ? (index === 0 ? fetch : "records") : "error", records);
          });
          return { type: "fetch-response", results, from };
        }
        case "list-offsets": {
          const error = isError ? "OFFSET_NOT_AVAILABLE" : null;
          return { type: "list-offsets-response", partition: body.partition, error, offset, from };
        }
        case "offset-for-leader-epoch": {
          const { partition, leaderEpoch: epoch } = body;
          const ends = { same: { epoch, endOffset: 99 }, below: { epoch, endOffset: offset }, none: null };
          const error = isError ? "FENCED_LEADER_EPOCH" : null;
          return { type: "offset-for-leader-epoch-response", partition, error, end: isError ? null : ends[end], from };
        }
        case "metadata": {
          const told = metadataAge === 0 ? leaders : before;
          const partitions = told.map((one) => ({ ...one, isr: [1, 2], partitionEpoch: one.leaderEpoch }));
          return { type: "metadata-response", partitions, from };
        }
        case "offset-fetch": {
          const offsets = body.partitions.map((partition) => [partition, committed[partition] ?? null]);
          return { type: "offset-fetch-response", offsets: Object.fromEntries(offsets), from };
        }
        case "offset-commit":
          Object.assign(committed, body.offsets);
          return { type: "offset-commit-response", auto: body.auto, from };
        default:
          throw new Error(`a consumer never asks ${body.type}`);
      }
    },
  };
}

function resultOf(at: FetchPartition, kind: string, count: number): FetchResult {
  const { partition, offset: fetchOffset } = at;
  const epoch = at.currentLeaderEpoch ?? 0;
  const entries = Array.from({ length: kind === "records" ? count : 0 }, (_, index) => {
    const offset = fetchOffset + index;
    return { offset, epoch, value: valueAt(partition, offset), key: null };
  });
  const errors = { "out-of-range": "OFFSET_OUT_OF_RANGE", error: "NOT_LEADER_OR_FOLLOWER" } as const;
  const error = kind === "out-of-range" || kind === "error" ? errors[kind] : null;
  const highWatermark = fetchOffset + entries.length;
  return { partition, error, diverging: null, entries, fetchOffset, highWatermark, logStart: 0 };
}
