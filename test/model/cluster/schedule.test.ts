/** What may happen next in a cluster, and in which order: the earliest due; what faults keep from happening. */
import { beforeEach, describe, expect, it } from "vitest";
import { labelOf } from "../../../model/cluster/choice.ts";
import { type Cluster, createCluster } from "../../../model/cluster/cluster.ts";
import type { ClusterState } from "../../../model/cluster/state.ts";
import type { Fault } from "../../../spec/subject.ts";
import { configWith } from "../../spec/cluster-views.ts";

const config = configWith();
let cluster: Cluster;
let begin: ClusterState;

beforeEach(() => {
  cluster = createCluster(config);
  begin = cluster.initial();
});

const labels = (state: ClusterState, of: Cluster = cluster) => of.enabled(state).map(labelOf);

/** Takes what comes first until this comes first. */
function until(state: ClusterState, label: string): ClusterState {
  for (let now = state; now.now < 60_000; ) {
    const [next] = cluster.enabled(now);
    if (next === undefined) break;
    if (labelOf(next) === label) return now;
    now = cluster.apply(now, next);
  }
  throw new Error(`never: ${label}`);
}

/** Takes the choice with this label. */
function take(state: ClusterState, label: string): ClusterState {
  const choice = cluster.enabled(state).find((one) => labelOf(one) === label);
  if (choice === undefined) throw new Error(`not enabled: ${label}; but ${labels(state).join(", ")}`);
  return cluster.apply(state, choice);
}

const strike = (state: ClusterState, ...faults: readonly Fault[]) =>
  faults.reduce((now, fault) => cluster.apply(now, { kind: "fault", fault }), state);

const heartbeats = [1, 2, 3].map((broker) => `deliver heartbeat b${broker}→controller#0`);
const fetches = [2, 3].map((broker) => `deliver fetch b${broker}/t-0→b1#0`);

describe("a cluster that has just been created", () => {
  it("has every broker's heartbeat and every follower's fetch on its way, controller first", () => {
    expect(labels(begin)).toEqual([...heartbeats, ...fetches]);
    expect(cluster.nextDue(begin)).toBe(1);
    expect(cluster.isBusy(begin)).toBe(true);
  });

  it("has told every broker who is alive", () => {
    const liveBrokers = [1, 2, 3].map((broker) => ({ broker, epoch: 1 }));
    expect(begin.machines["b2/t-0"]?.context).toMatchObject({ liveBrokers });
  });

  it("starts at 0 with nothing observed, completed, taken or broken", () => {
    const { now, cuts, holds, taken, observed, completed } = begin;
    expect({ now, cuts, holds, taken, observed, completed }).toEqual({
      now: 0,
      cuts: [],
      holds: [],
      taken: {},
      observed: [],
      completed: [],
    });
  });
});

describe("what comes next", () => {
  const send = (state: ClusterState) => {
    const operation = { f: "send", to: "t-0", records: [{ key: null, value: "a" }] } as const;
    return cluster.apply(state, { kind: "client", client: "p1", operation });
  };

  it("is what is due earliest, be it a timer or a message", () => {
    cluster = createCluster({ ...configWith({ producers: { p1: { "linger.ms": 2 } } }), "network.delay.ms": 5 });
    const lingering = send(cluster.initial());
    expect(labels(lingering)).toEqual(["fire after.linger.batch.lingering p1/batch-0"]);
    expect(cluster.nextDue(lingering)).toBe(2);
  });

  it("is a timer of the machine that has armed it", () => {
    const later = cluster.apply(begin, { kind: "wait", until: 5000 });
    const fired = take(later, "fire checkpoint b2/t-0");
    const checkpoints = fired.timers.filter(({ id }) => id === "checkpoint").map(({ machine, due }) => [machine, due]);
    expect(checkpoints).toEqual([
      ["b1/t-0", 5000],
      ["b3/t-0", 5000],
      ["b2/t-0", 10_000],
    ]);
  });

  it("is only a timer where nothing is on its way that can arrive", () => {
    const links = [1, 2, 3].map((broker): Fault => ({ kind: "cut", between: [`b${broker}`, "controller"] }));
    const quiet = strike(begin, ...links, { kind: "pause", broker: 1 });
    expect([cluster.isBusy(quiet), cluster.nextDue(quiet)]).toEqual([false, 5000]);
  });

  it("has done nothing yet: what was seen and completed is that of the last step alone", () => {
    const quiet = { observed: [], completed: [] };
    const seen = { ...send(begin), completed: [{ client: "c1", f: "seek", outcome: "ok", error: null, records: [] }] };
    expect(seen.observed).not.toEqual([]);
    const state = seen as ClusterState;
    expect(cluster.apply(state, { kind: "wait", until: 1 })).toMatchObject(quiet);
    const hold = { from: "b1", to: "b2", message: "fetch" };
    const faults: readonly Fault[] = [
      { kind: "cut", between: ["b1", "b2"] },
      { kind: "heal", between: ["b1", "b2"] },
      { kind: "heal-all" },
      { kind: "hold", ...hold },
      { kind: "release", ...hold },
    ];
    for (const fault of faults) expect(strike(state, fault)).toMatchObject(quiet);
  });
});

