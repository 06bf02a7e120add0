/** Looking at a subject: what each look needs, what it sees, and whether that is what was expected. */
import type { Json } from "../../spec/history/format.ts";
import type { Capability, Snapshot } from "../../spec/subject.ts";
import type { LookName, Looks, UnownedLook } from "../grammar/looks.ts";
import { compare, type Mismatch } from "./mismatch.ts";

interface Look {
  readonly needs: Capability;
  /** What is seen of the owner that stands as key under the look; `null`: nothing of it. */
  see(snapshot: Snapshot, owner: string): Json;
}

const looks: Readonly<Record<Exclude<LookName, UnownedLook>, Look>> = {
  leader: { needs: "see-leader", see: (snapshot, owner) => partition(snapshot, owner)?.leader ?? null },
  "leader-epoch": { needs: "see-leader", see: (snapshot, owner) => partition(snapshot, owner)?.leaderEpoch ?? null },
  isr: { needs: "see-leader", see: (snapshot, owner) => partition(snapshot, owner)?.isr ?? null },
  "high-watermark": {
    needs: "see-high-watermark",
    see: (snapshot, owner) =>
      (owner.includes("/") ? replica(snapshot, owner)?.highWatermark : partition(snapshot, owner)?.highWatermark) ??
      null,
  },
  "log-start": {
    needs: "see-log",
    see: (snapshot, owner) =>
      (owner.includes("/") ? replica(snapshot, owner)?.logStart : partition(snapshot, owner)?.logStart) ?? null,
  },
  "log-end": { needs: "see-log", see: (snapshot, owner) => replica(snapshot, owner)?.logEnd ?? null },
  log: { needs: "see-log", see: (snapshot, owner) => replica(snapshot, owner)?.values ?? null },
  committed: {
    needs: "see-committed",
    see: ({ committed = [] }, owner) =>
      committed.find((one) => owner === `${one.group}/${one.partition}`)?.offset ?? null,
  },
  position: {
    needs: "see-position",
    see: ({ consumers = [] }, owner) =>
      consumers.find((one) => owner === `${one.consumer}/${one.partition}`)?.position ?? null,
  },
  acknowledged: { needs: "see-producer", see: (snapshot, owner) => producer(snapshot, owner)?.acknowledged ?? null },
  batches: { needs: "see-producer", see: (snapshot, owner) => producer(snapshot, owner)?.batches ?? null },
  requests: { needs: "see-producer", see: (snapshot, owner) => producer(snapshot, owner)?.requests ?? null },
};

/** The looks that have no owners. */
const whole: Readonly<Record<UnownedLook, { readonly needs: Capability; see(snapshot: Snapshot): Json }>> = {
  at: { needs: "virtual-time", see: ({ at }) => (at === undefined ? null : `${at}ms`) },
  "under-replicated": {
    needs: "see-leader",
    see: (snapshot) => namesWhere(snapshot, "underReplicated"),
  },
  "under-min-isr": {
    needs: "see-leader",
    see: (snapshot) => namesWhere(snapshot, "underMinIsr"),
  },
};

/** `null` if it is not told of every partition. */
function namesWhere({ partitions }: Snapshot, is: "underReplicated" | "underMinIsr"): Json {
  if (partitions === undefined || partitions.some((one) => one[is] === undefined)) return null;
  return partitions.filter((one) => one[is] === true).map(({ partition }) => partition);
}

function partition({ partitions = [] }: Snapshot, name: string) {
  return partitions.find((one) => one.partition === name);
}

/** `2/orders-0` */
function replica(snapshot: Snapshot, owner: string) {
  const slash = owner.indexOf("/");
  const replicas = partition(snapshot, owner.slice(slash + 1))?.replicas ?? [];
  return replicas.find((one) => String(one.broker) === owner.slice(0, slash));
}

function producer({ producers = [] }: Snapshot, name: string) {
  return producers.find((one) => one.producer === name);
}

function isWhole(name: string): name is UnownedLook {
  return Object.hasOwn(whole, name);
}

function isLook(name: string): name is keyof typeof looks {
  return Object.hasOwn(looks, name);
}

export interface Compared {
  readonly mismatches: readonly Mismatch[];
  /** How many values were compared. */
  readonly compared: number;
  /** Looks that the subject cannot offer, with what it lacks: left out. */
  readonly lacking: readonly { readonly look: string; readonly capability: Capability }[];
}

/** Compares whatever of `expected` is a look, and the subject can show. */
export function compareLooks(expected: Looks, snapshot: Snapshot, capabilities: ReadonlySet<Capability>): Compared {
  const mismatches: Mismatch[] = [];
  const lacking: { look: string; capability: Capability }[] = [];
  let compared = 0;
  for (const [name, value] of Object.entries(expected)) {
    if (!isWhole(name) && !isLook(name)) continue;
    const capability = isWhole(name) ? whole[name].needs : looks[name].needs;
    if (!capabilities.has(capability)) {
      lacking.push({ look: name, capability });
    } else if (isWhole(name)) {
      compared += 1;
      const wanted = name === "at" ? `${String(value)}ms` : (value as Json);
      mismatches.push(...compare([name], wanted, whole[name].see(snapshot)));
    } else {
      for (const [owner, wanted] of Object.entries(value as Readonly<Record<string, Json>>)) {
        compared += 1;
        mismatches.push(...compare([name, owner], wanted, looks[name].see(snapshot, owner)));
      }
    }
  }
  return { mismatches, compared, lacking };
}
