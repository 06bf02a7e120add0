/** What the published specifications promise: what is below a leader's high watermark is on every in-sync replica. */
import { sameRecord } from "./replication-rules.ts";
import type { LadderBounds, LeaderAndIsr, ReadSlot } from "./replication-state.ts";
import { logOf, quorumOf, replicasOf, viewOf } from "./replication-state.ts";

/** It holds in a state if every check does. Each check reads few parts, so that it can be remembered by them. */
export interface LadderInvariant {
  readonly name: "WeakIsr" | "StrongIsr" | "LeaderInIsr";
  readonly checks: readonly ((read: ReadSlot) => boolean)[];
}

/** By the ISR as the leader itself knows it. Leaders that were replaced count too. */
export function weakIsr(bounds: LadderBounds): LadderInvariant {
  return { name: "WeakIsr", checks: agreement(bounds, (read, leader) => viewOf(read, leader)) };
}

/** By the true ISR, which is the quorum's. Leaders that were replaced count too. */
export function strongIsr(bounds: LadderBounds): LadderInvariant {
  return { name: "StrongIsr", checks: agreement(bounds, quorumOf) };
}

/** The quorum's leader is in the quorum's ISR. False at the start and whenever nobody leads. */
export function leaderInIsr(): LadderInvariant {
  const check = (read: ReadSlot) => {
    const { leader, isr } = quorumOf(read);
    return leader !== null && isr.includes(leader);
  };
  return { name: "LeaderInIsr", checks: [check] };
}

function agreement(
  bounds: LadderBounds,
  isrOf: (read: ReadSlot, leader: number) => LeaderAndIsr,
): readonly ((read: ReadSlot) => boolean)[] {
  const replicas = replicasOf(bounds);
  return replicas.flatMap((leader) =>
    replicas.map((member) => (read: ReadSlot) => {
      if (viewOf(read, leader).leader !== leader || !isrOf(read, leader).isr.includes(member)) return true;
      const { records, highWatermark } = logOf(read, leader);
      if (highWatermark === 0) return true;
      const copy = logOf(read, member).records;
      return records.slice(0, highWatermark).every((record, offset) => sameRecord(record, copy[offset]));
    }),
  );
}
