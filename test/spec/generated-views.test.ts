/** Random healthy clusters, in which nothing may be found, and one thing broken in each, which must be found. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterView, PartitionView, ReplicaView } from "../../spec/cluster-view.ts";
import { effectiveMinIsr } from "../../spec/config/cluster-config.ts";
import { requirementById, requirements } from "../../spec/requirements/index.ts";
import type { LogEntry } from "../../spec/vocabulary.ts";
import { configWith, healthy, wholeDisks } from "./cluster-views.ts";

const leaderEpoch = 9;
const runs = { numRuns: 500, seed: 7 };

interface Draw {
  readonly minIsr: number;
  readonly replicas: number;
  /** Epochs of the leader's log, even numbers. */
  readonly epochs: readonly number[];
  /** Per follower: how much of the leader's log it has, and how many entries of its own after that, if it is outside. */
  readonly followers: readonly {
    readonly part: number;
    readonly own: number;
    readonly inSync: boolean;
    readonly alive: boolean;
  }[];
  /** Fractions: high watermark of what may be committed, of the followers, of what was delivered and committed. */
  readonly fractions: readonly number[];
  readonly hasZombie: boolean;
}

const draws: fc.Arbitrary<Draw> = fc.record({
  minIsr: fc.integer({ min: 1, max: 3 }),
  replicas: fc.constantFrom(1, 2, 3, 3, 3),
  epochs: fc
    .array(fc.constantFrom(0, 2, 4, 6), { maxLength: 6, size: "max" })
    .map((epochs) => epochs.sort((a, b) => a - b)),
  followers: fc.array(fc.record({ part: fc.nat(6), own: fc.nat(2), inSync: fc.boolean(), alive: fc.boolean() }), {
    minLength: 2,
    maxLength: 2,
  }),
  fractions: fc.array(
    fc.nat(4).map((quarters) => quarters / 4),
    { minLength: 5, maxLength: 5 },
  ),
  hasZombie: fc.boolean(),
});

const part = (fraction: number | undefined, of: number) => Math.round((fraction ?? 0) * of);
const entry = (offset: number, epoch: number, value: string): LogEntry => ({ offset, epoch, value, key: null });

/** A tail that it wrote as a leader, since deposed, in an epoch that was its own (7 or 8). */
function followerLog(leader: readonly LogEntry[], length: number, own: number, broker: number): readonly LogEntry[] {
  const common = leader.slice(0, length);
  return [
    ...common,
    ...Array.from({ length: own }, (_, index) => entry(length + index, 5 + broker, `own${broker}-${index}`)),
  ];
}

function viewOf(draw: Draw): ClusterView {
  const { epochs, replicas, fractions } = draw;
  const config = configWith({ topics: { t: { "replication.factor": replicas, "min.insync.replicas": draw.minIsr } } });
  const needed = effectiveMinIsr(config, "t-0");
  const log = epochs.map((epoch, offset) => entry(offset, epoch, `v${offset}`));
  const followers = draw.followers.slice(0, replicas - 1).map((one, index) => {
    return { ...one, broker: index + 2, part: Math.min(one.part, log.length) };
  });
  // Committed may be what every member has, and min ISR replicas, members or not.
  const lengths = [log.length, ...followers.map((one) => one.part)].sort((a, b) => b - a);
  const ofMembers = followers.filter(({ inSync }) => inSync).map((one) => one.part);
  const committed = part(fractions[0], Math.min(log.length, ...ofMembers, lengths[needed - 1] ?? 0));
  const isr = [1, ...followers.filter(({ inSync }) => inSync).map(({ broker }) => broker)];
  const leader: ReplicaView = {
    broker: 1,
    alive: true,
    role: "leader",
    leaderEpoch,
    isr,
    maximalIsr: isr,
    logStart: 0,
    logEnd: log.length,
    highWatermark: committed,
    log,
  };
  const views = followers.map(({ broker, own, inSync, alive, part: length }, index): ReplicaView => {
    const isZombie = draw.hasZombie && alive && !inSync && index === 0;
    const ownLog = followerLog(log, length, inSync ? 0 : own, broker);
    const role = isZombie ? "leader" : alive ? "follower" : "offline";
    const known = isZombie ? [1, broker] : [];
    return {
      broker,
      alive,
      role,
      leaderEpoch: isZombie ? 5 + broker : alive ? leaderEpoch : -1,
      isr: known,
      maximalIsr: known,
      logStart: 0,
      logEnd: ownLog.length,
      highWatermark: part(fractions[1], Math.min(length, committed)),
      log: ownLog,
    };
  });
  const partition: PartitionView = {
    partition: "t-0",
    topic: "t",
    leader: 1,
    leaderEpoch,
    isr,
    elr: [],
    replicas: [leader, ...views],
    disks: wholeDisks,
  };
  const delivered = part(fractions[2], committed);
  return healthy({
    config,
    partitions: [partition],
    acknowledged: log
      .slice(0, part(fractions[3], committed))
      .map(({ offset, value }) => ({ producer: "p1", partition: "t-0", offset, value })),
    delivered: log
      .slice(0, delivered)
      .map(({ offset, value }) => ({ consumer: "c1", partition: "t-0", offset, value })),
    committed: [{ group: "g", partition: "t-0", offset: part(fractions[4], delivered) }],
  });
}

