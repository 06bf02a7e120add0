/** A scenario that was read and found sound. */
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import type { Partitioners } from "../spec/partitioner.ts";
import type { FinalExpectations } from "./grammar/final-expectations.ts";
import type { Step } from "./grammar/steps.ts";
import type { Path } from "./json.ts";

export interface Scenario {
  /** The file as its user named it. */
  readonly file: string;
  readonly name: string;
  /** Ids of the requirements that it is there to show. */
  readonly shows: readonly string[];
  readonly cluster: ClusterConfig;
  /** The user's own that the cluster asks for, by their paths as written. */
  readonly partitioners: Partitioners;
  readonly steps: readonly Step[];
  readonly expect: FinalExpectations;
  /** `file:line:col` of what stands at a path of the document, or of the nearest thing above it. */
  place(path: Path, on?: "key" | "value"): string;
}
