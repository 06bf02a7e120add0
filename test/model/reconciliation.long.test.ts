/**
 * A follower and its new leader, two replicas of broker 1 and 2 that talk to each other: whatever their logs are (as long as
 * an epoch had one leader), where does each way of reconciling them end? Of the network and of time nothing happens here.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCompiledStepper } from "../../model/cluster/compiled-stepper.ts";
import { createMachines, type Step } from "../../model/cluster/machines.ts";
import type { RequestBody, ResponseBody } from "../../model/message.ts";
import type { ReplicaContext, ReplicaEvent, RequesterEvent } from "../../model/replica/replica-context.ts";
import { type LogReconciliation, logReconciliations } from "../../spec/config/cluster-config.ts";
import type { LogEntry } from "../../spec/vocabulary.ts";
import { alive, fetchResponse, input, record, started } from "./cases/replica-events.ts";

/** Where logs part; epochs are distances from the one before. */
const draw = fc.record({
  common: fc.array(fc.nat({ max: 1 }), { maxLength: 4 }),
  ofFollower: fc.array(fc.nat({ max: 2 }), { maxLength: 4 }),
  ofLeader: fc.array(fc.nat({ max: 2 }), { maxLength: 4 }),
  /** Of the common records, so many are known to be committed. */
  committed: fc.nat({ max: 4 }),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;

interface Logs {
  readonly follower: readonly LogEntry[];
  readonly leader: readonly LogEntry[];
  readonly common: number;
  readonly committed: number;
}

/** The follower's own epochs are odd, all others even: no epoch had two leaders. */
function logsOf({ common, ofFollower, ofLeader, committed }: Drawn): Logs {
  const shared = grow([], common, "c", 0);
  return {
    follower: grow(shared, ofFollower, "f", 1),
    leader: grow(shared, ofLeader, "l", 0),
    common: shared.length,
    committed: Math.min(committed, shared.length),
  };
}

function grow(from: readonly LogEntry[], steps: readonly number[], name: string, shift: number): readonly LogEntry[] {
  const log = [...from];
  for (const step of steps) {
    const offset = log.length;
    const epoch = (log.at(-1)?.epoch ?? 0) + 2 * step + (offset === from.length ? shift : 0);
    log.push({ offset, epoch, value: `${name}${offset}`, key: null });
  }
  return log;
}

interface Ended {
  readonly log: readonly LogEntry[];
  /** Log ends that the follower truncated to, in order. */
  readonly truncatedTo: readonly number[];
}

/** The leader takes office in an epoch above all others; the follower hears of it, and follows until nothing is new. */
function follow(reconciliation: LogReconciliation, { follower, leader, committed }: Logs): Ended {
  const stepper = createCompiledStepper(createMachines({}, reconciliation));
  const takes = (from: Step, events: readonly ReplicaEvent[]) =>
    events.reduce((step, event) => stepper.step(step.state, event), from);
  const up = [started, alive(1), alive(2), alive(3)];
  const having = (broker: number, entries: readonly LogEntry[]) =>
    takes(stepper.create("replica", { ...input, broker, followers: [1, 2, 3].filter((one) => one !== broker) }), [
      ...[...up, record(3, 90, [1, 2, 3])],
      fetchResponse({ entries, highWatermark: committed }),
    ]);
  const newTerm = record(2, 100, [1, 2, 3]);
  let leading = takes(having(2, leader), [newTerm]);
  let following = takes(having(1, follower), [newTerm]);
  const truncatedTo: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    const { effects, request } = readEffects(following);
    truncatedTo.push(...effects);
    if (request === null) break;
    leading = stepper.step(leading.state, asEvent(request));
    const answer = answerOf(leading);
    if (isOver(answer)) break;
    following = stepper.step(following.state, answer);
  }
  return { log: (following.state.context as ReplicaContext).log.entries, truncatedTo };
}

function readEffects({ actions }: Step): { effects: readonly number[]; request: RequestBody | null } {
  const effects = actions.flatMap((action) =>
    action.kind === "observe" && action.observation.kind === "truncated" ? [action.observation.to] : [],
  );
  const request = actions.find((action) => action.kind === "request");
  return { effects, request: request?.body ?? null };
}

function asEvent(body: RequestBody): ReplicaEvent {
  switch (body.type) {
    case "fetch": {
      const [at] = body.partitions;
      if (at === undefined) throw new Error("a fetch of nothing");
      return { type: "read", requester: "f1", at, replica: body.replica, consumer: null, again: false };
    }
    case "list-offsets":
    case "offset-for-leader-epoch":
      return { ...body, connection: "k" };
    default:
      throw new Error(`a follower never asks ${body.type}`);
  }
}

function answerOf({ actions }: Step): ResponseBody {
  for (const action of actions) {
    if (action.kind === "reply") return action.body;
    if (action.kind !== "local" || action.event.type !== "read-result") continue;
    const { result } = action.event as Extract<RequesterEvent, { type: "read-result" }>;
    return { type: "fetch-response", results: [result] };
  }
  throw new Error("the leader says nothing");
}

function isOver(answer: ResponseBody): boolean {
  if (answer.type !== "fetch-response") return false;
  return answer.results.every(
    ({ error, diverging, entries }) => error === null && diverging === null && entries.length === 0,
  );
}

const numRuns = 500;
const seed = 20_261_121;

function endsAsLeader(reconciliation: LogReconciliation) {
  return fc.property(draw, (drawn) => {
    const logs = logsOf(drawn);
    expect(follow(reconciliation, logs).log).toEqual(logs.leader);
  });
}

describe.each(logReconciliations.filter((one) => one !== "kip-101"))("%s", (reconciliation) => {
  it("ends with the leader's log", () => {
    fc.assert(endsAsLeader(reconciliation), { numRuns, seed });
  });
});

describe.each(["kip-279", "kip-320", "kip-595"] as const)("%s", (reconciliation) => {
  it("gives up what the leader does not have, and nothing else", () => {
    let parted = 0;
    const property = fc.property(draw, (drawn) => {
      const logs = logsOf(drawn);
      const { truncatedTo } = follow(reconciliation, logs);
      if (logs.follower.length > logs.common) parted += 1;
      expect(truncatedTo.at(-1) ?? logs.follower.length).toBe(logs.common);
    });
    fc.assert(property, { numRuns, seed });
    expect(parted).toBeGreaterThan(numRuns / 4);
  });
});

describe("kip-101", () => {
  it("may end with records of the follower's own, and never with less than what both have", () => {
    let differing = 0;
    const property = fc.property(draw, (drawn) => {
      const logs = logsOf(drawn);
      const { log, truncatedTo } = follow("kip-101", logs);
      expect(Math.min(...truncatedTo, logs.follower.length)).toBeGreaterThanOrEqual(logs.common);
      const other = log.find((entry, offset) => JSON.stringify(entry) !== JSON.stringify(logs.leader[offset]));
      if (other === undefined) return;
      differing += 1;
      expect(logs.follower).toContainEqual(other);
    });
    fc.assert(property, { numRuns, seed });
    expect(differing).toBeGreaterThan(numRuns / 20);
  });

  it("ends with the leader's log where the leader knows the follower's last epoch", () => {
    const property = fc.property(draw, (drawn) => {
      const logs = { ...logsOf(drawn), follower: logsOf({ ...drawn, ofFollower: [] }).follower };
      expect(follow("kip-101", logs).log).toEqual(logs.leader);
    });
    fc.assert(property, { numRuns, seed });
  });
});

describe("high-watermark", () => {
  it("gives up all that it does not know to be committed", () => {
    const property = fc.property(draw, (drawn) => {
      const logs = logsOf(drawn);
      const { truncatedTo } = follow("high-watermark", logs);
      expect(truncatedTo).toEqual(logs.follower.length > logs.committed ? [logs.committed] : []);
    });
    fc.assert(property, { numRuns, seed });
  });
});
