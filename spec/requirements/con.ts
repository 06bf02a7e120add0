/** CON: what one consumer is given of one partition, and where it goes on after a restart. */
import type { ClusterView, Observation } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { deliveredOrder } from "../history/judge/order.ts";
import type { Requirement, Watch } from "../requirement.ts";
import { safeElections } from "../safety.ts";
import type { ClientId } from "../vocabulary.ts";
import { groupOf, hasGroups } from "./groups.ts";
import { judgementOf } from "./judge-history.ts";
import { type Notes, takeNotes } from "./notes.ts";

type Positioned = Extract<Observation, { kind: "positioned" }>;

/** A consumer and a partition as one key. */
const placeOf = ({ consumer, partition }: { readonly consumer: ClientId; readonly partition: string }): string =>
  `${consumer}\n${partition}`;

function forget(places: Map<string, unknown>, consumer: ClientId): void {
  for (const place of [...places.keys()])
    if (place.startsWith(placeOf({ consumer, partition: "" }))) places.delete(place);
}

export const con1: Requirement = {
  id: "CON-1",
  title: "delivery in offset order, without skipping",
  statement:
    "A consumer is given the records of a partition from its position on, offset by offset; only a seek, a reset, a truncation or a start moves the position otherwise. A reset happens by a policy, and by earliest it goes to a log start, not beyond.",
  kind: "always",
  area: "CON",
  sources: ["FetchCollector.fetchRecords", "SubscriptionState.position", "KIP-320"],
  promisedWhen: "the consumer is assigned by hand (logs have no gaps: neither transactions nor compaction)",
  applies: (config) => Object.keys(config.consumers).length > 0,
  promised: () => true,
  watch: watchOrder,
  judge(history) {
    const findings = deliveredOrder(history);
    const scopeOf = ({ client }: { readonly client?: ClientId }) => (client === undefined ? {} : { consumer: client });
    return judgementOf(findings, findings.premise, scopeOf);
  },
};

function watchOrder(): Watch {
  const positions = new Map<string, number>();
  return (view) => {
    const notes = takeNotes(() => true);
    for (const seen of view.observed) {
      if (seen.kind === "crashed") forget(positions, seen.client);
      if (seen.kind === "positioned") {
        positions.set(placeOf(seen), seen.offset);
        judgeReset(view, seen, notes);
      }
      if (seen.kind !== "delivered") continue;
      const { consumer, partition, offset, value } = seen;
      const expected = positions.get(placeOf(seen));
      positions.set(placeOf(seen), offset + 1);
      notes.examined({ consumer, partition });
      if (offset === expected) continue;
      const position = expected === undefined ? "without a position" : `at position ${expected}`;
      notes.violated(`${consumer} was given ${value} at offset ${offset} of ${partition} ${position}`, {
        consumer,
        partition,
      });
    }
    return notes.judgement();
  };
}

/** The answer may be old, but log starts only rise; after an unclean election they need not. */
function judgeReset(view: ClusterView, seen: Positioned, notes: Notes): void {
  const { consumer, partition, offset, cause } = seen;
  if (cause !== "reset" && cause !== "out-of-range") return;
  const policy = view.config.consumers[consumer]?.["auto.offset.reset"];
  const scope = { consumer, partition };
  if (policy === "none")
    notes.violated(`${consumer} was reset to offset ${offset} of ${partition} by policy none`, scope);
  if (policy !== "earliest" || !safeElections(view.config, partition)) return;
  const replicas = view.partitions.find((one) => one.partition === partition)?.replicas ?? [];
  const highest = Math.max(0, ...replicas.map(({ logStart }) => logStart));
  if (offset <= highest) return;
  const text = `${consumer} was reset to offset ${offset} of ${partition} by policy earliest; no log starts above ${highest}`;
  notes.violated(text, scope);
}

export const con2: Requirement = {
  id: "CON-2",
  title: "a restart goes on at the committed offset",
  statement:
    "A consumer without a position that finds a committed offset of its group starts there, and the next record it is given is the one at that offset. The offset that it is told is one that the group had committed last at some moment since the consumer lost its position.",
  kind: "always",
  area: "CON",
  sources: [
    "ConsumerCoordinator.initWithCommittedOffsetsIfNeeded",
    "ConsumerUtils.refreshCommittedOffsets",
    "OffsetMetadataManager.fetchOffsets",
  ],
  promisedWhen: "the group has a committed offset that is still in the log",
  applies: hasGroups,
  promised: (config, { consumer }) => (consumer === undefined ? hasGroups(config) : groupOf(config, consumer) !== null),
  watch: watchRestarts,
};

export const con3: Requirement = {
  id: "CON-3",
  title: "a commit is of the next offset to read",
  statement:
    "When a consumer commits its position, on its own or because it was called without offsets, it commits the offset after the last record that it was given, or the one at which it was to start if it was given none since.",
  kind: "always",
  area: "CON",
  sources: ["SubscriptionState.allConsumed", "ConsumerCoordinator.doAutoCommitOffsetsAsync", "KAFKA-2942"],
  promisedWhen: "always",
  applies: hasGroups,
  promised: (config, { consumer }) => (consumer === undefined ? hasGroups(config) : groupOf(config, consumer) !== null),
  watch: watchCommits,
};

