/**
 * A search that is confined to what matters to one question: choices whose label matches are left out, beside the usual
 * bounds. What it refutes is refuted in the whole cluster, too; what it finds to hold, holds within its bounds only.
 */
import { boundedConfig, type Design, programsOf } from "../../check/design.ts";
import { Judging } from "../../check/judging.ts";
import { tell } from "../../check/story.ts";
import type { PartAction } from "../../explore/parts.ts";
import { search } from "../../explore/search.ts";
import type { ClusterChoice } from "../../model/cluster/choice.ts";
import { createUntimedCluster, type UntimedCluster } from "../../model/cluster/untimed-cluster.ts";
import { type FaultBudget, noFaults } from "../../model/cluster/untimed-faults.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { requirementById } from "../../spec/requirements/index.ts";

export interface Question {
  /** A cluster, as a user would write it. */
  readonly cluster: unknown;
  readonly faults: Partial<FaultBudget>;
  readonly records: number;
  /** No leader epoch gets beyond it. */
  readonly elections: number;
  /** Labels of choices that are left out. */
  readonly without: RegExp;
  /** Id of the requirement that is judged. */
  readonly requirement: string;
}

export interface Answer {
  /** Was every state within the bounds looked at? Where the requirement is violated, the search ends. */
  readonly complete: boolean;
  /** Did the premise of the requirement come up for anything that is promised? */
  readonly met: boolean;
  /** The shortest way to a violation, in words. */
  readonly story: readonly string[] | null;
}

export function ask({ cluster: raw, faults, records, elections, without, requirement: id }: Question): Answer {
  const parsed = parseCluster(raw);
  const requirement = requirementById(id);
  if (!parsed.ok || requirement === undefined) throw new Error(`no such question: ${id}`);
  const bounds = { records, elections, attempts: 1 };
  const design: Design = { config: parsed.config, faults: { ...noFaults, ...faults }, bounds, channels: "rendezvous" };
  const judging = new Judging([requirement], boundedConfig(design));
  const cluster = createUntimedCluster(boundedConfig(design), {
    faults,
    programs: programsOf(design),
    channels: design.channels,
    leaderEpochMax: elections,
    judge: judging.judgeStep,
  });
  const confined = { ...cluster, parts: leaveOut(cluster, without) };
  const { end, invariants } = search(confined, { invariants: judging.invariants(cluster) });
  const found = invariants.find(({ first }) => first !== null)?.first ?? null;
  const story = found === null ? null : tell(cluster, found.labels).map(({ text }) => text);
  return { complete: end === "complete", met: judging.isMet(requirement), story };
}

function leaveOut({ parts, label }: UntimedCluster, without: RegExp): UntimedCluster["parts"] {
  const actions = parts.actions.map(
    ({ name, successors }): PartAction<ClusterChoice> => ({
      name,
      successors: (read) => successors(read).filter(({ choice }) => !without.test(label(choice))),
    }),
  );
  return { ...parts, actions };
}
