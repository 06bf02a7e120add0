import { afterEach, describe, expect, it } from "vitest";
import { deadPort, type FakeServer, fakeServer } from "../subjects/kafka/fake-server.ts";
import { runCli } from "./run-cli.ts";

let server: FakeServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

const highwater = (...argv: readonly string[]) => runCli(argv);

const scenario = "scenarios/consumers/two-groups.yaml";
const sample = "cmd:node samples/broker.mjs";

describe("highwater conform", () => {
  it("passes a program that keeps its promises", async () => {
    const { code, out } = await highwater("conform", "--subject", sample, "--level", "smoke", scenario);
    expect(out).toMatch(/✓ Two groups read the same partition/);
    expect(out).toMatch(/4 passed, 0 failed, 0 skipped, 0 inconclusive, 0 invalid\n$/);
    expect(code).toBe(0);
  });

  it("rejects one that does not, by the name of what it does, and shortens what shows it", async () => {
    const faulty = `${sample} --fault duplicate`;
    const { code, out } = await highwater("conform", "--subject", faulty, "--level", "smoke", "--json", scenario);
    const { scenarios } = JSON.parse(out);
    const workload = scenarios.find(({ file }: { file: string }) => file === "workloads/1-0");
    expect(workload.status).toBe("failed");
    expect(workload.failure.seen[0]).toMatch(/^duplicate: /);
    expect(workload.reason).toMatch(/^shortened from 21 to [1-3] operations/);
    expect(code).toBe(1);
  });

  it("plays only the scenarios that are asked for", async () => {
    const { code, out } = await highwater("conform", "--subject", sample, "--only", "*two-groups*", "--json", scenario);
    expect(JSON.parse(out).scenarios).toHaveLength(1);
    expect(code).toBe(0);
  });

  it.each([
    ["nothing to judge", []],
    ["two things to judge", ["--subject", sample, "--cluster", "apache-kafka"]],
    ["the model", ["--subject", "model"]],
    ["a level that there is not", ["--subject", sample, "--level", "enormous"]],
    ["a fault that there is not", ["--subject", sample, "--faults", "fire"]],
    ["a seed that is none", ["--subject", sample, "--seed", "x"]],
    ["an address without a port", ["--bootstrap", "localhost"]],
    ["a cluster that there is not", ["--cluster", "apache-cassandra"]],
    ["SASL without a password", ["--bootstrap", "localhost:1", "--sasl", "plain", "--sasl-username", "me"]],
    ["a SASL mechanism that there is not", ["--bootstrap", "localhost:1", "--sasl", "gssapi"]],
    ["certificates that are none", ["--bootstrap", "localhost:1", "--tls-ca", "package.json", "--tls-cert", "LICENSE"]],
    ["a key that is none", ["--bootstrap", "localhost:1", "--tls-key", "package.json"]],
    ["certificates that are not there", ["--bootstrap", "localhost:1", "--tls-ca", "no/such/file.pem"]],
  ])("is bad usage with %s", async (_, options) => {
    const { code, out, err } = await highwater("conform", ...options, scenario);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toMatch(/^E_[A-Z_]+ [^\n]+\n$/);
  });
});

it("does not repeat a password that was put before an address", async () => {
  for (const argv of [
    ["conform", "--bootstrap", "alice:secret@localhost:9092"],
    ["run", "--subject", "kafka://alice:secret@localhost:9092,localhost"],
  ]) {
    const { code, err } = await highwater(...argv, scenario);
    expect([code, err]).toEqual([3, "E_USAGE …@localhost:9092 is no address (expected host:port)\n"]);
  }
});

describe.each([
  ["conform", "--bootstrap", ""],
  ["run", "--subject", "kafka://"],
])("highwater %s", (command, option, scheme) => {
  it("says of a dead address that nobody is there", async () => {
    const address = `127.0.0.1:${await deadPort()}`;
    const { code, out, err } = await highwater(command, option, scheme + address, scenario);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(new RegExp(`^E_UNREACHABLE ${address}: no connection could be made \\(ECONNREFUSED\\)`));
  });

  it.each([
    ["text", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["zeros", Buffer.alloc(32)],
    ["a greeting of another database", Buffer.from([0x4a, 0, 0, 0, 0x0a, 0x38, 0x2e, 0x30])],
  ])("says of a server that speaks %s that it is no broker", async (_, said) => {
    server = await fakeServer((socket) => socket.write(said));
    const { code, out, err } = await highwater(command, option, `${scheme}127.0.0.1:${server.address.port}`, scenario);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^E_UNREACHABLE [^\n]+\n$/);
  });

  it("says of a server that hangs up at once that it is no broker", async () => {
    server = await fakeServer((socket) => socket.destroy());
    const { code, err } = await highwater(command, option, `${scheme}127.0.0.1:${server.address.port}`, scenario);
    expect(code).toBe(2);
    expect(err).toMatch(/^E_UNREACHABLE [^\n]+the connection was closed/);
  });
});

describe("highwater run --subject", () => {
  it("plays a scenario on a program", async () => {
    const { code, out } = await highwater("run", "--subject", sample, scenario);
    expect(out).toMatch(/1 passed, 0 failed, 0 skipped/);
    expect(code).toBe(0);
  });

  it("says of a program that cannot be started why", async () => {
    const { code, err } = await highwater("run", "--subject", "cmd:no-such-program-here", scenario);
    expect(code).toBe(2);
    expect(err).toMatch(/^E_UNREACHABLE the program has ended \(code 127\)/);
  });

  it("leaves open what a program that ends in the middle does not answer", async () => {
    const script = `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, op } = JSON.parse(line);
      if (op === "send") process.exit(9);
      console.log(JSON.stringify({ id, ...(op === "hello" ? { name: "brief", capabilities: ["crash-client"] } : {}) }));
    })`;
    const { code, out } = await highwater("run", "--subject", `cmd:node -e '${script}'`, scenario);
    expect(out).toMatch(/inconclusive: [^\n]+\n {4}the program has ended \(code 9\)/);
    expect(code).toBe(2);
  });

  it("plants bugs in the model only", async () => {
    const { code, err } = await highwater("run", "--subject", sample, "--plant", "commit-last-processed", scenario);
    expect(code).toBe(3);
    expect(err).toMatch(/^E_/);
  });
});
