/** What a step has changed, as a text: what goes into the hash of a run, so that two runs with one hash are the same. */
import { canonicalJson } from "../../explore/canonical-json.ts";
import type { ClusterState } from "./state.ts";
import type { UntimedState } from "./untimed-cluster.ts";

/** The machines that a step has changed, created or ended, and what was observed: what makes two runs differ. */
export function changedIn(before: ClusterState, after: ClusterState): string {
  const ids = Object.keys(after.machines).filter((id) => after.machines[id] !== before.machines[id]);
  const ended = Object.keys(before.machines).filter((id) => !(id in after.machines));
  const changed = ids.map((id) => [id, after.machines[id]]);
  const { now, observed, completed } = after;
  return canonicalJson({ now, changed, ended, observed, completed });
}

/** The same without a clock: the slots that have changed, by number. */
export function changedSlots(before: UntimedState, after: UntimedState): ReadonlyMap<number, unknown> {
  return new Map(after.flatMap((value, slot) => (value === before[slot] ? [] : [[slot, value] as const])));
}
