/** A step of the cluster carries out what machines ask for. The machines here are dummies: they ask for what they are told. */
import { describe, expect, it } from "vitest";
import { noGhosts } from "../../../model/cluster/ghosts.ts";
import type { MachineState, Step, StepAction, Stepper } from "../../../model/cluster/machines.ts";
import { beginStep, type RunningStep } from "../../../model/cluster/run-step.ts";
import type { ClusterState } from "../../../model/cluster/state.ts";
import { type Effect, local, observe } from "../../../model/effect.ts";
import type { RequestBody, ResponseBody } from "../../../model/message.ts";
import { configWith, log } from "../../spec/cluster-views.ts";

interface Told {
  readonly type: string;
  readonly actions?: readonly StepAction[];
  readonly done?: boolean;
}

const tell = (...actions: readonly StepAction[]): Told => ({ type: "told", actions });

/** A dummy keeps the last event as its value, and its input as its context. */
const stepper: Stepper = {
  create: (kind, input) => does({ kind, value: "new", context: input }, (input ?? {}) as Told),
  step: (state, event) => does({ ...state, value: event }, event),
};

function does(state: MachineState, { actions = [], done = false }: Partial<Told>): Step {
  return { state, actions, done };
}

const order = ["controller", "b1", "b2", "p1", "c1"];
const setting = {
  stepper,
  config: { ...configWith(), "network.delay.ms": 3 },
  rank: (machine: string) => order.indexOf(machine.split("/")[0] ?? ""),
};

const dummy = (kind: MachineState["kind"], context: unknown = {}): MachineState => ({ kind, value: "idle", context });

const running: MachineState = { ...dummy("broker"), value: { alive: { membership: { registered: "resting" } } } };

const begin: ClusterState = {
  now: 5,
  machines: {
    controller: dummy("coordinator"),
    "controller/b1": dummy("broker-session"),
    "controller/t-0": dummy("partition"),
    b1: running,
    "b1/t-0": dummy("replica", { broker: 1, highWatermark: 2 }),
    b2: running,
    p1: dummy("producer"),
    c1: dummy("consumer"),
    "final-reader": dummy("consumer"),
  },
  timers: [],
  connections: [],
  cuts: [],
  holds: [],
  taken: {},
  ghosts: noGhosts,
  observed: [],
  completed: [],
};

/** The state after a step at 10 ms. */
function stepping(run: (step: RunningStep) => void, state: ClusterState = begin): ClusterState {
  const step = beginStep(state, 10, setting);
  run(step);
  return step.finish();
}

const asks = (machine: string, ...actions: readonly StepAction[]) =>
  stepping((step) => step.send(machine, tell(...actions)));
const lastOf = (state: ClusterState, id: string) => state.machines[id]?.value;

describe("timers", () => {
  const arm = (id: string, delay: number): StepAction => ({ kind: "arm", id, delay, event: { type: `${id} is over` } });
  const cancel = (id: string): StepAction => ({ kind: "cancel", id });
  const running = ({ timers }: ClusterState) => timers.map(({ machine, id, due }) => [machine, id, due]);

  it("come due so long after now", () => {
    const { timers, now } = asks("b1", arm("x", 7));
    expect(now).toBe(10);
    expect(timers).toEqual([{ machine: "b1", id: "x", event: { type: "x is over" }, due: 17 }]);
  });

  it("stand in the order in which they come due; then of nodes, then of names", () => {
    const state = stepping((step) => {
      step.send("p1", tell(arm("a", 7), arm("z", 6)));
      step.send("b2", tell(arm("b", 7)));
      step.send("b1", tell(arm("d", 7), arm("c", 7)));
      step.send("b1/t-0", tell(arm("a", 7)));
    });
    expect(running(state)).toEqual([
      ["p1", "z", 16],
      ["b1", "c", 17],
      ["b1", "d", 17],
      ["b1/t-0", "a", 17],
      ["b2", "b", 17],
      ["p1", "a", 17],
    ]);
  });

  it("are armed anew in place of the old one, of the same machine and name", () => {
    const state = stepping((step) => {
      step.send("b1", tell(arm("x", 1), arm("y", 2)));
      step.send("b2", tell(arm("x", 3)));
      step.send("b1", tell(arm("x", 4)));
    });
    expect(running(state)).toEqual([
      ["b1", "y", 12],
      ["b2", "x", 13],
      ["b1", "x", 14],
    ]);
  });

  it("are cancelled by the machine that has armed them, by name", () => {
    const state = stepping((step) => {
      step.send("b1", tell(arm("x", 1), arm("y", 2)));
      step.send("b2", tell(arm("x", 3), cancel("y")));
      step.send("b1", tell(cancel("x")));
    });
    expect(running(state)).toEqual([
      ["b1", "y", 12],
      ["b2", "x", 13],
    ]);
  });

  it("end with their machine", () => {
    const state = stepping((step) => {
      step.send("b2", tell(arm("x", 3)));
      step.send("p1", tell(arm("x", 1)));
      step.send("p1", { type: "told", done: true } as Told);
    });
    expect(running(state)).toEqual([["b2", "x", 13]]);
    expect(Object.keys(state.machines)).not.toContain("p1");
  });
});

