/**
 * `lost-commit`: a client of a group commits, crashes and starts again, and then reads from before the offset that was
 * committed last, though nobody has moved its position. Judged where the group has this one client.
 */
import { clientOf, type HistoryOperation } from "../../spec/history/format.ts";
import type { Finding } from "../../spec/history/judge/finding.ts";
import type { TopicPartition } from "../../spec/vocabulary.ts";

interface Committed {
  readonly offset: number;
  readonly index: number;
}

export function lostCommits(history: readonly HistoryOperation[]): readonly Finding[] {
  const found: Finding[] = [];
  const committed = new Map<string, Map<TopicPartition, Committed>>();
  /** Per client, the keys of which it has read nothing since it was started again. */
  const fresh = new Map<string, Map<TopicPartition, Committed>>();
  for (const operation of history) {
    const client = clientOf(operation.process);
    switch (operation.f) {
      case "commit":
        if (operation.type === "ok") note(committed, client, operation.value.offsets, operation.index);
        // Whether it was taken is not known, so neither is where the client goes on.
        else if (operation.type === "info") committed.delete(client);
        break;
      case "restart":
        if (operation.type === "ok") fresh.set(client, new Map(committed.get(client) ?? []));
        break;
      case "assign":
        if (operation.type === "ok") fresh.delete(client);
        break;
      case "seek":
        for (const key of Object.keys(operation.value)) fresh.get(client)?.delete(key);
        break;
      case "poll":
        if (operation.type === "ok") found.push(...judgePoll(client, operation, fresh.get(client)));
        break;
      default:
    }
  }
  return found;
}

function note(
  committed: Map<string, Map<TopicPartition, Committed>>,
  client: string,
  offsets: Readonly<Record<TopicPartition, number>>,
  index: number,
): void {
  const known = committed.get(client) ?? new Map<TopicPartition, Committed>();
  for (const [key, offset] of Object.entries(offsets)) known.set(key, { offset, index });
  committed.set(client, known);
}

function judgePoll(
  client: string,
  operation: Extract<HistoryOperation, { f: "poll" }>,
  fresh: Map<TopicPartition, Committed> | undefined,
): readonly Finding[] {
  return Object.entries(operation.value).flatMap(([key, [first]]) => {
    const expected = fresh?.get(key);
    if (first === undefined || expected === undefined) return [];
    fresh?.delete(key);
    const [offset, value] = first;
    if (offset >= expected.offset) return [];
    const text = `${client} was started again and read ${key} from ${offset}, though ${expected.offset} was committed`;
    return [{ name: "lost-commit", key, value, offset, client, text, operations: [expected.index, operation.index] }];
  });
}
