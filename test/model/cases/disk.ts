/** Rules by which a log reaches its disk, and by which a power loss takes the rest (UnifiedLog.append, page cache). */
import { type Effect, local } from "../../../model/effect.ts";
import type { DiskContext, DiskEvent } from "../../../model/replica/disk-machine.ts";
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";

const kind = "disk";

/** Kafka flushes after ten records, the operating system writes back after 30 s. */
const input: Pick<DiskContext, "replica" | "flushInterval" | "writebackMs"> = {
  replica: "b1/t-0",
  flushInterval: 10,
  writebackMs: 30_000,
};

const endsAt = (logEnd: number): DiskEvent => ({ type: "log-changed", logEnd });
const powerLost = (keeps: number | null = null): DiskEvent => ({ type: "power-lost", keeps });
const leaves = (logEnd: number): Effect => local<ReplicaEvent>("b1/t-0", { type: "tail-lost", logEnd });

export const cases: readonly MachineCase<DiskEvent>[] = [
  {
    name: "an empty log has nothing to write back",
    kind,
    input,
    events: [],
    expect: { value: "clean", effects: [], running: [] },
  },
  {
    name: "what is written stays in memory until the operating system writes it back",
    kind,
    input,
    events: [endsAt(2)],
    expect: {
      value: "dirty",
      context: { logEnd: 2, flushed: 0, recoveryPoint: 0 },
      effects: [],
      armed: { writeback: 30_000 },
    },
  },
  {
    name: "a further write does not put the write-back off",
    kind,
    input,
    events: [endsAt(2), endsAt(3)],
    expect: { value: "dirty", context: { logEnd: 3, flushed: 0 }, armed: {}, running: ["writeback"] },
  },
  {
    name: "the write-back takes everything that there is; Kafka's recovery point knows nothing of it",
    kind,
    input,
    events: [endsAt(2), endsAt(3), fire("writeback")],
    expect: { value: "clean", context: { flushed: 3, recoveryPoint: 0 }, running: [] },
  },
  {
    name: "what is written after a write-back is not on disk again",
    kind,
    input,
    events: [endsAt(2), fire("writeback"), endsAt(3)],
    expect: { value: "dirty", context: { logEnd: 3, flushed: 2 }, armed: { writeback: 30_000 } },
  },
  {
    name: "Kafka flushes at log.flush.interval.messages records",
    kind,
    input,
    events: [endsAt(9), endsAt(10)],
    expect: { value: "clean", context: { flushed: 10, recoveryPoint: 10 }, running: [] },
  },
  {
    name: "one record less is not flushed",
    kind,
    input,
    events: [endsAt(8), endsAt(9)],
    expect: { value: "dirty", context: { flushed: 0, recoveryPoint: 0 } },
  },
  {
    name: "one large append is flushed at once",
    kind,
    input,
    events: [endsAt(12)],
    expect: { value: "clean", context: { logEnd: 12, flushed: 12, recoveryPoint: 12 }, armed: {} },
  },
  {
    name: "records that the operating system has written back still count for the next flush",
    kind,
    input,
    events: [endsAt(6), fire("writeback"), endsAt(10)],
    expect: { value: "clean", context: { flushed: 10, recoveryPoint: 10 } },
  },
  {
    name: "records are counted from the last flush",
    kind,
    input,
    events: [endsAt(10), endsAt(19)],
    expect: { value: "dirty", context: { flushed: 10, recoveryPoint: 10 } },
  },
  {
    name: "a truncation within what is on disk leaves nothing to write back",
    kind,
    input,
    events: [endsAt(12), endsAt(14), endsAt(11)],
    expect: { value: "clean", context: { logEnd: 11, flushed: 11, recoveryPoint: 11 }, running: [] },
  },
  {
    name: "a truncation of what is on disk is on disk at once",
    kind,
    input,
    events: [endsAt(12), endsAt(4)],
    expect: { value: "clean", context: { logEnd: 4, flushed: 4, recoveryPoint: 4 }, running: [] },
  },
  {
    name: "a truncation above what is on disk leaves the rest in memory",
    kind,
    input,
    events: [endsAt(5), endsAt(3)],
    expect: { value: "dirty", context: { logEnd: 3, flushed: 0 }, armed: {}, running: ["writeback"] },
  },
  {
    name: "a power loss takes what is not on disk",
    kind,
    input,
    events: [endsAt(2), fire("writeback"), endsAt(5), powerLost()],
    expect: { value: "clean", context: { logEnd: 2, flushed: 2 }, effects: [leaves(2)], running: [] },
  },
  {
    name: "more may have reached the disk; what is left is on disk then",
    kind,
    input,
    events: [endsAt(2), fire("writeback"), endsAt(5), powerLost(4)],
    expect: { value: "clean", context: { logEnd: 4, flushed: 4, recoveryPoint: 0 }, effects: [leaves(4)] },
  },
  {
    name: "less than what is on disk cannot be left",
    kind,
    input,
    events: [endsAt(10), endsAt(12), powerLost(3)],
    expect: { context: { logEnd: 10, recoveryPoint: 10 }, effects: [leaves(10)] },
  },
  {
    name: "more than was written cannot be left",
    kind,
    input,
    events: [endsAt(2), powerLost(9)],
    expect: { context: { logEnd: 2, flushed: 2 }, effects: [leaves(2)] },
  },
];