describe("local events", () => {
  it("are taken within the step, in the order in which they were sent", () => {
    const state = asks(
      "b1",
      local("b1/t-0", tell(local("b2", { type: "second" }))),
      local("b2", { type: "first" }),
      local("b1/t-0", { type: "last" }),
    );
    expect(lastOf(state, "b2")).toEqual({ type: "second" });
    expect(lastOf(state, "b1/t-0")).toEqual({ type: "last" });
  });

  it("to a machine that is not there are dropped", () => {
    expect(Object.keys(asks("b1", local("b9", { type: "x" })).machines)).toEqual(Object.keys(begin.machines));
  });

  it("without an end are an error", () => {
    const again: Told = { type: "again", actions: [] };
    (again.actions as StepAction[]).push(local("b1", again));
    expect(() => stepping((step) => step.send("b1", again))).toThrow("b1: over 10000 local events in one step");
  });

  it("may be as many as 10000", () => {
    const many = Array.from({ length: 9_999 }, () => local("b2", { type: "x" }));
    expect(() => asks("b1", ...many)).not.toThrow();
    expect(() => asks("b1", ...many, local("b2", { type: "x" }))).toThrow("over 10000");
  });
});

describe("requests and answers", () => {
  const request = (to: string, body: RequestBody = { type: "metadata" }): Effect => ({ kind: "request", to, body });
  const asked = () => asks("p1", request("b1"));

  it("travel for the delay of the network", () => {
    expect(asked().connections).toMatchObject([
      { id: "p1→b1#0", requests: [{ body: { type: "metadata" }, due: 13 }], responses: [] },
    ]);
    const body = { type: "metadata-response", partitions: [] } as const;
    const answered = stepping((step) => step.send("b1", tell({ kind: "reply", connection: "p1→b1#0", body })), asked());
    expect(answered.connections).toMatchObject([{ responses: [{ body, due: 13 }] }]);
    expect(answered.observed).toEqual([]);
  });

  it("find nobody at a broker whose process is dead, or has not registered yet", () => {
    const dead = { ...begin, machines: { ...begin.machines, b1: { ...dummy("broker"), value: "killed" } } };
    const refused = stepping((step) => step.send("p1", tell(request("b1"))), dead);
    expect(refused.connections).toMatchObject([{ state: "broken", requests: [], responses: [{ due: 13 }] }]);
    const other = stepping((step) => step.send("p1", tell(request("b2"))), dead);
    expect(other.connections).toMatchObject([{ state: "open", requests: [{ due: 13 }] }]);
    const waiting = { ...dummy("broker"), value: { alive: { membership: "waiting" } } };
    const starting = { ...begin, machines: { ...begin.machines, b1: waiting } };
    expect(stepping((step) => step.send("p1", tell(request("b1"))), starting).connections).toMatchObject([
      { state: "broken" },
    ]);
    // Only a broker's process can be dead, whatever states other machines have.
    const client = { ...begin, machines: { ...begin.machines, p1: { ...dummy("producer"), value: "killed" } } };
    expect(stepping((step) => step.send("b1", tell(request("p1"))), client).connections).toMatchObject([
      { state: "open" },
    ]);
  });

  it("are dropped in silence where the controller tells a dead broker of a change", () => {
    const dead = { ...begin, machines: { ...begin.machines, b1: { ...dummy("broker"), value: "killed" } } };
    const change = { broker: 2, epoch: 1, fenced: false };
    const push = request("b1", { type: "broker-change", change });
    expect(stepping((step) => step.send("controller/b1", tell(push)), dead).connections).toEqual([]);
    expect(stepping((step) => step.send("controller/b1", tell(push))).connections).toMatchObject([{ state: "open" }]);
  });

  it("are given up by the client, or broken off by the server", () => {
    const closed = stepping((step) => step.send("p1", tell({ kind: "close", to: "b1" })), asked());
    expect(closed.connections).toMatchObject([{ state: "abandoned" }]);
    const reset = stepping((step) => step.send("b1", tell({ kind: "reset", connection: "p1→b1#0" })), asked());
    expect(reset.connections).toMatchObject([{ state: "broken", responses: [{ due: 13 }] }]);
  });
});

