/** Does a finding count, or did the contract not promise that it cannot be? Every premise of it is asked. */
import { topicOf } from "../../config/cluster-config.ts";
import { textbookPartitioner } from "../../config/partitioner-class.ts";
import { acknowledgementPromised, readPromised, safeElections } from "../../safety.ts";
import type { Finding } from "../judge/finding.ts";
import { type Circumstances, whenHistoryHasSafeDisks } from "./circumstances.ts";
import { type HistoryContract, hasKey, retentionMayTake, writesOnce } from "./history-contract.ts";
import type { Premise, Suspicion } from "./suspicion.ts";

/** `offsets.retention.minutes`, Kafka's default. */
const offsetsRetentionMs = 7 * 24 * 60 * 60 * 1000;

/** Why the finding is allowed; `null`: it counts. */
export function allowedBecause(
  { finding, premises }: Suspicion,
  contract: HistoryContract,
  circumstances: Circumstances,
): string | null {
  if (!hasKey(contract, finding.key)) return `the contract has no ${finding.key}`;
  for (const premise of premises) {
    const because = unmet(premise, finding, contract, circumstances);
    if (because !== null) return because;
  }
  return null;
}

function unmet(premise: Premise, finding: Finding, contract: HistoryContract, around: Circumstances): string | null {
  const { key } = finding;
  const { config } = contract;
  switch (premise.kind) {
    case "never":
      return premise.because;
    case "acknowledged-stays":
      return acknowledgedStays(premise.producer, finding, contract, around);
    case "read-stays":
      if (config === null) return null;
      if (!readPromised(config, { partition: key })) {
        return `what was read of ${key} is not promised to stay: that takes clean elections, min ISR 2 or more and profile 3.7`;
      }
      return lostByPower(finding, contract, around);
    case "seen-stays": {
      const acknowledged = acknowledgedStays(premise.producer, finding, contract, around);
      return acknowledged === null ? null : unmet({ kind: "read-stays" }, finding, contract, around);
    }
    case "clean":
      return unclean(finding, contract) ?? lostByPower(finding, contract, around);
    case "not-gone":
      return mayHaveGone(contract, around, key, finding.offset ?? 0);
    case "nothing-gone":
      return mayHaveGone(contract, around, key, -1);
    case "once":
      return notOnce(premise.producer, contract, around);
    case "in-order":
      return notInOrder(premise, contract, around);
    case "from-the-start":
      return startsElsewhere(contract, premise.group);
    case "commits-stay":
      if (around.lastsMs() >= offsetsRetentionMs)
        return "committed offsets may have expired (offsets.retention.minutes)";
      return around.stoppedBefore(Number.POSITIVE_INFINITY).power ? powerLoss : null;
    case "commits-shown":
      return commitsByItself(contract, premise.group);
    case "acks-all":
      if (config === null || config.producers[premise.producer]?.acks === -1) return null;
      return `${premise.producer} does not have acks=all`;
    case "by-key":
      return goesByKey(contract, premise.producer) ? null : `${premise.producer} does not go by the key`;
  }
}

const powerLoss = "a power loss may have taken records from a disk";

function acknowledgedStays(
  producer: string,
  finding: Finding,
  contract: HistoryContract,
  around: Circumstances,
): string | null {
  const { config } = contract;
  if (config === null) return null;
  const { key } = finding;
  if (config.producers[producer]?.acks !== -1) return `${producer || "its producer"} does not have acks=all`;
  if (!acknowledgementPromised(config, { producer, partition: key })) return unclean(finding, contract);
  return lostByPower(finding, contract, around);
}

function unclean({ key }: Finding, { config }: HistoryContract): string | null {
  if (config === null || safeElections(config, key)) return null;
  return topicOf(config, key)["unclean.leader.election.enable"]
    ? `unclean.leader.election.enable is true for ${key}`
    : "followers do not reconcile by leader epoch (log.reconciliation)";
}

function lostByPower(finding: Finding, { config }: HistoryContract, around: Circumstances): string | null {
  if (config === null) return null;
  return whenHistoryHasSafeDisks(around, config, finding).excuse === undefined ? null : powerLoss;
}

function mayHaveGone(contract: HistoryContract, around: Circumstances, key: string, offset: number): string | null {
  if (around.deletedBelow(key) > Math.max(0, offset)) return "DeleteRecords may have taken it";
  return retentionMayTake(contract, key, around.lastsMs()) ? "retention may have taken it" : null;
}

function notOnce(producer: string, contract: HistoryContract, around: Circumstances): string | null {
  const once = writesOnce(contract, producer);
  if (once === "always") return null;
  if (once === null) return `${producer || "its producer"} retries without idempotence`;
  return around.hasRestarted(producer) ? `${producer} was started again: a new session writes anew` : null;
}

function notInOrder(
  { producer, bothAcknowledged }: Extract<Premise, { kind: "in-order" }>,
  contract: HistoryContract,
  around: Circumstances,
): string | null {
  const once = notOnce(producer, contract, around);
  if (once !== null || writesOnce(contract, producer) !== "always") return once;
  return bothAcknowledged ? null : "without idempotence, a write that was not acknowledged may come late";
}

function startsElsewhere({ config }: HistoryContract, group: string): string | null {
  if (config === null) return null;
  const members = Object.entries(config.consumers).filter(([, settings]) => settings["group.id"] === group);
  if (members.length === 0) return `the contract names no consumer of ${group}`;
  const other = members.find(([, settings]) => settings["auto.offset.reset"] !== "earliest");
  return other === undefined ? null : `auto.offset.reset of ${other[0]} is not earliest`;
}

function commitsByItself({ config }: HistoryContract, group: string): string | null {
  const members = Object.entries(config?.consumers ?? {}).filter(([, settings]) => settings["group.id"] === group);
  const auto = members.find(([, settings]) => settings["enable.auto.commit"]);
  return auto === undefined ? null : `${auto[0]} commits by itself (enable.auto.commit)`;
}

/** Is the partition of a record with a key chosen by the key? */
export function goesByKey({ config }: HistoryContract, producer: string): boolean {
  if (config === null) return true;
  const settings = config.producers[producer];
  if (settings === undefined || settings["partitioner.ignore.keys"]) return false;
  return [null, textbookPartitioner].includes(settings["partitioner.class"]);
}
