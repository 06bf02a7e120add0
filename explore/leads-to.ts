/**
 * Does everything lead to a goal? Of every state that a system can reach it is asked whether some way leads from it to a
 * state of the goal without leaving its phase (in a cluster: while no further fault strikes).
 *
 * In a finite system that is liveness under strong fairness: whoever takes, again and again, each choice that is enabled
 * again and again, ends among states that all lead to each other; if one of them is of the goal, it is reached.
 */
import { Exploration } from "./exploration.ts";
import { oneSlotParts } from "./one-slot-parts.ts";
import { checkLimits } from "./search-limits.ts";
import type { SearchOptions, SearchResult, Story } from "./search-options.ts";
import { collisionOdds } from "./search-result.ts";
import { type GraphQuestions, StateGraph } from "./state-graph.ts";
import { tellStory } from "./story.ts";
import type { System } from "./system.ts";

export interface LeadsToOptions extends GraphQuestions, Pick<SearchOptions, "maxStates" | "onProgress"> {}

export interface LeadsToResult<State>
  extends Pick<SearchResult<State>, "end" | "states" | "transitions" | "levels" | "collisionOdds"> {
  /** States of the goal. */
  readonly goals: number;
  /** "inconclusive": the search has ended before every state was found. */
  readonly verdict: "holds" | "violated" | "inconclusive";
  /** States from which no way leads to the goal; 0 where the verdict is inconclusive. */
  readonly stuck: number;
  /** The nearest of those from which nothing leads on at all; if there is none, the nearest. */
  readonly first: Story<State> | null;
}

/** Remembers all states and transitions: some hundred bytes each. Throws `E_NUMBER` for a limit out of range. */
export function leadsTo<State, Choice>(system: System<State, Choice>, options: LeadsToOptions): LeadsToResult<State> {
  const { goal, phase, ...limits } = options;
  checkLimits(limits);
  const parts = system.parts ?? oneSlotParts(system);
  const graph = new StateGraph({ goal, phase });
  const exploration = new Exploration(system, parts, limits, graph);
  const { end, states, transitions, levels } = exploration.run();
  const stuck = end === "complete" ? graph.stuck() : [];
  const nearest = stuck.find(({ leadsOn }) => !leadsOn) ?? stuck[0];
  return {
    end,
    states,
    transitions,
    levels,
    collisionOdds: collisionOdds(states),
    goals: graph.goals,
    verdict: end !== "complete" ? "inconclusive" : stuck.length > 0 ? "violated" : "holds",
    stuck: stuck.length,
    first: nearest === undefined ? null : tellStory(system, parts, exploration.movesTo(nearest.state)),
  };
}