describe("a request that arrives", () => {
  const served = (server: string, body: RequestBody) => stepping((step) => step.serve("p1→b1#0", server, body));
  const partitions = [{ partition: "t-0", records: [] }];

  it("is served by a machine of its own, if it takes time", () => {
    const produce = { type: "produce", acks: 1, timeoutMs: 9, partitions } as const;
    const { type: _, ...rest } = produce;
    const common = { id: "b1/serve/p1→b1#0", connection: "p1→b1#0", node: "b1" };
    const machine = served("b1", produce).machines["b1/serve/p1→b1#0"];
    expect(machine).toEqual({ kind: "produce-request", value: "new", context: { ...common, ...rest } });
    const fetch = { type: "fetch", replica: null, consumer: "c1", maxWaitMs: 1, partitions: [] } as const;
    expect(served("b1", fetch).machines["b1/serve/p1→b1#0"]?.kind).toBe("fetch-request");
  });

  const routes: readonly (readonly [string, string, RequestBody])[] = [
    ["controller/b1", "controller", { type: "register", broker: 1, incarnation: 2 }],
    ["controller/b1", "controller", { type: "heartbeat", broker: 1, epoch: 2 }],
    [
      "controller/t-0",
      "controller",
      { type: "alter-partition", broker: 1, partition: "t-0", leaderEpoch: 0, partitionEpoch: 0, isr: [] },
    ],
    [
      "b1/t-0",
      "b1",
      { type: "list-offsets", partition: "t-0", at: "latest", currentLeaderEpoch: 0, isFollower: false },
    ],
    ["b1/t-0", "b1", { type: "offset-for-leader-epoch", partition: "t-0", leaderEpoch: 0, currentLeaderEpoch: 0 }],
    ["b1", "b1", { type: "metadata" }],
  ];
  it.each(routes)("goes to %s", (receiver, server, body) => {
    expect(lastOf(served(server, body), receiver)).toEqual({ ...body, connection: "p1→b1#0" });
  });

  it("leaves the connection free for the next one when its machine ends", () => {
    const connection = {
      id: "p1→b1#0",
      client: "p1",
      server: "b1",
      state: "open",
      serving: true,
      requests: [],
      responses: [],
    } as const;
    const machines = { ...begin.machines, s: dummy("produce-request", { connection: "p1→b1#0" }) };
    const end = (state: ClusterState) =>
      stepping((step) => step.send("s", { type: "told", done: true } as Told), state);
    expect(end({ ...begin, machines, connections: [connection] }).connections).toMatchObject([{ serving: false }]);
  });
});

