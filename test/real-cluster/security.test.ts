/** TLS, SASL and what is left behind, against a real broker that lets nobody in without a certificate and a password. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listGroupsV4 } from "@platformatic/kafka";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type RunningCluster, startCluster } from "../../conformance/cluster/start-cluster.ts";
import { createKafkaClient } from "../../subjects/kafka/kafka-client.ts";
import { runCli } from "../cli/run-cli.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";

const password = "not-to-be-seen-7f3a";
const scenario = "scenarios/consumers/two-groups.yaml";
const mechanisms = ["plain", "scram-sha-256", "scram-sha-512"] as const;

let folder = "";
let certificates: Certificates;
let cluster: RunningCluster;
let address = "";

const login = (kind: string, options: string) => `org.apache.kafka.common.security.${kind} required ${options};`;

function listener({ authority, brokerStore, clientCertificate, clientKey }: Certificates) {
  const [ca, cert, key] = [authority, clientCertificate, clientKey].map((file) => readFileSync(file));
  return {
    protocol: "SASL_SSL",
    properties: Object.fromEntries(
      Object.entries({
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": brokerStore,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": authority,
        "ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "plain.sasl.jaas.config": login("plain.PlainLoginModule", `user_alice="${password}"`),
        "scram-sha-256.sasl.jaas.config": login("scram.ScramLoginModule", ""),
        "scram-sha-512.sasl.jaas.config": login("scram.ScramLoginModule", ""),
      }).map(([name, value]) => [`listener.name.client.${name}`, value]),
    ),
    scramUsers: ["SCRAM-SHA-256", "SCRAM-SHA-512"].map((one) => `${one}=[name=alice,password=${password}]`),
    client: { tls: { ca, cert, key }, sasl: { mechanism: "PLAIN", username: "alice", password } },
  } as const;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "highwater-secure-"));
  certificates = makeCertificates(folder);
  cluster = await startCluster({
    version: null,
    brokers: 1,
    withElr: true,
    secured: listener(certificates),
    folder: join(folder, "cluster"),
    note: () => undefined,
  });
  address = cluster.bootstrap.map(({ host, port }) => `${host}:${port}`).join();
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  vi.stubEnv("HIGHWATER_SASL_PASSWORD", password);
  return () => vi.unstubAllEnvs();
});

const trusting = () => ["--tls-ca", certificates.authority];
const known = () => ["--tls-cert", certificates.clientCertificate, "--tls-key", certificates.clientKey];
const asAlice = (mechanism: string) => ["--sasl", mechanism, "--sasl-username", "alice"];
const allowed = () => [...trusting(), ...known(), ...asAlice("scram-sha-512")];

/** Topics and groups of ours that are on the broker now. */
async function ours(): Promise<readonly string[]> {
  const client = createKafkaClient({ bootstrap: cluster.bootstrap, security: cluster.security, isPinned: false });
  try {
    const { topics } = await client.metadata(null);
    const listGroups = { name: "ListGroups", key: 16, flexibleFrom: 3, versions: new Map([[4, listGroupsV4]]) };
    const { groups } = await client.call("any", listGroups, [[], []]);
    const names = [...topics.keys(), ...groups.map(({ groupId }) => groupId)];
    return names.filter((name) => name.startsWith("highwater-") && name !== "highwater-ready").sort();
  } finally {
    client.close();
  }
}

function everythingIn(path: string): string {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
}

