/**
 * What stands under `config` in a trace file: the run of a scenario on the cluster with a clock, or a counterexample of a
 * check on the cluster without one; and what it was found to violate.
 */
import * as z from "zod";
import type { Design } from "../check/design.ts";
import type { ClientOperation } from "../model/client-operation.ts";
import type { ExternalChoice } from "../model/cluster/choice.ts";
import type { FaultBudget } from "../model/cluster/untimed-faults.ts";
import { plantedBugById } from "../model/plants/planted-bugs.ts";
import { closedObject } from "../scenarios/grammar/closed-object.ts";
import { problemsOf } from "../scenarios/grammar/zod-problems.ts";
import type { Problem } from "../scenarios/problem.ts";
import { parseCluster } from "../spec/config/parse-cluster.ts";
import { requirementById } from "../spec/requirements/index.ts";
import type { Fault } from "../spec/subject.ts";

/** More than this no counterexample has, and a wrong number must not fill the memory. */
const countMax = 10_000;

const count = z.int().min(0).max(countMax);
const offset = z.int().min(0);
const text = z.string();
const keeps = z.record(text, offset);

const faultKinds = "kill, start, pause, resume, power-off, cut, heal, heal-all, hold, release";

const fault: z.ZodType<Fault> = z.discriminatedUnion(
  "kind",
  [
    closedObject({ kind: z.enum(["kill", "start", "pause", "resume"]), broker: z.int().min(1) }),
    closedObject({ kind: z.literal("power-off"), broker: z.int().min(1), keeps }),
    closedObject({ kind: z.enum(["cut", "heal"]), between: z.tuple([text, text]) }),
    closedObject({ kind: z.literal("heal-all") }),
    closedObject({ kind: z.enum(["hold", "release"]), from: text, to: text, message: text }),
  ],
  { error: `a fault (${faultKinds})` },
);

const operationNames = "send, flush, poll, commit, assign, seek, delete-records, crash, restart";

const operation: z.ZodType<ClientOperation> = z.discriminatedUnion(
  "f",
  [
    closedObject({
      f: z.literal("send"),
      to: text,
      records: z.array(closedObject({ key: text.nullable(), value: text })),
    }),
    closedObject({ f: z.literal("flush") }),
    closedObject({ f: z.literal("poll"), timeoutMs: offset }),
    closedObject({ f: z.literal("commit"), offsets: keeps.nullable() }),
    closedObject({ f: z.literal("assign"), partitions: z.array(text) }),
    closedObject({ f: z.literal("seek"), partition: text, offset }),
    closedObject({ f: z.literal("delete-records"), partition: text, before: z.int() }),
    closedObject({ f: z.literal("crash") }),
    closedObject({ f: z.literal("restart") }),
  ],
  { error: `an operation (${operationNames})` },
);

const external: z.ZodType<ExternalChoice> = z.discriminatedUnion(
  "kind",
  [
    closedObject({ kind: z.literal("client"), client: text, operation }),
    closedObject({ kind: z.literal("fault"), fault }),
    closedObject({ kind: z.literal("wait"), until: offset }),
  ],
  { error: "something from outside (client, fault, wait)" },
);

const common = {
  /** Id of the planted bug that it ran with. */
  plant: text
    .refine((id) => plantedBugById(id) !== undefined, {
      error: "there is no planted bug of this name",
      params: { hint: "highwater explain --plants lists them" },
    })
    .nullable(),
  /** Each requirement that it violates, and whether that is promised. */
  found: z.array(
    closedObject({
      requirement: text.refine((id) => requirementById(id) !== undefined, {
        error: "there is no requirement of this name",
        params: { hint: "highwater explain lists them" },
      }),
      verdict: z.enum(["violated", "expected-loss"]),
    }),
  ),
};

const faults: z.ZodType<FaultBudget> = closedObject({
  kill: count,
  "power-off": count,
  pause: count,
  cut: count,
  delay: count,
});

const bounds: z.ZodType<Design["bounds"]> = closedObject({
  records: count,
  elections: count,
  attempts: count.min(1),
});

const run = closedObject({
  kind: z.literal("run"),
  /** The scenario's: modules are relative to it. */
  file: text,
  cluster: z.unknown(),
  external: z.array(external),
  ...common,
});

const check = closedObject({
  kind: z.literal("check"),
  cluster: z.unknown(),
  faults,
  bounds,
  channels: z.enum(["rendezvous", "queued"]),
  ...common,
});

const schema = z.discriminatedUnion("kind", [run, check], { error: "run or check" });

/** `cluster` is complete and valid. */
type WithCluster<Content> = Omit<Content, "cluster"> & { readonly cluster: Design["config"] };
export type TraceContent = WithCluster<z.infer<typeof run>> | WithCluster<z.infer<typeof check>>;

/** The content of a counterexample of a check. */
export function contentOfDesign(
  { config, faults, bounds, channels }: Design,
  plant: string | null,
  found: TraceContent["found"],
): TraceContent {
  return { kind: "check", cluster: config, faults, bounds, channels, plant, found };
}

/** Problems come with their paths in the trace file. */
export function readTraceContent(
  raw: unknown,
):
  | { readonly ok: true; readonly content: TraceContent }
  | { readonly ok: false; readonly problems: readonly Problem[] } {
  const read = schema.safeParse(raw);
  if (!read.success) return { ok: false, problems: problemsOf(read.error, raw, ["config"]) };
  const parsed = parseCluster(read.data.cluster);
  if (!parsed.ok) {
    const problems = parsed.problems.map(
      ({ code, path, message, hint }): Problem => ({
        code,
        path: ["config", "cluster", ...path],
        on: "value",
        message,
        hint,
      }),
    );
    return { ok: false, problems };
  }
  return { ok: true, content: { ...read.data, cluster: parsed.config } };
}