describe("a client's call", () => {
  it("reaches the client; where a consumer goes beyond its position, that is remembered", () => {
    const operation = { f: "seek", partition: "t-0", offset: 3 } as const;
    const { ghosts, completed } = cluster.apply(begin, { kind: "client", client: "c1", operation });
    expect(ghosts.passedOver).toEqual([{ consumer: "c1", partition: "t-0", from: 0, to: 3 }]);
    expect(completed).toMatchObject([{ client: "c1", f: "seek", outcome: "ok" }]);
  });
});

describe("a broker that is killed", () => {
  it("leaves those who were connected to it disconnected", () => {
    const killed = strike(begin, { kind: "kill", broker: 1 });
    const told = take(until(killed, "deliver disconnect b2/t-0→b1#0"), "deliver disconnect b2/t-0→b1#0");
    expect(told.machines["b2/t-0"]?.value).toEqual({ online: { follower: "backingOff" } });
  });
});

describe("the clock", () => {
  it("moves on to the moment of what happens", () => {
    expect(take(begin, heartbeats[0] ?? "").now).toBe(1);
  });

  it("never goes back: what was due before happens now", () => {
    const later = cluster.apply(begin, { kind: "wait", until: 50 });
    expect(later.now).toBe(50);
    expect(cluster.nextDue(later)).toBe(50);
    expect(take(later, heartbeats[1] ?? "").now).toBe(50);
    expect(cluster.apply(later, { kind: "wait", until: 20 }).now).toBe(50);
  });

  it("stands still for a fault and for a call", () => {
    const later = cluster.apply(begin, { kind: "wait", until: 50 });
    expect(strike(later, { kind: "kill", broker: 3 }).now).toBe(50);
    expect(cluster.apply(later, { kind: "client", client: "c1", operation: { f: "poll", timeoutMs: 5 } }).now).toBe(50);
  });

  it("lets what has arrived come before what runs out at the same moment", () => {
    const wait = cluster.apply(begin, { kind: "wait", until: 100_000 });
    const kinds = cluster.enabled(wait).map(({ kind }) => kind);
    expect(kinds).toContain("fire");
    expect(kinds.lastIndexOf("deliver")).toBeLessThan(kinds.indexOf("fire"));
  });
});

describe("slack", () => {
  it("offers what comes due within it, too, behind what is due first", () => {
    const bent = createCluster(config, { slackMs: 4999 });
    const beyond = createCluster(config, { slackMs: 4998 });
    const checkpoints = [1, 2, 3].map((broker) => `fire checkpoint b${broker}/t-0`);
    expect(labels(begin, bent)).toEqual([...heartbeats, ...fetches, ...checkpoints]);
    expect(labels(begin, beyond)).toEqual([...heartbeats, ...fetches]);
  });
});

describe("choices from outside", () => {
  const poll = (client: string, timeoutMs: number) =>
    ({ kind: "client", client, operation: { f: "poll", timeoutMs } }) as const;
  const kill = { kind: "fault", fault: { kind: "kill", broker: 3 } } as const;
  const start = { kind: "fault", fault: { kind: "start", broker: 3 } } as const;
  it("are offered behind what happens by itself, those of one actor in their order, each once", () => {
    const driven = createCluster(config, { external: [poll("c1", 501), poll("c1", 502), kill, start] });
    const outside = (state: ClusterState) => labels(state, driven).filter((label) => !label.startsWith("deliver"));
    expect(labels(driven.initial(), driven)).toEqual([...heartbeats, ...fetches, "c1 poll 501", "kill 3"]);
    const polled = driven.apply(driven.initial(), poll("c1", 501));
    expect(outside(polled)).toEqual(["c1 poll 502", "kill 3"]);
    const killed = driven.apply(polled, kill);
    expect(outside(killed)).toEqual(["c1 poll 502", "start 3"]);
    const done = driven.apply(driven.apply(killed, start), poll("c1", 502));
    expect(outside(done)).toEqual([]);
    expect(done.taken).toEqual({ c1: 2, nemesis: 2 });
  });

  it("are not counted where none are offered", () => {
    expect(cluster.apply(begin, kill).taken).toEqual({});
  });
});

describe("a cut link", () => {
  const cut: Fault = { kind: "cut", between: ["b1", "controller"] };

  it("lets nothing through in either direction, however it is named, and hinders no other link", () => {
    const others = [heartbeats[1], heartbeats[2], ...fetches];
    expect(labels(strike(begin, cut))).toEqual(others);
    expect(labels(strike(begin, { kind: "cut", between: ["controller", "b1"] }))).toEqual(others);
    const answered = take(begin, heartbeats[0] ?? "");
    const answer = "deliver heartbeat-response b1→controller#0";
    until(answered, answer);
    expect(() => until(strike(answered, cut), answer)).toThrow("never");
  });

  it("is whole again when it is healed, by either name, or when all are", () => {
    const between = ["controller", "b1"] as const;
    expect(labels(strike(begin, cut, { kind: "heal", between }))).toEqual(labels(begin));
    expect(labels(strike(begin, cut, { ...cut, kind: "heal" }))).toEqual(labels(begin));
    expect(labels(strike(begin, cut, { kind: "heal-all" }))).toEqual(labels(begin));
    expect(strike(begin, cut, { kind: "heal-all" }).cuts).toEqual([]);
  });

  it("stays cut when another one is healed", () => {
    for (const between of [
      ["b2", "controller"],
      ["b1", "b2"],
      ["b2", "b1"],
      ["controller", "b2"],
    ] as const) {
      expect(strike(begin, cut, { kind: "heal", between }).cuts).toEqual([["b1", "controller"]]);
    }
  });
});