describe("a broker behind TLS and SASL", () => {
  it.each(mechanisms)("lets a client in that knows the password: %s", async (mechanism) => {
    const options = [...trusting(), ...known(), ...asAlice(mechanism)];
    const { code, out, err } = await runCli(["run", "--subject", `kafka://${address}`, ...options, scenario]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/1 passed, 0 failed/);
  });

  it("passes the smoke level, is the only one contacted, keeps nothing, and its password stands nowhere", async () => {
    const report = join(folder, "report");
    const options = ["--bootstrap", address, "--pin", "--level", "smoke", "--json", "--out", report];
    const { code, out, err } = await runCli(["conform", ...options, ...allowed(), scenario]);
    expect([code, err]).toEqual([0, ""]);
    const told = JSON.parse(out);
    expect([told.contacted, told.left, told.failed]).toEqual([[address], [], 0]);
    expect(told.passed).toBeGreaterThan(40);
    expect(await ours()).toEqual([]);
    const all = out + everythingIn(report);
    expect(all).toContain("<testsuite");
    for (const secret of [password, Buffer.from(password).toString("base64"), "alice"])
      expect(all).not.toContain(secret);
  });

  it.each(mechanisms)("is told to refuse a wrong password, which is not repeated: %s", async (mechanism) => {
    vi.stubEnv("HIGHWATER_SASL_PASSWORD", "wrong-but-secret");
    const options = [...trusting(), ...known(), ...asAlice(mechanism)];
    const { code, out, err } = await runCli(["conform", "--bootstrap", address, ...options, scenario]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe(
      `E_UNREACHABLE ${address}: the broker refuses the connection (SASL_AUTHENTICATION_FAILED) (are --sasl, --sasl-username and HIGHWATER_SASL_PASSWORD right?)\n`,
    );
  });

  it.each([
    [
      "a certificate of an authority that is not trusted",
      () => ["--tls-ca", certificates.stranger],
      /not trusted .*--tls-ca/,
    ],
    ["no authority at all", () => ["--tls"], /not trusted .*--tls-ca/],
    ["no certificate of our own", trusting, /\(ERR_SSL_[A-Z0-9_]+\)|the connection was closed/],
    ["plain text", () => [], /--tls or --sasl/],
  ])("is not reached with %s", async (_, options, words) => {
    const { code, out, err } = await runCli([
      "conform",
      "--bootstrap",
      address,
      ...options(),
      ...asAlice("plain"),
      scenario,
    ]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^E_UNREACHABLE [^\n]+\n$/);
    expect(err).toMatch(words);
  });

  it("is not reached without a name", async () => {
    const { code, err } = await runCli(["conform", "--bootstrap", address, ...trusting(), ...known(), scenario]);
    expect(code).toBe(2);
    expect(err).toMatch(/^E_UNREACHABLE [^\n]+--tls or --sasl[^\n]+\n$/);
  });
});

/** Runs the program until `seen` has come up so many times, and then sends the signal. */
async function interrupted(signal: NodeJS.Signals, seen: string, times: number, argv: readonly string[]) {
  const child = spawn(process.execPath, ["cli/main.ts", ...argv, ...allowed()], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  child.stdout.on("data", (chunk) => {
    out += chunk;
    if (out.split(seen).length > times) child.kill(signal);
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, out, err };
}

describe("whoever interrupts", () => {
  it.each([
    ["SIGINT", "rules/", 3],
    ["SIGINT", "rules/groups", 2],
    ["SIGTERM", "two-groups", 1],
    ["SIGINT", "workloads/", 1],
  ] as const)("leaves nothing behind: %s when %s was seen", async (signal, seen, times) => {
    const argv = ["conform", "--bootstrap", address, "--level", "smoke", scenario];
    const { code, out, err } = await interrupted(signal, seen, times, argv);
    expect([code, err]).toEqual([130, "interrupted: what was made is removed\n"]);
    expect(out).not.toContain("passed,");
    expect(await ours()).toEqual([]);
  });

  it("leaves nothing behind while scenarios are played", async () => {
    const argv = ["run", "--subject", `kafka://${address}`, "scenarios/consumers"];
    const { code, err } = await interrupted("SIGINT", "✓", 1, argv);
    expect([code, err]).toEqual([130, "interrupted: what was made is removed\n"]);
    expect(await ours()).toEqual([]);
  });
});
