/**
 * What a machine can ask of its surroundings. Every machine emits one kind of event, `effects`, with a list of these;
 * `model/cluster/` carries them out. A machine has no other way to reach out: it reads nobody else's state.
 */
import type { Observation } from "../spec/cluster-view.ts";
import type { Completion } from "./client-operation.ts";
import type { RequestBody, ResponseBody } from "./message.ts";

export type Effect =
  /** Sends a request over this machine's connection to a node (opened where there is none). */
  | { readonly kind: "request"; readonly to: string; readonly body: RequestBody }
  /** Answers the request that is being served on a connection. */
  | { readonly kind: "reply"; readonly connection: string; readonly body: ResponseBody }
  /** Client side: gives up this machine's connection to a node, with all that is in flight on it. */
  | { readonly kind: "close"; readonly to: string }
  /** Server side: closes a connection, so that its client finds itself disconnected. */
  | { readonly kind: "reset"; readonly connection: string }
  /** Hands an event to another machine of the same node, within the same step. */
  | { readonly kind: "local"; readonly to: string; readonly event: LocalEvent }
  /** Creates a machine of the same node. */
  | { readonly kind: "create"; readonly id: string; readonly machine: "batch"; readonly input: unknown }
  /** The process has died: its volatile machines vanish, its connections break. */
  | { readonly kind: "process-died" }
  | { readonly kind: "observe"; readonly observation: Observation }
  /** The end of a client's call. */
  | { readonly kind: "complete"; readonly completion: Completion };

/** Events between the machines of one node; each machine declares those that it takes. */
export interface LocalEvent {
  readonly type: string;
}

export interface Effects {
  readonly type: "effects";
  readonly effects: readonly Effect[];
}

export function effects(...list: readonly Effect[]): Effects {
  return { type: "effects", effects: list };
}

/** A local event with its own type kept, so that a misspelt field is a type error where it is sent. */
export function local<E extends LocalEvent>(to: string, event: E): Effect {
  return { kind: "local", to, event };
}

export function observe(observation: Observation): Effect {
  return { kind: "observe", observation };
}
