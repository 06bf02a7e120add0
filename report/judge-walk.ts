/** What a walk violates: which requirement, at which step, and which records it is about. */
import type { ClusterView } from "../spec/cluster-view.ts";
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import { createMonitor } from "../spec/monitor.ts";
import type { Requirement, Verdict } from "../spec/requirement.ts";
import type { Walk } from "./walk.ts";

export type Loss = "violated" | "expected-loss";

/** A record that somebody was told of or was given, and that the requirement misses. */
export interface LostRecord {
  readonly partition: string;
  /** `null` where nobody was told an offset. */
  readonly offset: number | null;
  readonly value: string;
  /** The producer to which it was acknowledged, or the consumer that has read it. */
  readonly client: string;
  readonly was: "acknowledged to" | "read by";
  /** Number of the step at which that happened. */
  readonly since: number;
}

export interface Finding {
  readonly requirement: string;
  readonly title: string;
  /** `expected-loss`: it is not promised here. */
  readonly verdict: Loss;
  /** Number of the first step after which it is violated, from 1; 0 is the beginning. */
  readonly step: number;
  /** The violation, in a sentence. */
  readonly text: string;
  readonly lost: readonly LostRecord[];
}

/**
 * At most one finding a requirement: the first that is promised, or else the first. `ends`: nothing leads on from the last
 * state to what must come to pass, so that what has not by then is missed.
 */
export function judgeWalk(
  { begin, steps }: Walk,
  config: ClusterConfig,
  requirements: readonly Requirement[],
  { ends = false }: { readonly ends?: boolean } = {},
): readonly Finding[] {
  const views = [begin.view, ...steps.map(({ after }) => after.view)];
  const befores = [null, ...steps.map(({ before }) => before)];
  return requirements.flatMap((requirement) => {
    const monitor = createMonitor(config, [requirement]);
    const seen = views.flatMap((view, step) => {
      monitor.see(view, befores[step] ?? null);
      if (ends && step === views.length - 1) monitor.rest(view);
      return monitor.verdicts().map(({ verdict, detail }) => ({ step, verdict, detail }));
    });
    const first = seen.find(({ verdict }) => verdict === "violated") ?? seen.find(isLoss);
    if (first === undefined || !isLoss(first)) return [];
    const { id, title } = requirement;
    const { step, verdict, detail } = first;
    const lost = lostRecords(requirement, views.slice(0, step + 1), befores[step] ?? null);
    return [{ requirement: id, title, verdict, step, text: detail ?? title, lost }];
  });
}

function isLoss<Seen extends { readonly verdict: Verdict }>(seen: Seen): seen is Seen & { readonly verdict: Loss } {
  return seen.verdict === "violated" || seen.verdict === "expected-loss";
}

type Told = Pick<ClusterView, "acknowledged" | "delivered">;

/** Asks the requirement for one record at a time: a record is lost if it alone makes the last view a violation. */
function lostRecords(
  requirement: Requirement,
  views: readonly ClusterView[],
  before: ClusterView | null,
): readonly LostRecord[] {
  const last = views.at(-1);
  if (last === undefined) return [];
  // Lists of its own for each of the two: nobody is to think that nothing has come since.
  const telling = (view: ClusterView, { acknowledged, delivered }: Told): ClusterView => {
    return { ...view, acknowledged: [...acknowledged], delivered: [...delivered] };
  };
  const violates = (of: Told) =>
    typeof (requirement.invariant?.(telling(last, of), before === null ? null : telling(before, of)) ?? "vacuous") !==
    "string";
  const none = { acknowledged: [], delivered: [] };
  if (violates(none)) return [];
  const since = (has: (view: ClusterView) => boolean) => views.findIndex(has);
  return [
    ...last.acknowledged
      .filter((one) => violates({ ...none, acknowledged: [one] }))
      .map((one): LostRecord => {
        const isSame = (other: typeof one) => JSON.stringify(other) === JSON.stringify(one);
        const { partition, offset, value, producer: client } = one;
        const step = since(({ acknowledged }) => acknowledged.some(isSame));
        return { partition, offset, value, client, was: "acknowledged to", since: step };
      }),
    ...last.delivered
      .filter((one) => violates({ ...none, delivered: [one] }))
      .map((one): LostRecord => {
        const isSame = (other: typeof one) => JSON.stringify(other) === JSON.stringify(one);
        const { partition, offset, value, consumer: client } = one;
        const step = since(({ delivered }) => delivered.some(isSame));
        return { partition, offset, value, client, was: "read by", since: step };
      }),
  ];
}
