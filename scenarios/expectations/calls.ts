/** Are the ends of a client's calls what the step expects? */
import type { Json } from "../../spec/history/format.ts";
import type { CallResult, PollResult, SendResult } from "../../spec/subject.ts";
import type { CallExpectation, PollExpectation, SendExpectation } from "../grammar/call-expectations.ts";
import { compare, type Mismatch } from "./mismatch.ts";

export function compareCall(expected: CallExpectation, seen: CallResult): readonly Mismatch[] {
  return [
    ...(expected.outcome === undefined ? [] : compare(["outcome"], expected.outcome, seen.outcome)),
    ...(expected.error === undefined ? [] : compare(["error"], expected.error, seen.error)),
  ];
}

/** Outcome and error apply to every record; where records differ, `seen` is the list of them. */
export function compareSend(expected: SendExpectation, seen: readonly SendResult[]): readonly Mismatch[] {
  const forAll = (path: "outcome" | "error", value: Json): readonly Mismatch[] => {
    const all = seen.map((record) => record[path]);
    const [first = null] = all;
    const alike = all.every((one) => one === first);
    return all.every((one) => one === value) ? [] : [{ path: [path], expected: value, seen: alike ? first : all }];
  };
  const forEach = (path: "partitions" | "offsets", of: (record: SendResult) => number | null): readonly Mismatch[] => {
    const list = expected[path];
    return list === undefined ? [] : compare([path], list, seen.map(of));
  };
  return [
    ...(expected.outcome === undefined ? [] : forAll("outcome", expected.outcome)),
    ...(expected.error === undefined ? [] : forAll("error", expected.error)),
    ...forEach("partitions", (record) => record.partition),
    ...forEach("offsets", (record) => record.offset),
  ];
}

/**
 * Records are exact over all partitions, and then the call must have succeeded unless the step says otherwise. Where
 * only outcome or error is expected, records are not looked at.
 */
export function comparePoll({ outcome, error, records }: PollExpectation, seen: PollResult): readonly Mismatch[] {
  const ofCall = outcome !== undefined || error !== undefined;
  const call = compareCall(ofCall ? { outcome, error } : { outcome: "ok", error: null }, seen);
  if (ofCall && Object.keys(records).length === 0) return call;
  const partitions = [...new Set([...Object.keys(records), ...Object.keys(seen.records)])];
  return [...call, ...partitions.flatMap((name) => compare([name], records[name] ?? [], seen.records[name] ?? []))];
}
