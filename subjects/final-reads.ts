/**
 * Final reads on the model: a reader of its own, which belongs to no application, reads every partition from the
 * beginning until its leader has nothing more to give. It goes through the same channels and rules as any consumer.
 */
import { finalReader } from "../model/cluster/initial-machines.ts";
import type { ConsumerContext } from "../model/consumer/consumer-context.ts";
import { partitionsOf } from "../spec/config/cluster-config.ts";
import type { PollResult } from "../spec/subject.ts";
import type { CallLog } from "./call-log.ts";
import type { ModelRun } from "./model-run.ts";

/** How long the reader waits for a leader, or for anything that it has not been given yet, before it gives up: virtual milliseconds. */
const patienceMs = 60_000;

/** Long enough for a leader that has nothing more to say so. */
const pollMs = 1_000;

/** Unknown if a partition could not be read to its end; what was read is told all the same. */
export function readFinally(run: ModelRun, log: CallLog): PollResult {
  const partitions = partitionsOf(run.config);
  const found: Record<string, (readonly [number, string])[]> = {};
  const given = new Set<string>();
  run.take({ kind: "client", client: finalReader, operation: { f: "crash" } });
  run.take({ kind: "client", client: finalReader, operation: { f: "restart" } });
  log.note(finalReader, { f: "assign", value: { keys: partitions } });
  for (let waitedMs = 0; waitedMs < patienceMs; ) {
    const call = log.open(finalReader, { f: "poll", value: {}, final: true });
    run.take({ kind: "client", client: finalReader, operation: { f: "poll", timeoutMs: pollMs } });
    const { records } = run.untilCompleted(finalReader);
    const polled: Record<string, (readonly [number, string])[]> = {};
    const givenBefore = given.size;
    for (const { partition, offset, value } of records) {
      given.add(`${partition} ${offset} ${value}`);
      polled[partition] = [...(polled[partition] ?? []), [offset, value] as const];
      found[partition] = [...(found[partition] ?? []), [offset, value] as const];
    }
    const isEmpty = records.length === 0;
    // An empty poll counts as an answer only if every leader could give one.
    if (isEmpty && unread(run).length > 0) {
      call.complete("info", { f: "poll", value: polled, final: true, error: "TIMEOUT" });
      waitedMs += pollMs;
    } else {
      call.complete("ok", { f: "poll", value: polled, final: true });
      if (isEmpty) return { outcome: "ok", error: null, records: inOrder(found) };
      // A reader that is given the same again and again never comes to an end.
      if (given.size === givenBefore) waitedMs += pollMs;
    }
  }
  return { outcome: "unknown", error: "TIMEOUT", records: inOrder(found) };
}

/** Partitions at whose end, the high watermark of a leader in office, the reader does not stand. */
function unread(run: ModelRun): readonly string[] {
  return partitionsOf(run.config).filter((partition) => !isReadToItsEnd(run, partition));
}

function isReadToItsEnd(run: ModelRun, partition: string): boolean {
  const view = run.view().partitions.find((one) => one.partition === partition);
  const leader = view?.replicas.find(({ broker, role }) => broker === view.leader && role === "leader");
  const { positions } = run.contextOf(finalReader) as ConsumerContext;
  const position = positions.find((one) => one.partition === partition);
  return leader !== undefined && position?.offset === leader.highWatermark;
}

function inOrder(records: Record<string, readonly (readonly [number, string])[]>): PollResult["records"] {
  return Object.fromEntries(Object.entries(records).sort(([one], [other]) => (one < other ? -1 : 1)));
}