const views = draws.map(viewOf);

function violated(view: ClusterView): readonly string[] {
  return requirements.filter((one) => Array.isArray(one.invariant?.(view, null))).map(({ id }) => id);
}

function of(view: ClusterView): PartitionView {
  const [partition] = view.partitions;
  if (partition === undefined) throw new Error("no partition");
  return partition;
}

function withReplica(view: ClusterView, index: number, change: Partial<ReplicaView>): ClusterView {
  const replicas = of(view).replicas.map((replica, place) => (place === index ? { ...replica, ...change } : replica));
  return { ...view, partitions: [{ ...of(view), replicas }] };
}

function replicaAt(view: ClusterView, index: number): ReplicaView {
  const replica = of(view).replicas[index];
  if (replica === undefined) throw new Error("no replica");
  return replica;
}

/** A place in the list, by a number of any size. */
const placed = fc.tuple(views, fc.nat());
const pick = <T>(list: readonly T[], number: number): T | undefined => list[number % Math.max(list.length, 1)];

/** Indices of ISR members other than the leader. */
const members = (view: ClusterView) =>
  of(view).replicas.flatMap(({ broker }, index) => (index > 0 && of(view).isr.includes(broker) ? [index] : []));

function finds(ids: readonly string[], mutate: (view: ClusterView, number: number) => ClusterView | null): void {
  let mutated = 0;
  fc.assert(
    fc.property(placed, ([view, number]) => {
      const broken = mutate(view, number);
      if (broken === null) return;
      mutated += 1;
      expect(violated(broken)).toEqual(expect.arrayContaining([...ids]));
    }),
    runs,
  );
  expect(mutated).toBeGreaterThan(30);
}

describe("a healthy cluster", () => {
  it("violates nothing", () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(violated(view)).toEqual([]);
      }),
      runs,
    );
  });

  it("is often one with commits, outsiders that diverge, deposed leaders and dead members", () => {
    const seen = { committed: 0, diverging: 0, zombie: 0, dead: 0, held: 0 };
    fc.assert(
      fc.property(views, (view) => {
        const { replicas, isr } = of(view);
        seen.committed += replicaAt(view, 0).highWatermark > 0 ? 1 : 0;
        seen.diverging += replicas.some(({ log }) => log.some(({ epoch }) => epoch > 6)) ? 1 : 0;
        seen.zombie += replicas.filter(({ role }) => role === "leader").length > 1 ? 1 : 0;
        seen.dead += replicas.some(({ broker, alive }) => !alive && isr.includes(broker)) ? 1 : 0;
        seen.held += requirementById("HW-2")?.invariant?.(view, null) === "holds" ? 1 : 0;
      }),
      runs,
    );
    expect(Object.values(seen).every((count) => count > 40)).toBe(true);
  });

  it("stays so in a step in which nothing happens", () => {
    fc.assert(
      fc.property(views, (view) => {
        const copy = structuredClone(view);
        for (const one of requirements) expect(Array.isArray(one.invariant?.(copy, view))).toBe(false);
      }),
      runs,
    );
  });
});

