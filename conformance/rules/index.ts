/** Every protocol rule, in the order in which they are asked. */
import { fetchRules } from "./fetch-rules.ts";
import { groupRules } from "./group-rules.ts";
import { idempotenceRules } from "./idempotence-rules.ts";
import { produceRules } from "./produce-rules.ts";
import type { ProtocolRule } from "./protocol-rule.ts";
import { recordRules } from "./record-rules.ts";
import { topicRules } from "./topic-rules.ts";
import { transactionRules } from "./transaction-rules.ts";

export const protocolRules: readonly ProtocolRule[] = [
  ...topicRules,
  ...produceRules,
  ...idempotenceRules,
  ...fetchRules,
  ...recordRules,
  ...groupRules,
  ...transactionRules,
];
