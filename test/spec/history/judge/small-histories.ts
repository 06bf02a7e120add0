/** Random small histories, right and wrong ones alike, and slow ways to look through them. */
import fc from "fast-check";
import type { HistoryOperation } from "../../../../spec/history/format.ts";
import { aHistory, commit, finalPoll, life, poll, type Step, send, transaction } from "../a-history.ts";

const keys = ["a-0", "b-0"];
const outcome = fc.constantFrom<"ok" | "ok" | "ok" | "fail" | "info">("ok", "ok", "ok", "fail", "info");

/** The calls of one process; values are `v` and numbers, some of which nobody has sent. */
type Plan = readonly Step[];

function plans(): fc.Arbitrary<readonly Plan[]> {
  const key = fc.constantFrom(...keys);
  const value = fc.nat(9).map((number) => `v${number}`);
  const records = fc.array(fc.tuple(fc.nat(5), value), { maxLength: 3 });
  const answers = fc.dictionary(
    key,
    records.map((list) => list.map(([offset, one]) => `${offset}:${one}`).join(" ")),
    { noNullPrototype: true },
  );
  const draft = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant("send"), key, fc.option(fc.nat(5)), outcome, fc.constant({})) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("txn"), key, fc.option(fc.nat(5)), outcome, fc.constant({})) },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constant("poll"), fc.constantFrom("c1", "c2"), fc.constant(null), outcome, answers),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constant("restart"), fc.constantFrom("c1", "c2"), fc.constant(null), outcome, answers),
    },
    { weight: 2, arbitrary: fc.tuple(fc.constant("commit"), fc.constantFrom("c1", "c2"), fc.nat(6), outcome, answers) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constant("final"), fc.constantFrom("r1", "r2"), fc.constant(null), outcome, answers),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constant("end"), fc.constantFrom("r1", "r2"), fc.constant(null), outcome, answers),
    },
  );
  return fc.array(draft, { minLength: 3, maxLength: 12 }).map((drafts) => {
    let sent = 0;
    return drafts.map(([kind, name, offset, type, answer]) => {
      const at = offset === null ? "" : `@${offset}`;
      switch (kind) {
        case "send":
          return send(`p${sent % 2}`, name, `v${sent++}${at}`, type);
        case "txn":
          return transaction("p3", { "a-0": `v${sent++}${at}`, "b-0": `v${sent++}` }, type);
        case "commit":
          return commit(name, "g", { "a-0": offset ?? 0 }, type);
        case "restart":
          return life(name, "restart");
        case "end":
          return finalPoll(name, { "a-0": "", "b-0": "" });
        default:
          return kind === "poll" ? poll(name, answer, type) : finalPoll(name, answer, type);
      }
    });
  });
}

/** Calls overlap where their processes differ, and the last ones of a process may never complete. */
export const smallHistories: fc.Arbitrary<HistoryOperation[]> = fc
  .tuple(plans(), fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }), fc.nat(5))
  .map(([calls, delays, cut]) => {
    const steps: Step[] = [];
    let waiting: { readonly step: Step; readonly due: number }[] = [];
    const complete = (due: (one: { readonly step: Step; readonly due: number }) => boolean) => {
      for (const { step } of waiting.filter(due)) steps.push(step);
      waiting = waiting.filter((one) => !due(one));
    };
    for (const [number, [invocation, completion]] of calls.entries()) {
      if (invocation === undefined || completion === undefined) continue;
      complete(({ step, due }) => due <= number || step.process === invocation.process);
      steps.push(invocation);
      waiting.push({ step: completion, due: number + (delays[number] ?? 0) });
    }
    if (cut > 0) complete(() => true);
    return aHistory(steps);
  });

/** The completion of an invocation: the next operation of its process. */
export function completionOf(
  operations: readonly HistoryOperation[],
  invocation: HistoryOperation,
): HistoryOperation | null {
  return operations.find((one) => one.index > invocation.index && one.process === invocation.process) ?? null;
}

/** The invocation of a completion: the last operation of its process before it. */
export function invocationOf(
  operations: readonly HistoryOperation[],
  completion: HistoryOperation,
): HistoryOperation | null {
  return operations.findLast((one) => one.index < completion.index && one.process === completion.process) ?? null;
}

export interface Read {
  readonly operation: HistoryOperation;
  readonly key: string;
  readonly value: string;
  readonly offset: number;
}

/** Everything that polls returned; within a poll by key. */
export function readsOf(operations: readonly HistoryOperation[]): Read[] {
  return operations.flatMap((operation) =>
    operation.f !== "poll"
      ? []
      : Object.entries(operation.value)
          .sort()
          .flatMap(([key, records]) => records.map(([offset, value]) => ({ operation, key, value, offset }))),
  );
}

interface Sent {
  readonly key: string;
  readonly value: string;
  /** As the completion tells. */
  readonly offset: number | undefined;
  readonly invocation: HistoryOperation;
  readonly completion: HistoryOperation | null;
}

/** Everything that sends and transactions were asked to write. */
export function recordsOf(operations: readonly HistoryOperation[]): Sent[] {
  const flat = (operation: HistoryOperation | null) => {
    if (operation?.f === "send") return operation.value;
    return operation?.f === "txn" ? operation.value.flatMap((step) => ("send" in step ? step.send : [])) : [];
  };
  return operations
    .filter((operation) => operation.type === "invoke")
    .flatMap((invocation) => {
      const completion = completionOf(operations, invocation);
      return flat(invocation).map(({ key, value }, place) => {
        return { key, value, offset: flat(completion)[place]?.offset, invocation, completion };
      });
    });
}
