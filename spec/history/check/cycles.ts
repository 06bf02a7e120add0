/**
 * Calls that depend on each other in a circle: G0 and G1c, also where the order within a process or in real time closes
 * it. Nodes are the calls that write. Their edges: *ww*, one's value stands right before the other's; *wr*, a transaction
 * has read the other's value; *process*, the next call of the same process; *realtime*, one was over (acknowledged, or
 * read) before the other was begun.
 *
 * Calls are numbered in the order of their invocations, so only an edge to a smaller number can close a circle, and a
 * circle lies within one unbroken stretch under such edges. Only these stretches are looked at. For real time each holds a
 * chain of moments: a call leads to the moment at which it was over, a moment to the next one and to the calls begun
 * before that. So there are no more edges than twice the nodes, and everything is linear.
 */
import { entryOf } from "../judge/calls.ts";
import { witness } from "../judge/finding.ts";
import { never } from "./column.ts";
import { componentsOf, shortestWay } from "./components.ts";
import { readUncommitted } from "./log-anomalies.ts";
import { type LogFacts, noRow, outcomes, type Reads } from "./log-facts.ts";
import type { Step } from "./step.ts";
import type { Suspicion } from "./suspicion.ts";
import type { VersionOrder } from "./version-order.ts";

type Kind = "ww" | "wr" | "process" | "realtime";

/** `key`: on which it depends; -1 for the order of calls. */
interface Edge {
  readonly from: number;
  readonly to: number;
  readonly kind: Kind;
  readonly key: number;
}

/** What transactions have read, by the row of the value and the number of the call. */
export interface TransactionReads {
  take(step: Step, reads: Reads): void;
  readonly rows: readonly number[];
  readonly calls: readonly number[];
}

export function createTransactionReads(facts: LogFacts): TransactionReads {
  const rows: number[] = [];
  const calls: number[] = [];
  const open = new Map<string, number>();
  return {
    take({ operation }, reads) {
      if (operation.f !== "txn") return;
      if (operation.type === "invoke") {
        open.set(operation.process, facts.callCount() - 1);
        return;
      }
      const call = open.get(operation.process) ?? facts.callCount() - 1;
      open.delete(operation.process);
      if (operation.type === "fail") return;
      for (const row of reads.rows) {
        rows.push(row);
        calls.push(call);
      }
    },
    rows,
    calls,
  };
}

export function findCycles(
  facts: LogFacts,
  orders: readonly VersionOrder[],
  reads: TransactionReads,
  isCommittedReader: (client: string) => boolean,
): readonly Suspicion[] {
  const stretches = backwardStretches(facts, orders, reads);
  const suspicions = readsFromTheFuture(facts);
  if (stretches.count === 0) return suspicions;
  const edges: Edge[][] = Array.from({ length: stretches.count }, () => []);
  forEachEdge(facts, orders, reads, (edge) => {
    const stretch = stretches.of(edge.from);
    if (stretch !== -1 && stretch === stretches.of(edge.to)) edges[stretch]?.push(edge);
  });
  const over = overAt(facts);
  for (const [stretch, [low, high]] of stretches.ranges.entries()) {
    const graph = withOrder(facts, edges[stretch] ?? [], low, high, over);
    suspicions.push(...cyclesIn(facts, graph, isCommittedReader));
  }
  return suspicions;
}

/** A value that was read before it was sent: the shortest circle of all. */
function readsFromTheFuture(facts: LogFacts): Suspicion[] {
  const suspicions: Suspicion[] = [];
  for (let row = 0; row < facts.valueCount(); row++) {
    const call = facts.callOf.get(row);
    const read = facts.readOkAt.get(row);
    if (call === noRow || read === never || read > facts.invoked.get(call)) continue;
    const [key, value] = [facts.keys.nameOf(facts.keyOf.get(row)), facts.nameOf(row)];
    const text = `${value} of ${key} was read before it was sent`;
    const operations = witness(read, facts.invoked.get(call));
    suspicions.push({ finding: { name: "G1c-realtime", key, value, text, operations }, premises: [] });
  }
  return suspicions;
}