describe("one thing broken", () => {
  it("a committed entry that a member has lost", () => {
    finds(["HW-2", "ISR-1"], (view, number) => {
      const high = replicaAt(view, 0).highWatermark;
      const index = pick(members(view), number);
      if (high === 0 || index === undefined) return null;
      return withReplica(view, index, {
        log: replicaAt(view, index).log.slice(0, high - 1),
        logEnd: high - 1,
        highWatermark: 0,
      });
    });
  });

  it("a committed entry that a member has otherwise", () => {
    finds(["HW-2", "ISR-1", "LOG-2"], (view, number) => {
      const high = replicaAt(view, 0).highWatermark;
      const index = pick(members(view), number);
      if (high === 0 || index === undefined) return null;
      const log = replicaAt(view, index).log.map((one) =>
        one.offset === number % high ? { ...one, value: "other" } : one,
      );
      return withReplica(view, index, { log });
    });
  });

  it("a high watermark that runs ahead of a member", () => {
    finds(["HW-2", "ISR-1"], (view, number) => {
      const index = pick(members(view), number);
      if (index === undefined || replicaAt(view, index).logEnd === replicaAt(view, 0).logEnd) return null;
      return withReplica(view, 0, { highWatermark: replicaAt(view, index).logEnd + 1 });
    });
  });

  it("a high watermark of a deposed leader that covers its own tail", () => {
    finds(["HW-2", "ISR-1"], (view) => {
      const index = of(view).replicas.findIndex(({ role }, place) => place > 0 && role === "leader");
      const zombie = of(view).replicas[index];
      if (zombie === undefined || !zombie.log.some(({ epoch }) => epoch > 6)) return null;
      return withReplica(view, index, { highWatermark: zombie.logEnd });
    });
  });

  it("an epoch that goes down", () => {
    finds(["LOG-1"], (view, number) => {
      const index = number % of(view).replicas.length;
      const { log } = replicaAt(view, index);
      const place = log.findIndex(({ epoch }, at) => at > 0 && (log[at - 1]?.epoch ?? 0) > 0 && epoch > 0);
      if (place === -1) return null;
      return withReplica(view, index, { log: log.map((one, at) => (at === place ? { ...one, epoch: 0 } : one)) });
    });
  });

  it("an entry missing from the middle", () => {
    finds(["LOG-1"], (view, number) => {
      const index = number % of(view).replicas.length;
      const { log } = replicaAt(view, index);
      if (log.length < 2) return null;
      const hole = number % (log.length - 1);
      return withReplica(view, index, {
        log: log.filter(({ offset }) => offset !== hole),
        logEnd: log.length - 1,
        highWatermark: 0,
      });
    });
  });

  it("two records of one epoch at one offset, committed or not", () => {
    finds(["LOG-2"], (view, number) => {
      const index = 1 + (number % 2);
      const shared = of(view).replicas[index]?.log.filter(({ epoch }) => epoch <= 6) ?? [];
      const one = pick(shared, number);
      if (one === undefined) return null;
      const log = replicaAt(view, index).log.map((other) => (other === one ? { ...other, key: "k" } : other));
      return withReplica(view, index, { log });
    });
  });

  it("a second leader of the epoch", () => {
    finds(["ELE-1"], (view) => {
      if (of(view).replicas.length < 2) return null;
      const { broker } = replicaAt(view, 1);
      return withReplica(view, 1, { alive: true, role: "leader", leaderEpoch, isr: [broker], maximalIsr: [broker] });
    });
  });

  it("an acknowledged record that was never written", () => {
    finds(["DUR-1"], (view, number) => {
      const record = { producer: "p1", partition: "t-0", value: "phantom", offset: number % 8 };
      return { ...view, acknowledged: [...view.acknowledged, record] };
    });
  });

  it("a delivered record that is gone", () => {
    finds(["DUR-2"], (view) => {
      if (view.delivered.length === 0) return null;
      const log = replicaAt(view, 0).log.slice(0, view.delivered.length - 1);
      return withReplica(view, 0, { log, logEnd: log.length });
    });
  });

  it("a commit past what was delivered", () => {
    finds(["ALO-1"], (view) => {
      const { length } = view.delivered;
      if (view.acknowledged.length <= length) return null;
      return { ...view, committed: [{ group: "g", partition: "t-0", offset: length + 1 }] };
    });
  });

  it("an elected one without what is committed", () => {
    fc.assert(
      fc.property(views, (view) => {
        const high = replicaAt(view, 0).highWatermark;
        const outsider = of(view).replicas.find(({ log }) => log.filter(({ epoch }) => epoch <= 6).length < high);
        const elected = {
          kind: "elected",
          partition: "t-0",
          leader: outsider?.broker ?? 1,
          leaderEpoch: 10,
          unclean: false,
        } as const;
        const judgement = requirementById("ELE-2")?.invariant?.({ ...view, observed: [elected] }, view);
        expect(Array.isArray(judgement)).toBe(outsider !== undefined);
      }),
      runs,
    );
  });
});
