/** Looking at a subject: what each look needs, what it sees, and whether that is what was expected. */
import type { Json } from "../../spec/history/format.ts";
import type { Capability, Snapshot } from "../../spec/subject.ts";
import type { LookName, Looks } from "../grammar/looks.ts";
import { compare, type Mismatch } from "./mismatch.ts";

interface Look {
  readonly needs: Capability;
  /** What is seen of the owner that stands as key under the look; `null`: nothing of it. */
  see(snapshot: Snapshot, owner: string): Json;
}

const looks: Readonly<Record<Exclude<LookName, "at">, Look>> = {
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
  for (const [name, owners] of Object.entries(expected)) {
    if (name !== "at" && !isLook(name)) continue;
    const capability = name === "at" ? "virtual-time" : looks[name].needs;
    if (!capabilities.has(capability)) {
      lacking.push({ look: name, capability });
    } else if (name === "at" || typeof owners !== "object") {
      compared += 1;
      mismatches.push(...compare(["at"], `${String(owners)}ms`, snapshot.at === undefined ? null : `${snapshot.at}ms`));
    } else {
      for (const [owner, value] of Object.entries(owners)) {
        compared += 1;
        mismatches.push(...compare([name, owner], value, looks[name].see(snapshot, owner)));
      }
    }
  }
  return { mismatches, compared, lacking };
}
