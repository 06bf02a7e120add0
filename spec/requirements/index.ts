/** Every requirement, in the order of the contract. */
import type { Requirement } from "../requirement.ts";
import { ack1 } from "./ack.ts";
import { alo1 } from "./alo.ts";
import { bat1 } from "./bat.ts";
import { con1, con2, con3 } from "./con.ts";
import { dur1, dur2 } from "./dur.ts";
import { ele1, ele2 } from "./ele.ts";
import { hw1, hw2, hw3 } from "./hw.ts";
import { isr1 } from "./isr.ts";
import { liv1 } from "./liv.ts";
import { log1, log2 } from "./log.ts";
import { par1 } from "./par.ts";
import { ret1 } from "./ret.ts";

export const requirements: readonly Requirement[] = [
  dur1,
  dur2,
  hw1,
  hw2,
  hw3,
  log1,
  log2,
  isr1,
  ele1,
  ele2,
  ack1,
  alo1,
  con1,
  con2,
  con3,
  bat1,
  par1,
  ret1,
  liv1,
];

/** Those with these ids, in the order of all requirements. */
export function requirementsByIds(ids: readonly string[]): readonly Requirement[] {
  return requirements.filter(({ id }) => ids.includes(id));
}

/** The requirement with that id (`DUR-1`), or `undefined`. */
export function requirementById(id: string): Requirement | undefined {
  return requirements.find((requirement) => requirement.id === id);
}
