/** The same scenario on the model and on a real cluster: which of the answers to its clients differ. */
import { isDeepStrictEqual } from "node:util";
import { clientOf, type HistoryOperation, type Json } from "../../spec/history/format.ts";

export interface ComparedRuns {
  /** How many calls of clients were answered by both. */
  readonly answers: number;
  /** The first answer that differs, in words; `null`: none does. */
  readonly difference: string | null;
}

/** Calls are compared per client and in their order; times and processes are not. */
export function compareRuns(model: readonly HistoryOperation[], real: readonly HistoryOperation[]): ComparedRuns {
  const [expected, seen] = [answersOf(model), answersOf(real)];
  let answers = 0;
  for (const [client, ours] of expected) {
    const theirs = seen.get(client) ?? [];
    for (const [index, answer] of ours.entries()) {
      const other = theirs[index];
      answers += 1;
      if (isDeepStrictEqual(answer, other)) continue;
      const difference = `${client}, answer ${index + 1}: model ${shown(answer)}, Kafka ${shown(other ?? null)}`;
      return { answers, difference };
    }
  }
  return { answers, difference: null };
}

/** Final reads are left out: how many polls they take is a matter of time; what they saw is judged by the requirements. */
function answersOf(history: readonly HistoryOperation[]): ReadonlyMap<string, readonly Json[]> {
  const answers = new Map<string, Json[]>();
  for (const { f, type, value, process, error, ...rest } of history) {
    const isOfClient = f === "send" || f === "poll" || f === "commit" || f === "delete-records";
    // What a client does of its own accord (auto-commits, resets) may fall into another call.
    if (type === "invoke" || !isOfClient || "final" in rest || process.includes("/")) continue;
    const client = clientOf(process);
    answers.set(client, [...(answers.get(client) ?? []), { f, type, value: plain(value), error: error ?? null }]);
  }
  return answers;
}

/** Without keys, which an answer need not repeat, and without empty lists, which say nothing more than none. */
function plain(value: HistoryOperation["value"]): Json {
  return JSON.parse(JSON.stringify(value, (name, part) => (name === "partitionKey" ? undefined : part)));
}

function shown(answer: Json): string {
  const text = JSON.stringify(answer);
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}
