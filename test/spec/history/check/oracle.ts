/**
 * A slow and obvious checker: every anomaly from its definition, by looking through the whole history for each candidate.
 * It shares nothing with the checker but the format. It answers what the history shows, before any contract.
 */
import type { HistoryOperation, PolledRecord, SentRecord, TransactionStep } from "../../../../spec/history/format.ts";

interface Call {
  readonly invocation: HistoryOperation;
  readonly completion: HistoryOperation | null;
}

interface Sent extends SentRecord {
  readonly call: Call;
}

interface Read {
  readonly key: string;
  readonly offset: number;
  readonly value: string;
  readonly operation: HistoryOperation;
  readonly call: Call;
}

const clientOf = (process: string) => process.split("/")[0] ?? process;
const stepsOf = (one: HistoryOperation): readonly TransactionStep[] => {
  if (one.f === "txn") return one.value;
  if (one.f === "send") return [{ send: one.value }];
  return one.f === "poll" ? [{ poll: one.value }] : [];
};
const sentIn = (one: HistoryOperation) => stepsOf(one).flatMap((step) => ("send" in step ? step.send : []));
const readsIn = (one: HistoryOperation): (readonly [string, PolledRecord])[] =>
  stepsOf(one).flatMap((step) =>
    "poll" in step
      ? Object.keys(step.poll)
          .sort()
          .flatMap((key) => (step.poll[key] ?? []).map((record) => [key, record] as const))
      : [],
  );

/** Names of what is found, each with key and value where the definition has one, sorted. */
export function askOracle(operations: readonly HistoryOperation[]): readonly string[] {
  const calls: Call[] = operations
    .filter(({ type }) => type === "invoke")
    .map((invocation) => {
      const after = operations.filter(
        ({ index, process }) => index > invocation.index && process === invocation.process,
      );
      return { invocation, completion: after[0] ?? null };
    });
  const outcome = (call: Call) => call.completion?.type ?? "open";
  const sent: Sent[] = calls.flatMap((call) =>
    sentIn(call.invocation).map((record, place) => {
      const offset = outcome(call) === "ok" && call.completion ? sentIn(call.completion)[place]?.offset : undefined;
      return { ...record, call, ...(offset === undefined ? {} : { offset }) };
    }),
  );
  const reads: Read[] = calls.flatMap((call) =>
    (call.completion === null ? [] : readsIn(call.completion)).map(([key, [offset, value]]) => {
      return { key, offset, value, operation: call.completion ?? call.invocation, call };
    }),
  );
  const isFinal = ({ operation }: Read) =>
    operation.f === "poll" && operation.final === true && operation.type === "ok";
  const found = new Set<string>();
  const pairs = [...new Set([...sent, ...reads].map(({ key, value }) => JSON.stringify([key, value])))].map(
    (text): [string, string] => JSON.parse(text),
  );
  const readsOf = (key: string, value: string) => reads.filter((one) => one.key === key && one.value === value);
  const sendOf = (key: string, value: string) => sent.find((one) => one.key === key && one.value === value);
  const placesOf = (key: string, value: string) => {
    const told = sendOf(key, value)?.offset;
    return new Set([...readsOf(key, value).map(({ offset }) => offset), ...(told === undefined ? [] : [told])]);
  };

  for (const [key, value] of pairs) {
    const places = placesOf(key, value);
    const send = sendOf(key, value);
    const own = readsOf(key, value);
    if (places.size > 1) found.add(`duplicate ${key} ${value}`);
    for (const [otherKey, other] of pairs) {
      if (otherKey !== key || other === value) continue;
      for (const offset of placesOf(key, other))
        if (places.has(offset)) found.add(`inconsistent-offsets ${key} ${offset}`);
    }
    const told = send?.offset;
    if (told !== undefined && own.length > 0 && !own.some(({ offset }) => offset === told)) {
      found.add(`acknowledged-offset-differs ${key} ${value}`);
    }
    if (send === undefined) {
      const first = Math.min(...own.map(({ offset }) => offset));
      const standing = sent.some((one) => one.key === key && placesOf(key, one.value).has(first));
      const elsewhere = sent.some((one) => one.value === value);
      found.add(`${standing && !elsewhere ? "corrupted" : "phantom"}-read ${key} ${value}`);
      continue;
    }
    if (outcome(send.call) === "fail" && own.some(({ operation }) => operation.type === "ok"))
      found.add(`G1a ${key} ${value}`);
    const early = own.some(({ operation }) => operation.type === "ok" && operation.index < send.call.invocation.index);
    if (early) found.add(`G1c-realtime ${key} ${value}`);
    lost(key, value, send, own);
  }

  /** When the value was committed: told so, or proven by a read of another value of its transaction. */
  function committedAt({ call }: Sent): number | null {
    if (outcome(call) === "ok") return call.completion?.index ?? null;
    if (call.invocation.f !== "txn" || outcome(call) === "fail") return null;
    const siblings = sent.filter((one) => one.call === call);
    const proofs = reads.filter(
      ({ operation, key, value }) =>
        operation.type === "ok" && siblings.some((one) => one.key === key && one.value === value),
    );
    return proofs.length === 0 ? null : Math.min(...proofs.map(({ operation }) => operation.index));
  }

  function lost(key: string, value: string, send: Sent, own: readonly Read[]): void {
    const committed = committedAt(send);
    if (committed === null) return;
    const ended = endOf(key, committed);
    if (own.length > 0) {
      if (ended && !own.some(isFinal)) found.add(`lost-after-read ${key} ${value}`);
      return;
    }
    const last = Math.max(...placesOf(key, value));
    const read = reads.filter((one) => one.key === key);
    const highest = Math.max(-1, ...read.map((one) => Math.min(...placesOf(key, one.value))));
    const name = last >= 0 && last <= highest ? "lost-write" : ended ? "unseen" : null;
    if (name === null) return;
    found.add(`${name} ${key} ${value}`);
    const { call } = send;
    const siblings = sent.filter((one) => one.call === call && readsOf(one.key, one.value).length > 0);
    if (call.invocation.f === "txn" && siblings.length > 0) found.add(`torn-transaction ${call.invocation.index}`);
  }

  /** Was the key read to its end, asked for after this moment, by a reader whose place was not in doubt? */
  function endOf(key: string, after: number): boolean {
    return calls.some(({ invocation, completion }) => {
      if (completion?.f !== "poll" || completion.final !== true || completion.type !== "ok") return false;
      const doubts = operations.filter(
        (one) => one.process === completion.process && one.index < completion.index && one.f === "poll" && one.final,
      );
      if (doubts.some(({ type }) => type === "info")) return false;
      return invocation.index > after && completion.value[key]?.length === 0;
    });
  }

  for (const { invocation, completion } of calls) {
    if (invocation.f !== "txn" || completion === null) continue;
    for (const [key, [, value]] of readsIn(completion)) {
      if (sentIn(invocation).some((one) => one.key === key && one.value === value))
        found.add(`precommitted-read ${key} ${value}`);
    }
  }
  deliveries(operations, found);
  return [...found].sort();
}

