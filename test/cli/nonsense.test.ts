/** Brokers that answer nonsense: exit 1 or 2 and a line of words, never a stack trace, never a hang. */
import type { Socket } from "node:net";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type FakeServer, fakeBroker, fakeServer, metadataBody } from "../subjects/kafka/fake-server.ts";
import { runCli } from "./run-cli.ts";

let server: FakeServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

const scenario = "scenarios/consumers/two-groups.yaml";

/** Requests that the suite sends, in versions that are not flexible: nearly every answer can be read as one. */
const versions: readonly (readonly [key: number, version: number])[] = [
  [0, 3],
  [1, 4],
  [2, 1],
  [8, 2],
  [9, 1],
  [10, 1],
  [11, 1],
  [12, 0],
  [13, 0],
  [14, 0],
  [19, 2],
  [20, 1],
  [21, 0],
  [22, 0],
  [23, 2],
  [24, 0],
  [26, 0],
  [42, 0],
];

async function conform(...options: readonly string[]) {
  const bootstrap = server === null ? "" : `${server.address.host}:${server.address.port}`;
  const begin = performance.now();
  const { code, out, err } = await runCli(["conform", "--bootstrap", bootstrap, ...options, scenario]);
  return { code, out, err, seconds: (performance.now() - begin) / 1000 };
}

/** Answers metadata with itself (or these), and everything else with `answer`. */
function half(answer: (asked: Buffer) => Buffer | null | undefined, metadata?: Buffer) {
  const own = () => metadata ?? metadataBody(server === null ? [] : [server.address]);
  const rest = versions.map(([key, version]) => [key, { version, answer }] as const);
  return fakeBroker({ ...Object.fromEntries(rest), 3: { version: 1, answer: own } });
}

describe("highwater conform", () => {
  it.each([
    ["says nothing", () => undefined],
    ["begins a frame of a hundred million bytes, and sends on and on", endless(100_000_000)],
    ["sends on and on without a frame", endless(-1)],
  ])("gives up on a server that %s", async (_, onData) => {
    server = await fakeServer(onData);
    const { code, out, err } = await conform();
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^E_UNREACHABLE [^\n]+\n$/);
  });

  it("says of a cluster without brokers that there are none", async () => {
    server = await half(() => null, metadataBody([]));
    const { code, err } = await conform();
    expect([code, err]).toEqual([2, "E_UNREACHABLE the cluster names no brokers (are they in service?)\n"]);
  });

  it.each([
    ["hangs up on everything but metadata", () => null],
    ["answers everything but metadata with nothing", () => Buffer.alloc(0)],
    ["answers everything but metadata with zeros", () => Buffer.alloc(64)],
    ["answers everything but metadata with ones", () => Buffer.alloc(64, 0xff)],
  ])("goes to its end with a broker that %s", async (_, answer) => {
    server = await half(answer);
    const { code, out, err } = await conform("--level", "smoke", "--json");
    expect([1, 2]).toContain(code);
    expect(err).toBe("");
    expect(JSON.parse(out)).toMatchObject({ passed: 0, invalid: 0 });
  });

  it("passes nothing where the broker is a lie, and stays on its feet", async () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 6 }), fc.boolean(), async (bodies, isHonest) => {
        let turn = 0;
        const next = () => Buffer.from(bodies[turn++ % bodies.length] ?? []);
        server = await half(next, isHonest ? undefined : next());
        const { code, out, err } = await conform("--only", "*two-groups*");
        await server.close();
        expect([1, 2]).toContain(code);
        expect(out + err).not.toMatch(/E_INTERNAL|^ +at /m);
        expect(out).not.toContain("1 passed");
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});

/** Sends zeros as long as anybody listens, after a length. */
function endless(length: number) {
  const zeros = Buffer.alloc(65_536);
  const head = Buffer.alloc(4);
  head.writeInt32BE(length);
  return (socket: Socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(zeros));
    };
    socket.write(head);
    socket.on("drain", more);
    more();
  };
}