function watchCommits(config: ClusterConfig): Watch {
  const next = new Map<string, number>();
  return (view) => {
    const notes = takeNotes((scope) => con3.promised(config, scope));
    for (const seen of view.observed) {
      if (seen.kind === "crashed") forget(next, seen.client);
      else if (seen.kind === "positioned") next.set(placeOf(seen), seen.offset);
      else if (seen.kind === "delivered") next.set(placeOf(seen), seen.offset + 1);
      else if (seen.kind === "committing") {
        const { consumer, partition, offset } = seen;
        const expected = next.get(placeOf(seen));
        notes.examined({ consumer, partition });
        if (offset === expected) continue;
        const text = `${consumer} commits offset ${offset} of ${partition}, the next to read is ${expected ?? "not known"}`;
        notes.violated(text, { consumer, partition });
      }
    }
    return notes.judgement();
  };
}

/** Committed offsets of one group and partition, in the order of commits; `null`, the first, is none. */
type Commits = (number | null)[];

interface GroupCommits {
  readonly group: string;
  readonly partition: string;
  readonly all: Commits;
}

interface Restarts {
  readonly groups: GroupCommits[];
  /** Per place, how many commits had been taken when the consumer last used a position: it asks after that. */
  readonly known: Map<string, number>;
  /** Per place, the committed offset at which reading is to go on. */
  readonly expected: Map<string, number>;
}

function commitsOf({ groups }: Restarts, group: string, partition: string): Commits {
  const known = groups.find((one) => one.group === group && one.partition === partition);
  if (known !== undefined) return known.all;
  const all: Commits = [null];
  groups.push({ group, partition, all });
  return all;
}

function watchRestarts(config: ClusterConfig): Watch {
  const restarts: Restarts = { groups: [], known: new Map(), expected: new Map() };
  let begun = false;
  return (view, before) => {
    const notes = takeNotes((scope) => con2.promised(config, scope));
    // What stands in the first state was committed before anybody looked.
    for (const one of begun ? [] : (before ?? view).committed) {
      commitsOf(restarts, one.group, one.partition)[0] = one.offset;
    }
    begun = true;
    for (const seen of view.observed) {
      if (seen.kind === "committed") commitsOf(restarts, seen.group, seen.partition).push(seen.offset);
      else if (seen.kind === "crashed") noteCrash(restarts, config, view, seen.client);
      else if (seen.kind === "delivered") judgeDelivery(restarts, config, seen, notes);
      else if (seen.kind === "positioned") judgeStart(restarts, config, seen, notes);
    }
    judgeCoordinator(restarts, view, notes);
    return notes.judgement();
  };
}

function noteProgress(restarts: Restarts, config: ClusterConfig, consumer: ClientId, partition: string) {
  const group = groupOf(config, consumer);
  if (group !== null)
    restarts.known.set(placeOf({ consumer, partition }), commitsOf(restarts, group, partition).length - 1);
}

function noteCrash(restarts: Restarts, config: ClusterConfig, view: ClusterView, consumer: ClientId): void {
  forget(restarts.expected, consumer);
  for (const { partition } of view.partitions) noteProgress(restarts, config, consumer, partition);
}

function judgeDelivery(
  restarts: Restarts,
  config: ClusterConfig,
  seen: Extract<Observation, { kind: "delivered" }>,
  notes: Notes,
): void {
  const { consumer, partition, offset } = seen;
  const expected = restarts.expected.get(placeOf(seen));
  restarts.expected.delete(placeOf(seen));
  noteProgress(restarts, config, consumer, partition);
  if (expected === undefined || expected === offset) return;
  const text = `${consumer} started at the committed offset ${expected} of ${partition} and was then given offset ${offset}`;
  notes.violated(text, { consumer, partition });
}

function judgeStart(restarts: Restarts, config: ClusterConfig, seen: Positioned, notes: Notes): void {
  const { consumer, partition, offset, cause, committed } = seen;
  const place = placeOf(seen);
  const group = groupOf(config, consumer);
  restarts.expected.delete(place);
  if (group !== null && (cause === "committed" || cause === "reset")) {
    const scope = { consumer, partition };
    if (committed !== null) notes.examined(scope);
    const answers = commitsOf(restarts, group, partition).slice(restarts.known.get(place) ?? 0);
    const where = `${consumer} starts at offset ${offset} of ${partition}`;
    if (!answers.includes(committed)) {
      const had = answers.map((answer) => answer ?? "none").join(", then ");
      notes.violated(`${where}, told that ${committed ?? "none"} is committed; group ${group} had ${had}`, scope);
    }
    if (committed !== null && (cause === "reset" || offset !== committed)) {
      notes.violated(`${where} by ${cause}, though it was told that ${committed} is committed`, scope);
    }
    if (cause === "committed") restarts.expected.set(place, offset);
    noteProgress(restarts, config, consumer, partition);
  }
}

/** The coordinator keeps what it has taken: the latest commit is the committed offset. */
function judgeCoordinator(restarts: Restarts, view: ClusterView, notes: Notes): void {
  for (const { group, partition } of view.committed) commitsOf(restarts, group, partition);
  for (const { group, partition, all } of restarts.groups) {
    const last = all.at(-1) ?? null;
    const kept = view.committed.find((one) => one.group === group && one.partition === partition)?.offset ?? null;
    if (last === kept) continue;
    const text = `group ${group} has ${kept ?? "nothing"} committed for ${partition}, its last commit was ${last ?? "none"}`;
    notes.violated(text, { partition });
  }
}
