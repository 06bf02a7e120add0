/** A way through a cluster, told in words: what was chosen, and what was seen of it. */
import { ExploreError } from "../explore/explore-error.ts";
import type { UntimedCluster } from "../model/cluster/untimed-cluster.ts";
import { textOfChoice, textOfObservation } from "../model/cluster/words.ts";

export interface StoryStep {
  /** The choice's label: a replay goes by it. */
  readonly choice: string;
  readonly text: string;
}

/** Throws `E_CHOICE_NOT_ENABLED` for a label that is not enabled where it stands. */
export function tell(cluster: UntimedCluster, labels: readonly string[]): readonly StoryStep[] {
  let state = cluster.initial();
  return labels.map((label) => {
    const choice = cluster.enabled(state).find((one) => cluster.label(one) === label);
    if (choice === undefined) throw new ExploreError("E_CHOICE_NOT_ENABLED", `${label} is not enabled here`);
    const seen = cluster.observed(state, choice).flatMap(textOfObservation);
    state = cluster.apply(state, choice);
    return { choice: label, text: [textOfChoice(choice), ...seen].join("; ") };
  });
}