describe("a message that is held", () => {
  const hold: Fault = { kind: "hold", from: "b2", to: "b1", message: "fetch" };

  it("waits, and only that message in that direction", () => {
    expect(labels(strike(begin, hold))).toEqual([...heartbeats, fetches[1]]);
    for (const other of [{ from: "b1", to: "b2" }, { to: "b3" }, { from: "b3", to: "b2" }, { message: "heartbeat" }]) {
      expect(labels(strike(begin, { ...hold, ...other }))).toEqual(labels(begin));
    }
  });

  it("goes on when it is released, and only then", () => {
    expect(labels(strike(begin, hold, { ...hold, kind: "release" }))).toEqual(labels(begin));
    for (const other of [{ from: "b3" }, { to: "b3" }, { message: "produce" }]) {
      const { holds } = strike(begin, hold, { ...hold, ...other, kind: "release" });
      expect(holds).toEqual([{ from: "b2", to: "b1", message: "fetch" }]);
    }
  });

  it("may be an answer", () => {
    const answer = "deliver heartbeat-response b1→controller#0";
    const answered = take(begin, heartbeats[0] ?? "");
    const held: Fault = { kind: "hold", from: "controller", to: "b1", message: "heartbeat-response" };
    expect(() => until(strike(answered, held), answer)).toThrow("never");
    const other: Fault = { ...held, from: "b1", to: "controller" };
    expect(until(strike(answered, other), answer).now).toBe(1);
  });

  it("is held beside others", () => {
    const both = strike(begin, hold, { ...hold, from: "b3" });
    expect(labels(both)).toEqual(heartbeats);
    expect(labels(strike(both, { ...hold, kind: "release" }))).toEqual([...heartbeats, fetches[0]]);
  });
});

describe("a paused broker", () => {
  const pause = { kind: "pause", broker: 1 } as const;

  it("takes no message, and its timers stand still; the others go on", () => {
    const paused = strike(begin, pause);
    expect(labels(paused)).toEqual(heartbeats);
    const later = cluster.apply(paused, { kind: "wait", until: 100_000 });
    expect(labels(later).filter((label) => label.startsWith("fire") && label.includes(" b1"))).toEqual([]);
    expect(labels(later)).toContain("fire checkpoint b2/t-0");
  });

  it("goes on where it stood", () => {
    expect(labels(strike(begin, pause, { kind: "resume", broker: 1 }))).toEqual(labels(begin));
  });
});

describe("a request that is being served", () => {
  const connection = "p1→b1#0";
  const produce = `deliver produce ${connection}`;
  const send = (state: ClusterState, value: string) =>
    cluster.apply(state, {
      kind: "client",
      client: "p1",
      operation: { f: "send", to: "t-0", records: [{ key: null, value }] },
    });

  it("keeps the next one of its connection waiting until it is answered", () => {
    // A member that does not fetch: the first request cannot be acknowledged.
    const hold = { from: "b2", to: "b1", message: "fetch" } as const;
    const alone = strike(begin, { ...hold, kind: "hold" });
    let state = send(take(until(send(alone, "a"), produce), produce), "b");
    while (state.now < 1000) {
      const [next] = cluster.enabled(state);
      if (next === undefined) throw new Error("nothing happens");
      expect(labelOf(next)).not.toBe(produce);
      state = cluster.apply(state, next);
    }
    expect(state.connections.find(({ id }) => id === connection)?.requests).toHaveLength(1);
    expect(until(strike(state, { ...hold, kind: "release" }), produce).now).toBeLessThan(2000);
  });
});

describe("what is not there", () => {
  it("is an error", () => {
    const on = { kind: "deliver", connection: "x→y#0", message: "fetch" } as const;
    expect(() => cluster.apply(begin, { ...on, direction: "request" })).toThrow("no connection x→y#0");
    const empty = { ...on, connection: "b2/t-0→b1#0" } as const;
    expect(() => cluster.apply(begin, { ...empty, direction: "response" })).toThrow("no response on b2/t-0→b1#0");
    const taken = take(begin, fetches[0] ?? "");
    expect(() => cluster.apply(taken, { ...empty, direction: "request" })).toThrow("no request on b2/t-0→b1#0");
    const timer = { kind: "fire", machine: "b1/t-0", timer: "x" } as const;
    expect(() => cluster.apply(begin, timer)).toThrow("no timer x of b1/t-0");
    const call = { kind: "client", client: "x", operation: { f: "flush" } } as const;
    expect(() => cluster.apply(begin, call)).toThrow("no client x");
  });
});