/** Calls whose values stand one after the other, and calls whose values a transaction has read. */
function forEachEdge(
  facts: LogFacts,
  orders: readonly VersionOrder[],
  reads: TransactionReads,
  visit: (edge: Edge) => void,
): void {
  for (const [key, { rows }] of orders.entries()) {
    let from: number = noRow;
    for (const row of rows) {
      const to = facts.callOf.get(row);
      // A value with several places orders nothing: which of them is meant cannot be told.
      const isPlain = to !== noRow && facts.first.get(row) === facts.last.get(row);
      if (!isPlain || facts.outcome.get(to) === outcomes.fail) continue;
      if (from !== noRow && from !== to) visit({ from, to, kind: "ww", key });
      from = to;
    }
  }
  for (const [place, row] of reads.rows.entries()) {
    const [from, to] = [facts.callOf.get(row), reads.calls[place] ?? noRow];
    if (from === noRow || to === noRow || from === to) continue;
    visit({ from, to, kind: "wr", key: facts.keyOf.get(row) });
  }
}

/** The unbroken stretches of calls, by their numbers, that lie under edges to smaller numbers. */
function backwardStretches(facts: LogFacts, orders: readonly VersionOrder[], reads: TransactionReads) {
  const reach = new Map<number, number>();
  forEachEdge(facts, orders, reads, ({ from, to }) => {
    if (to < from) reach.set(to, Math.max(from, reach.get(to) ?? 0));
  });
  const ranges: [number, number][] = [];
  for (const [low, high] of [...reach].sort(([a], [b]) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && low <= last[1]) last[1] = Math.max(last[1], high);
    else ranges.push([low, high]);
  }
  const of = (call: number): number => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.[0] ?? 0) <= call) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low - 1];
    return range !== undefined && call <= range[1] ? low - 1 : -1;
  };
  return { ranges, count: ranges.length, of };
}

/** When a call was over at the latest: at its `ok`, or when an `ok` poll had read a value of it. */
function overAt(facts: LogFacts): (call: number) => number {
  const readAt = new Map<number, number>();
  for (let row = 0; row < facts.valueCount(); row++) {
    const [call, read] = [facts.callOf.get(row), facts.readOkAt.get(row)];
    if (call === noRow || read === never || read > facts.completed.get(call)) continue;
    readAt.set(call, Math.min(read, readAt.get(call) ?? never));
  }
  return (call) => {
    const ended = facts.outcome.get(call) === outcomes.ok ? facts.completed.get(call) : never;
    return Math.min(ended, readAt.get(call) ?? never);
  };
}

interface Graph {
  readonly low: number;
  /** Nodes 0 to `calls` - 1 are calls, from `low` on; those behind them are moments. */
  readonly calls: number;
  readonly nodes: number;
  readonly edges: readonly Edge[];
}

/** The edges of a stretch, by nodes, with the order of each process and that of real time. */
function withOrder(
  facts: LogFacts,
  edges: readonly Edge[],
  low: number,
  high: number,
  over: (call: number) => number,
): Graph {
  const calls = high - low + 1;
  const all: Edge[] = edges.map((edge) => ({ ...edge, from: edge.from - low, to: edge.to - low }));
  const last = new Map<number, number>();
  const moments: { readonly at: number; readonly call: number }[] = [];
  for (let call = low; call <= high; call++) {
    const before = last.get(facts.processOfCall.get(call));
    if (before !== undefined) all.push({ from: before - low, to: call - low, kind: "process", key: -1 });
    const at = over(call);
    if (facts.outcome.get(call) === outcomes.ok) last.set(facts.processOfCall.get(call), call);
    if (at !== never) moments.push({ at, call });
  }
  moments.sort((a, b) => a.at - b.at || a.call - b.call);
  let passed = 0;
  for (let call = low; call <= high; call++) {
    while ((moments[passed]?.at ?? never) < facts.invoked.get(call)) {
      const moment = calls + passed;
      all.push({ from: (moments[passed]?.call ?? low) - low, to: moment, kind: "realtime", key: -1 });
      if (passed > 0) all.push({ from: moment - 1, to: moment, kind: "realtime", key: -1 });
      passed += 1;
    }
    if (passed > 0) all.push({ from: calls + passed - 1, to: call - low, kind: "realtime", key: -1 });
  }
  return { low, calls, nodes: calls + passed, edges: all };
}