/** Each client's reads one after the other, a key at a time, from one placing to the next. */
function deliveries(operations: readonly HistoryOperation[], found: Set<string>): void {
  for (const [at, operation] of operations.entries()) {
    if (operation.type === "invoke") continue;
    const own = readsIn(operation);
    for (const [place, [key, [offset]]] of own.entries()) {
      const inside = own.slice(0, place).findLast(([other]) => other === key);
      if (inside !== undefined && inside[1][0] >= offset) found.add(`int-nonmonotonic-poll ${operation.index} ${key}`);
      if (inside !== undefined || operation.type !== "ok") continue;
      const before = lastOf(operations.slice(0, at), clientOf(operation.process), key);
      if (before !== null && before >= offset) found.add(`nonmonotonic-poll ${operation.index} ${key}`);
    }
  }
}

function lastOf(earlier: readonly HistoryOperation[], client: string, key: string): number | null {
  for (const operation of [...earlier].reverse()) {
    if (clientOf(operation.process) !== client || operation.type === "invoke") continue;
    if (operation.f === "restart" && operation.type !== "fail") return null;
    const ends = operation.f === "poll" && operation.final === true && operation.type === "ok";
    if (ends && (Object.keys(operation.value).length === 0 || operation.value[key]?.length === 0)) return null;
    if (operation.type !== "ok") continue;
    const last = readsIn(operation).findLast(([other]) => other === key);
    if (last !== undefined) return last[1][0];
  }
  return null;
}
