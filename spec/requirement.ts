/**
 * What a requirement is. Requirements are data (`spec/requirements/`), with executable predicates; the model and every
 * history are judged by the same ones.
 */
import type { ClusterView } from "./cluster-view.ts";
import type { ClusterConfig } from "./config/cluster-config.ts";
import type { HistoryOperation } from "./history/format.ts";
import type { ClientId, TopicPartition } from "./vocabulary.ts";

export const areas = ["DUR", "HW", "ISR", "LOG", "ELE", "ACK", "BAT", "PAR", "CON", "ALO", "RET", "LIV"] as const;
export type Area = (typeof areas)[number];

/** Whom or what a violation is about; a promise may hold for one producer of a cluster and not for another. */
export interface Scope {
  readonly producer?: ClientId;
  readonly consumer?: ClientId;
  readonly partition?: TopicPartition;
  /** Why this one instance is beyond the promise, although its kind is promised: `promised` is false with an excuse. */
  readonly excuse?: string;
}

export interface Violation {
  /** One sentence with the values: what was expected and what stands there. */
  readonly text: string;
  readonly scope: Scope;
}

/**
 * What one predicate says of one moment. `vacuous`: its premise did not come up for anything that is promised and new,
 * so it says nothing. `pending`: the premise came up, the end is open (a history may still close it). Of several
 * violations the promised ones stand first.
 */
export type Judgement = "vacuous" | "holds" | "pending" | readonly Violation[];

/** See `Requirement.watch`. */
export type Watch = (view: ClusterView, before: ClusterView | null) => Judgement;

export interface Requirement {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly kind: "always" | "sometimes" | "eventually";
  readonly area: Area;
  /** Where the rule comes from: KIP, document, source file. */
  readonly sources: readonly string[];
  /** In plain words: when Kafka promises it. */
  readonly promisedWhen: string;
  /** Is what it speaks of part of this cluster? If not, it is listed as not applicable. */
  applies(config: ClusterConfig): boolean;
  /** Is it promised under this configuration (for this scope; with `{}`: for anything in this cluster)? */
  promised(config: ClusterConfig, scope: Scope): boolean;
  /**
   * Judges one state and the step that led there. A plain function: a search may ask it in any order. `before` is the
   * state before the step, itself already judged, so that what has not changed since need not be looked at again;
   * `null` where there is none, and then everything is looked at.
   */
  invariant?(view: ClusterView, before: ClusterView | null): Judgement;
  /** Set where it speaks of steps (an election, an answer, a value that went back): a search asks it of every step. */
  readonly perStep?: true;
  /**
   * In place of `invariant`, for what cannot be told from one step: a judge with a memory, a fresh one for every run, to
   * be shown each state of that run once and in order.
   */
  watch?(config: ClusterConfig): Watch;
  /**
   * For what must come to pass: what of it has not, in the state that a run has reached after everything was mended and
   * left in peace. Empty: all of it has.
   */
  goal?(view: ClusterView): readonly Violation[];
  /** Judges a whole history. */
  judge?(history: readonly HistoryOperation[], config: ClusterConfig): Judgement;
}

export type Verdict = "holds" | "violated" | "expected-loss" | "no-witness" | "inconclusive" | "not-applicable";

export interface RequirementVerdict {
  readonly id: string;
  readonly verdict: Verdict;
  readonly promised: boolean;
  /** Text of the first violation, or why it is inconclusive; `null` otherwise. */
  readonly detail: string | null;
}
