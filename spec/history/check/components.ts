/** Circles in a graph: strongly connected components (Tarjan 1972, without recursion) and a shortest way round. */

export interface Edges {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** For each node the number of its component. Linear in nodes and edges. */
export function componentsOf(nodes: number, edges: Edges): Int32Array {
  const { starts, targets } = adjacency(nodes, edges);
  const component = new Int32Array(nodes).fill(-1);
  const order = new Int32Array(nodes).fill(-1);
  const lowest = new Int32Array(nodes);
  const nextEdge = starts.slice();
  const waiting: number[] = [];
  const path: number[] = [];
  let visited = 0;
  let components = 0;
  const enter = (node: number) => {
    order[node] = visited;
    lowest[node] = visited;
    visited += 1;
    waiting.push(node);
    path.push(node);
  };
  for (let root = 0; root < nodes; root++) {
    if (order[root] !== -1) continue;
    enter(root);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = nextEdge[node] ?? 0;
      if (edge < (starts[node + 1] ?? 0)) {
        nextEdge[node] = edge + 1;
        const target = targets[edge] ?? 0;
        if (order[target] === -1) enter(target);
        else if (component[target] === -1) lower(lowest, node, order[target] ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(lowest, parent, lowest[node] ?? 0);
      if (lowest[node] !== order[node]) continue;
      for (let member = waiting.pop(); member !== undefined; member = waiting.pop()) {
        component[member] = components;
        if (member === node) break;
      }
      components += 1;
    }
  }
  return component;
}

/** The numbers of the edges of a shortest way from one node to another; `null` if there is none. Linear in the edges. */
export function shortestWay({ from, to }: Edges, start: number, goal: number): readonly number[] | null {
  const leaving = new Map<number, number[]>();
  for (const [edge, node] of from.entries()) {
    const known = leaving.get(node);
    if (known === undefined) leaving.set(node, [edge]);
    else known.push(edge);
  }
  const cameBy = new Map<number, number>();
  const seen = new Set([start]);
  for (let level = [start]; level.length > 0 && !seen.has(goal); ) {
    const next: number[] = [];
    for (const edge of level.flatMap((node) => leaving.get(node) ?? [])) {
      const target = to[edge] ?? start;
      if (seen.has(target)) continue;
      seen.add(target);
      cameBy.set(target, edge);
      next.push(target);
    }
    level = next;
  }
  if (!seen.has(goal)) return null;
  const way: number[] = [];
  for (let node = goal; node !== start; ) {
    const edge = cameBy.get(node) ?? 0;
    way.push(edge);
    node = from[edge] ?? start;
  }
  return way.reverse();
}

function lower(lowest: Int32Array, node: number, value: number): void {
  lowest[node] = Math.min(lowest[node] ?? 0, value);
}

/** Where the edges of each node begin, and their targets from there. */
function adjacency(nodes: number, { from, to }: Edges) {
  const starts = new Int32Array(nodes + 1);
  for (const node of from) starts[node + 1] = (starts[node + 1] ?? 0) + 1;
  for (let node = 0; node < nodes; node++) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  const fill = starts.slice();
  const targets = new Int32Array(from.length);
  for (const [number, node] of from.entries()) {
    const place = fill[node] ?? 0;
    fill[node] = place + 1;
    targets[place] = to[number] ?? 0;
  }
  return { starts, targets };
}