describe("what is seen on the wire", () => {
  const connected = (client: string) => {
    const body: RequestBody = { type: "fetch", replica: null, consumer: client, maxWaitMs: 1, partitions: [] };
    return asks(client, { kind: "request", to: "b1", body });
  };
  const answer = (client: string, entries: string, partition = "t-0"): ClusterState => {
    const result = {
      partition,
      error: null,
      diverging: null,
      entries: log(entries, 4),
      fetchOffset: 4,
      highWatermark: 9,
      logStart: 0,
    };
    const body: ResponseBody = { type: "fetch-response", results: [result] };
    const reply: Effect = { kind: "reply", connection: `${client}→b1#0`, body };
    return stepping((step) => step.send("b1", tell(reply)), connected(client));
  };

  it("is what a broker hands a consumer, beside the high watermark that it has itself", () => {
    const served = { kind: "served", broker: 1, partition: "t-0", consumer: "c1", from: 4, to: 7, highWatermark: 2 };
    expect(answer("c1", "a0 b0 c0").observed).toEqual([served]);
  });

  it("is nothing where nothing was handed over, or to a follower, or to the reader of ours", () => {
    expect(answer("c1", "").observed).toEqual([]);
    expect(answer("b2", "a0").observed).toEqual([]);
    expect(answer("final-reader", "a0").observed).toEqual([]);
    expect(answer("c1", "a0", "t-9").observed).toEqual([]);
  });
});

describe("what a machine shows", () => {
  const crashed = observe({ kind: "crashed", client: "p1" });
  const completion = { client: "c1", f: "poll", outcome: "ok", error: null, records: [] } as const;

  it("is observed, unless it is the reader of ours", () => {
    expect(asks("p1", crashed).observed).toEqual([{ kind: "crashed", client: "p1" }]);
    expect(asks("final-reader", crashed).observed).toEqual([]);
  });

  it("is remembered by the ghosts", () => {
    const seen = { kind: "delivered", consumer: "c1", partition: "t-0", offset: 0, value: "a" } as const;
    const { kind: _, ...delivered } = seen;
    expect(asks("c1", observe(seen)).ghosts.delivered).toEqual([delivered]);
  });

  it("is the end of its call", () => {
    const { completed, observed } = asks("c1", { kind: "complete", completion });
    expect({ completed, observed }).toEqual({ completed: [completion], observed: [] });
  });
});

describe("a machine that is created", () => {
  it("belongs to the step, and its first actions are carried out", () => {
    const input = { actions: [observe({ kind: "crashed", client: "p1" }), local("b2", { type: "hello" })] };
    const state = asks("p1", { kind: "create", id: "p1/batch-0", machine: "batch", input });
    expect(state.machines["p1/batch-0"]).toMatchObject({ kind: "batch", context: input });
    expect(state.observed).toHaveLength(1);
    expect(lastOf(state, "b2")).toEqual({ type: "hello" });
  });
});

describe("a process that dies", () => {
  it("takes its batches and what it serves along, and leaves its disks and other processes alone", () => {
    const ids = ["b1/serve/x", "b1/batch-0", "b2/serve/x", "b2/batch-0", "b11/serve/x"];
    const more = Object.fromEntries(ids.map((id) => [id, dummy("batch")]));
    const state = { ...begin, machines: { ...begin.machines, ...more } };
    const { machines } = stepping((step) => step.send("b1", tell({ kind: "process-died" })), state);
    const left = Object.keys(machines).filter((id) => !(id in begin.machines));
    expect(left).toEqual(["b2/serve/x", "b2/batch-0", "b11/serve/x"]);
    expect(Object.keys(machines)).toContain("b1/t-0");
  });

  it("breaks its connections, from its node", () => {
    const asked = asks("p1", { kind: "request", to: "b1", body: { type: "metadata" } });
    const { connections } = stepping((step) => step.send("b1", tell({ kind: "process-died" })), asked);
    expect(connections).toMatchObject([{ state: "broken", responses: [{ due: 13 }] }]);
  });
});