/** Each family with what may close a circle; the first that does is the one to name. */
const families: readonly { readonly name: string; readonly needs: Kind; readonly kinds: readonly Kind[] }[] = [
  { name: "G0", needs: "ww", kinds: ["ww"] },
  { name: "G1c", needs: "wr", kinds: ["wr"] },
  { name: "G1c", needs: "wr", kinds: ["ww", "wr"] },
];

const strengthenings: readonly { readonly suffix: string; readonly kind: Kind | null }[] = [
  { suffix: "", kind: null },
  { suffix: "-process", kind: "process" },
  { suffix: "-realtime", kind: "realtime" },
];

function cyclesIn(facts: LogFacts, graph: Graph, isCommittedReader: (client: string) => boolean): Suspicion[] {
  const suspicions: Suspicion[] = [];
  const known = new Set<string>();
  for (const { name, needs, kinds } of families) {
    for (const { suffix, kind } of strengthenings) {
      const edges = graph.edges.filter((edge) => kinds.includes(edge.kind) || edge.kind === kind);
      for (const circle of circlesOf(graph, edges, needs)) {
        // What is closed without this order, or without the order of writes, has been named already.
        const marks = circle.map(({ from, to }) => `${needs} ${from} ${to}`);
        if (marks.some((mark) => known.has(mark))) continue;
        for (const mark of marks) known.add(mark);
        suspicions.push(describe(facts, graph, `${name}${suffix}`, circle, isCommittedReader));
      }
    }
  }
  return suspicions;
}

/** Of each component one short circle that has an edge of this kind. */
function circlesOf(graph: Graph, edges: readonly Edge[], needs: Kind): readonly (readonly Edge[])[] {
  const component = componentsOf(graph.nodes, listed(edges));
  const inside = new Map<number, Edge[]>();
  for (const edge of edges) {
    const one = component[edge.from] ?? -1;
    if (one === component[edge.to]) entryOf(inside, one, () => []).push(edge);
  }
  return [...inside.values()].flatMap((own) => {
    const needed = own.find(({ kind }) => kind === needs);
    if (needed === undefined) return [];
    const way = shortestWay(listed(own), needed.to, needed.from) ?? [];
    return [[needed, ...way.flatMap((number) => own[number] ?? [])]];
  });
}

function listed(edges: readonly Edge[]) {
  return { from: edges.map(({ from }) => from), to: edges.map(({ to }) => to) };
}

function describe(
  facts: LogFacts,
  { low, calls }: Graph,
  name: string,
  circle: readonly Edge[],
  isCommittedReader: (client: string) => boolean,
): Suspicion {
  const own = circle.filter(({ from }) => from < calls);
  const indices = own.flatMap(({ from }) => [facts.invoked.get(from + low), facts.completed.get(from + low)]);
  const key = circle.find((edge) => edge.key !== -1)?.key ?? 0;
  const steps = own.map(({ from, kind, key: on }) => {
    const words = { ww: "is before, on", wr: "is read, on", process: "is over before", realtime: "is over before" }[
      kind
    ];
    const where = on === -1 ? "" : ` ${facts.keys.nameOf(on)}`;
    return `the call of index ${facts.invoked.get(from + low)} ${words}${where}`;
  });
  const first = facts.invoked.get((own[0]?.from ?? 0) + low);
  const text = `${steps.join(", ")}, and so back to that of index ${first}`;
  const operations = witness(...indices.map((index) => (index === never ? undefined : index)));
  const readers = circle
    .filter(({ kind }) => kind === "wr")
    .map(({ to }) => facts.clients.nameOf(facts.clientOfCall.get(to + low)));
  const needsWrites = circle.some(({ kind }) => kind === "ww");
  const premises = needsWrites
    ? [{ kind: "never", because: "Kafka does not isolate writes" } as const]
    : readers.every(isCommittedReader)
      ? []
      : [readUncommitted];
  return { finding: { name, key: facts.keys.nameOf(key), text, operations }, premises };
}
