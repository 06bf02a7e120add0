/** What can go wrong between us and a broker before there is an answer that Kafka has an error code for. */
import { SubjectError } from "../subject-error.ts";

export const wireProblems = {
  unreachable: "no connection could be made",
  untrusted: "its certificate is not trusted",
  closed: "the connection was closed before the answer",
  timeout: "no answer came in time",
  nonsense: "the answer is not one of Kafka's protocol",
  unsupported: "the broker offers no version of the request that is known here",
  refused: "the broker refuses the connection",
  false: "the broker cannot prove who it is",
  pinned: "the address is not one of those that may be contacted",
} as const;

export type WireProblem = keyof typeof wireProblems;

export class WireError extends SubjectError {
  override readonly name = "WireError";
  readonly problem: WireProblem;
  /** `host:port` */
  readonly address: string;

  constructor(problem: WireProblem, address: string, detail: string) {
    super(`${address}: ${wireProblems[problem]}${detail === "" ? "" : ` (${detail})`}`);
    this.problem = problem;
    this.address = address;
  }
}

/** How a client names it in a history: see `spec/history/error-classes.ts`. */
export function errorNameOf(error: unknown): string {
  if (!(error instanceof WireError)) throw error;
  return error.problem === "timeout" ? "TIMEOUT" : "NETWORK_EXCEPTION";
}
