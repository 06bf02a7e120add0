/** Everything that there is at one moment of a walk, as lines of text. */
import type { Connection } from "../model/cluster/state.ts";
import type { PartitionView } from "../spec/cluster-view.ts";
import type { Finding, LostRecord } from "./judge-walk.ts";
import { lostFrom, printable, showRecord, showReplica, underName } from "./show-log.ts";
import type { Walk } from "./walk.ts";

/** `step` 0 is the beginning; it is at most the number of steps. Records that are lost by then are marked. */
export function showMoment({ begin, steps }: Walk, step: number, findings: readonly Finding[]): string {
  const walked = step === 0 ? undefined : steps[step - 1];
  const { view, connections, cuts } = walked?.after ?? begin;
  const time = view.time === null ? "" : `, at ${view.time} ms`;
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    [
      `${walked === undefined ? "the beginning" : `step ${step}: ${walked.label}`}${time}`,
      view.partitions.flatMap((partition) => linesOf(partition, lostFrom(findings, step))),
    ],
    [
      "acknowledged",
      view.acknowledged.map(
        (one) => `${one.value} to ${one.producer}: ${one.partition} offset ${one.offset ?? "unknown"}`,
      ),
    ],
    ["pending", view.pending.map(({ producer, partition, value }) => `${value} of ${producer} to ${partition}`)],
    ["read", view.delivered.map((one) => `${one.value} by ${one.consumer}: ${one.partition} offset ${one.offset}`)],
    [
      "positions",
      view.positions.map(({ consumer, partition, offset }) => `${consumer} ${partition}: ${offset ?? "none"}`),
    ],
    ["committed", view.committed.map(({ group, partition, offset }) => `${group} ${partition}: ${offset}`)],
    ["on its way", connections.flatMap(messagesOf)],
    ["cut links", cuts.map(([one, other]) => `${one} and ${other}`)],
  ];
  const lines = sections.flatMap(([title, found], index) => {
    const shown = found.length === 0 ? ["  nothing"] : found.map((line) => `  ${printable(line)}`);
    return [...(index === 0 ? [] : [""]), printable(title), ...shown];
  });
  return `${lines.join("\n")}\n`;
}

function linesOf(partition: PartitionView, lost: readonly LostRecord[]): readonly string[] {
  const replicas = partition.replicas.toSorted((one, other) => one.broker - other.broker);
  return underName(partition.partition, [
    showRecord(partition),
    ...replicas.map(({ alive, role, ...replica }) => {
      const shown = showReplica({ ...replica, state: alive ? role : "dead" }, partition.partition, lost);
      const isr = role === "leader" ? `  (ISR ${replica.isr.join(" ")}, maximal ${replica.maximalIsr.join(" ")})` : "";
      return `${shown}${isr}`;
    }),
  ]);
}

/** In the order in which they arrive. */
function messagesOf({ client, server, state, serving, requests, responses }: Connection): readonly string[] {
  const note = state === "open" ? "" : ` (${state})`;
  return [
    ...(serving ? [`${client} waits for the answer of ${server}${note}`] : []),
    ...requests.map(({ body }) => `${client} → ${server}: ${JSON.stringify(body)}${note}`),
    ...responses.map(({ body }) => `${server} → ${client}: ${JSON.stringify(body)}${note}`),
  ];
}
