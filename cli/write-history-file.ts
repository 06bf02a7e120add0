/** Writes a recorded history in the documented format, so that it can be judged again. */
import type { HistoryHeader, HistoryOperation } from "../spec/history/format.ts";
import { writeHeader, writeOperation } from "../spec/history/write-history.ts";
import { write } from "./write.ts";

/** `contract` is the cluster that was promised. */
export function writeHistoryFile(
  path: string,
  subject: string,
  contract: unknown,
  history: readonly HistoryOperation[],
): void {
  const given = JSON.parse(JSON.stringify(contract)) as HistoryHeader["contract"];
  const profile = String(given["profile"] ?? "");
  const header = writeHeader({ highwater: "history", version: 1, subject, contract: given, profile });
  write(path, [header, ...history.map(writeOperation)].map((line) => `${line}\n`).join(""));
}
