/**
 * What an administrator's client promises. Assumed of the application: it makes one call at a time. Of brokers and
 * network: every request is answered at most once, any broker may say anything of leaders and refuse with any error, a
 * connection may break at any time, also one on which nothing is under way; any timer may fire before any answer; see
 * pipes.ts.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { AdminEvent, createAdminMachine } from "../../../model/admin/admin-machine.ts";
import type { RequestBody } from "../../../model/message.ts";
import { anyNumber, moves, pick } from "./moves.ts";
import { createPipes } from "./pipes.ts";
import { type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  completesOnce: "each call ends once, and nothing ends that was not called",
  ok: "it ends well only where the leader has answered this very call without an error",
  fails: "it fails with the error that the leader has answered, and not while another leader may be found",
  unknown: "where its time runs out, and only there, what has become of it is unknown",
  refreshes: "every round begins with the metadata of the next broker in turn",
  asksLeader: "the leader that the metadata names is asked to delete, of this partition, up to this offset",
  oneRequest: "one request is under way, to whoever was asked last; between calls there is none",
  backsOff: "a missing or moved leader, a broken connection and silence are reasons to wait, then to ask anew",
  givesUp: "who does not answer in time loses the connection",
  unmoved: "what comes without having been asked for changes nothing",
  getsOn: "when all goes well again, the call ends well",
} as const;

const times = { requestTimeoutMs: 30_000, retryBackoffMs: 100, apiTimeoutMs: 60_000 };
const input = { client: "admin", brokers: [1, 2, 3], ...times };

const draw = moves(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ call: fc.constantFrom("t-0", "t-1"), before: fc.nat(9) }) },
    {
      weight: 14,
      arbitrary: fc.record({
        answer: anyNumber,
        leader: fc.constantFrom(1, 2, 3, 3, null),
        error: fc.constantFrom(null, null, "NOT_LEADER_OR_FOLLOWER", "OFFSET_OUT_OF_RANGE"),
      }),
    },
    { weight: 2, arbitrary: fc.record({ disconnect: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 4, arbitrary: fc.record({ fire: fc.constantFrom("retryBackoff", "retryBackoff", "requestTimeout") }) },
    { weight: 1, arbitrary: fc.constant({ fire: "apiTimeout" }) },
  ),
);

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Context = ReturnType<ReturnType<typeof createAdminMachine>["getInitialSnapshot"]>["context"];
type Step = Stepped<Context>;
type Answer = Extract<Drawn[number], { answer: number }>;
type Call = Extract<AdminEvent, { type: "delete-records" }>;

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

function play({ keep, start }: Trial<keyof typeof promises>, drawn: Drawn): void {
  const run = start<Context, AdminEvent>(input);
  const pipes = createPipes();
  let call: Call | null = null;
  /** The broker that was asked last. */
  let asked = 0;
  let ok = 0;
  const underWay = () => pipes.busy().flatMap((node) => pipes.to(node).map((body) => ({ node, body })));
  const requestsOf = ({ effects }: Step) =>
    effects.flatMap((effect) => (effect.kind === "request" ? [{ to: effect.to, body: effect.body }] : []));
  const refreshed = (): unknown => {
    asked = (asked % 3) + 1;
    return [{ to: `b${asked}`, body: { type: "metadata" } }];
  };

  /** Carries out a step and judges what holds of all of them. */
  function see(step: Step): Step {
    pipes.carryOut(step.effects);
    const completions = step.effects.flatMap((effect) => (effect.kind === "complete" ? [effect.completion] : []));
    const [done] = completions;
    keep("completesOnce", completions.length <= (call === null ? 0 : 1), step);
    if (done !== undefined) {
      keep("completesOnce", done.client === "admin" && done.f === "delete-records" && done.records.length === 0, step);
      if (done.outcome === "ok") ok += 1;
      keep("unknown", (done.outcome === "unknown") === (step.timer === "apiTimeout"), step);
      call = null;
    }
    const waits = step.states.some((state) => state.endsWith("backingOff"));
    const requests = underWay();
    keep("oneRequest", requests.length === (call === null || waits ? 0 : 1), { step, requests });
    for (const { node } of requests) keep("oneRequest", node === `b${asked}`, { step, requests, asked });
    const names = run.timers().map(({ name, delay }) => `${name} ${delay}`);
    const expected = call === null ? [] : ["apiTimeout 60000", waits ? "retryBackoff 100" : "requestTimeout 30000"];
    keep("backsOff", isSame(names.sort(), expected.sort()), { step, names });
    return step;
  }

  function judgeMetadata(step: Step, leader: number | null): void {
    if (leader === null) keep("backsOff", step.effects.length === 0 && step.armed.length === 1, step);
    else {
      const body = { type: "delete-records", partition: call?.partition, before: call?.before };
      keep("asksLeader", isSame(requestsOf(step), [{ to: `b${leader}`, body }]), step);
    }
  }

  function judgeDeleted(step: Step, error: Answer["error"]): void {
    const [done] = step.effects.flatMap((effect) => (effect.kind === "complete" ? [effect.completion] : []));
    if (error === "NOT_LEADER_OR_FOLLOWER") keep("backsOff", step.effects.length === 0, step);
    else if (error === null) keep("ok", done?.outcome === "ok" && done.error === null, step);
    else keep("fails", done?.outcome === "fail" && done.error === error, step);
  }

  function answer({ answer: which, leader, error }: Answer): void {
    const node = pick(pipes.busy(), which);
    const body: RequestBody | undefined = node === undefined ? undefined : pipes.take(node);
    if (node === undefined || body === undefined) return;
    if (body.type === "metadata") {
      const about = { leaderEpoch: 0, isr: [1, 2, 3], partitionEpoch: 0 };
      const other = { partition: call?.partition === "t-0" ? "t-1" : "t-0", leader: 1, ...about };
      const partitions = [other, ...(call === null ? [] : [{ partition: call.partition, leader, ...about }])];
      if (leader !== null) asked = leader;
      judgeMetadata(see(run.send({ type: "metadata-response", partitions, from: node })), leader);
    } else {
      const partition = body.type === "delete-records" ? body.partition : "";
      judgeDeleted(see(run.send({ type: "delete-records-response", partition, error, from: node })), error);
    }
  }

  function fire(name: string): void {
    const timer = run.timers().find((one) => one.name === name);
    if (timer === undefined) return;
    const waited = run.states().some((state) => state.endsWith("backingOff"));
    const expected = name === "retryBackoff" ? refreshed() : [];
    const step = see(run.fire(timer));
    keep("refreshes", isSame(requestsOf(step), expected), { step, expected });
    const closed = step.effects.flatMap((effect) => (effect.kind === "close" ? [effect.to] : []));
    if (name === "requestTimeout" || (name === "apiTimeout" && !waited)) {
      keep("givesUp", isSame(closed, [`b${asked}`]), step);
    }
  }

  function disconnect(node: string): void {
    const isAwaited = pipes.to(node).length > 0;
    pipes.drop(node);
    const step = see(run.send({ type: "disconnected", node }));
    if (isAwaited) keep("backsOff", step.states[0] === "calling.backingOff" && step.effects.length === 0, step);
    else keep("unmoved", isSame([step.states, step.after], [step.statesBefore, step.before]), step);
  }

  function makeCall(partition: string, before: number): void {
    if (call !== null) return;
    call = { type: "delete-records", partition, before };
    const expected = refreshed();
    const step = see(run.send(call));
    keep("refreshes", isSame(requestsOf(step), expected), { step, expected });
  }

  for (const move of drawn) {
    if ("call" in move) makeCall(move.call, move.before);
    else if ("answer" in move) answer(move);
    else if ("disconnect" in move) disconnect(`b${move.disconnect}`);
    else fire(move.fire);
  }
  makeCall("t-0", 3);
  const before = ok;
  for (let round = 0; round < 9 && ok === before; round += 1) {
    fire("retryBackoff");
    answer({ answer: 0, leader: 2, error: null });
  }
  keep("getsOn", ok === before + 1, run.context());
}

describe("an administrator's client", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "admin", promises, draw, numRuns: 400, play });
  });
});
