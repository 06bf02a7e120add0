/** What a search without a clock adds to its states, and what it remembers: glimpses, names in order, steps. */
import { describe, expect, it } from "vitest";
import { clusterOfDesign } from "../../../check/cluster-of-design.ts";
import { type Design, defaultBounds, defaultCluster } from "../../../check/design.ts";
import { randomWalk } from "../../../explore/random-walk.ts";
import { type Cell, emptyCell } from "../../../model/cluster/cells.ts";
import { createCompiledStepper } from "../../../model/cluster/compiled-stepper.ts";
import { createMachines, type Step } from "../../../model/cluster/machines.ts";
import { createMemoizedStepper } from "../../../model/cluster/memoized-stepper.ts";
import { namesInOrder, renamed, withBatchesInOrder } from "../../../model/cluster/renumbered.ts";
import type { Connection } from "../../../model/cluster/state.ts";
import { parseCluster } from "../../../spec/config/parse-cluster.ts";

function designWith(channels: Design["channels"]): Design {
  const parsed = parseCluster(defaultCluster);
  if (!parsed.ok) throw new Error("the default cluster is refused");
  const faults = { kill: 2, "power-off": 1, pause: 1, cut: 2, delay: 2 };
  return { config: parsed.config, faults, bounds: { ...defaultBounds, records: 3, attempts: 3 }, channels };
}

describe("glimpses", () => {
  it.each(["rendezvous", "queued"] as const)("say what is seen of their sources in every state (%s)", (channels) => {
    const cluster = clusterOfDesign(designWith(channels));
    const { glimpses, slots } = cluster.setting;
    const first = Math.max(...Object.values(slots)) + 1;
    let looked = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      randomWalk(cluster, {
        seed,
        maxSteps: 120,
        onStep(_state, _choice, _label, next) {
          expect(next).toEqual(glimpses.added(next.slice(0, first)));
          looked += 1;
        },
      });
    }
    expect(looked).toBeGreaterThan(1000);
  });
});

describe("connections", () => {
  const connection = (number: number, state: Connection["state"]): Connection => ({
    id: `p→b1#${number}`,
    client: "p",
    server: "b1",
    state,
    serving: true,
    requests: [],
    responses: [],
  });
  const cell = (...connections: readonly Connection[]): Cell => ({
    machines: Object.fromEntries(
      connections.map(({ id }) => [
        `b1/serve/${id}`,
        { kind: "produce-request", value: "waiting", context: { id: `b1/serve/${id}`, connection: id } },
      ]),
    ),
    timers: connections.map(({ id }) => ({ machine: `b1/serve/${id}`, id: "x", event: { type: "x" } })),
    connections,
  });

  it("are numbered by what they are, with all that is served on them", () => {
    const [late, early] = [cell(connection(1, "open")), cell(connection(0, "open"))];
    expect(renamed(late, namesInOrder(late.connections))).toEqual(early);
    expect(namesInOrder(early.connections).size).toBe(0);
    const [one, other] = [
      cell(connection(0, "open"), connection(1, "abandoned")),
      cell(connection(0, "abandoned"), connection(1, "open")),
    ];
    const inOrder = (some: Cell) => renamed(some, namesInOrder(some.connections));
    expect(inOrder(one)).toEqual(inOrder(other));
  });
});

describe("batches", () => {
  const producer = (inFlight: readonly number[], queue: readonly number[]): Cell => ({
    ...emptyCell,
    machines: {
      p: {
        kind: "producer",
        value: "running",
        context: {
          inFlight: [{ broker: 1, batches: inFlight.map((slot) => ({ slot })) }],
          undecided: [],
          queue: queue.map((slot) => ({ slot })),
        },
      },
      ...Object.fromEntries(
        [...inFlight, ...queue].map((slot) => [`p/batch-${slot}`, { kind: "batch", value: "x", context: { slot } }]),
      ),
    },
    timers: [...inFlight, ...queue].map((slot) => ({ machine: `p/batch-${slot}`, id: "x", event: { type: "x" } })),
  });

  it("are numbered in the order in which they were sent, then of the queue", () => {
    expect(withBatchesInOrder(producer([2], [0]))).toEqual(producer([0], [1]));
    const inOrder = producer([0, 1], [2]);
    expect(withBatchesInOrder(inOrder)).toBe(inOrder);
  });
});

describe("a stepper that remembers", () => {
  it("takes every step once, and tells events apart", () => {
    const stepper = createCompiledStepper(createMachines());
    const taken: string[] = [];
    const counting = {
      create: stepper.create,
      step(state: Step["state"], event: { readonly type: string }) {
        taken.push(event.type);
        return stepper.step(state, event);
      },
    };
    const remembering = createMemoizedStepper(counting);
    const input = { follower: 2, replica: "b1/t-0", lagTimeMs: 1000 };
    const { state } = remembering.create("follower-lag", input);
    expect(remembering.create("follower-lag", { ...input }).state).toBe(state);
    const began = remembering.step(state, { type: "term-began", inIsr: true } as { type: string });
    expect(remembering.step(state, { type: "term-began", inIsr: true } as { type: string })).toBe(began);
    const other = remembering.step(state, { type: "term-began", inIsr: false } as { type: string });
    expect(taken).toEqual(["term-began", "term-began"]);
    expect([began.state.value, other.state.value]).toEqual(["caughtUp", "lagging"]);
    expect(began).toEqual(stepper.step(state, { type: "term-began", inIsr: true } as { type: string }));
  });
});
