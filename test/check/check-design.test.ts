/** Design validation: verdicts, their bounds, and stories that can be told again. */
import { describe, expect, it } from "vitest";
import { type Checked, type CheckOptions, checkDesign } from "../../check/check-design.ts";
import { boundedConfig, type Design, defaultBounds, defaultCluster, programsOf } from "../../check/design.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { noFaults } from "../../model/cluster/untimed-faults.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { requirementById } from "../../spec/requirements/index.ts";

const parsed = parseCluster(defaultCluster);
if (!parsed.ok) throw new Error("the default cluster is refused");
const { config } = parsed;

const quiet: Design = { config, faults: noFaults, bounds: { ...defaultBounds, records: 1 }, channels: "rendezvous" };
const killed: Design = { ...quiet, faults: { ...noFaults, kill: 1 } };

function withAcks(design: Design, acks: 0 | 1 | -1): Design {
  const producers = Object.entries(design.config.producers).map(([id, one]) => [id, { ...one, acks }] as const);
  return { ...design, config: { ...design.config, producers: Object.fromEntries(producers) } };
}

function only(id: string): Pick<CheckOptions, "requirements"> {
  const requirement = requirementById(id);
  return requirement === undefined ? {} : { requirements: [requirement] };
}

const verdictOf = ({ requirements }: Checked, id: string) => requirements.find((one) => one.id === id);

describe("without a fault", () => {
  it.each([0, 1, -1] as const)("every state is looked at, and nothing is violated (acks %i)", (acks) => {
    const checked = checkDesign(withAcks({ ...quiet, bounds: defaultBounds }, acks));
    expect(checked).toMatchObject({ complete: true, end: "complete" });
    expect(checked.requirements.flatMap(({ counterexample }) => counterexample ?? [])).toEqual([]);
    expect(verdictOf(checked, "DUR-1")).toMatchObject(
      acks === -1 ? { verdict: "holds", promised: true } : { verdict: "no-witness", promised: false },
    );
  });

  it("what was never put to the test is inconclusive", () => {
    const checked = checkDesign(quiet, only("ELE-2"));
    expect(checked.requirements).toMatchObject([
      { id: "ELE-2", verdict: "inconclusive", reason: "its premise never came up" },
    ]);
  });
});

describe("with a kill", () => {
  it("acks=1 loses what the leader alone had; the shortest way is told", () => {
    const checked = checkDesign(withAcks(killed, 1), { ...only("DUR-1"), maxStates: 2_000 });
    const found = verdictOf(checked, "DUR-1");
    expect(found).toMatchObject({ verdict: "expected-loss", promised: false });
    expect(found?.counterexample?.map(({ text }) => text)).toEqual([
      "p is to send a to t-0",
      "broker 1 gets what p sends; broker 1 answers for a at offset 0; p knows that a is written",
      "broker 1 is killed",
      "the session of broker 1 runs out; broker 2 is elected in epoch 1; the ISR is 2, 3",
      "broker 2 hears from the controller",
    ]);
  });

  it("searches the machines of the design's reconciliation", () => {
    const server = { ...config.server, "log.reconciliation": "high-watermark" } as const;
    const checked = checkDesign({ ...killed, config: { ...config, server } }, { ...only("ISR-1"), maxStates: 16_000 });
    const found = verdictOf(checked, "ISR-1");
    expect(found).toMatchObject({ verdict: "expected-loss", promised: false });
    expect(found?.counterexample?.at(-1)?.text).toBe(
      "broker 3 hears from the controller; broker 3 cuts its log off at 0",
    );
  });

  it("is inconclusive where a limit ends it, and says so", () => {
    const checked = checkDesign(killed, { ...only("DUR-1"), maxStates: 300 });
    expect(checked).toMatchObject({ complete: false, end: "maxStates" });
    expect(checked.requirements).toMatchObject([{ id: "DUR-1", verdict: "inconclusive", counterexample: null }]);
    const stopped = checkDesign(killed, { ...only("DUR-1"), maxStates: 9_000, onProgress: () => "stop" });
    expect(stopped).toMatchObject({ complete: false, end: "stopped" });
  });

  const bugs = [
    ["hw-is-log-end", "HW-2"],
    ["hw-is-log-end", "DUR-1"],
  ] as const;

  it.each(bugs)("a planted bug is found: %s by %s", (id, requirement) => {
    const bug = plantedBugById(id);
    if (bug === undefined) throw new Error(`no planted bug ${id}`);
    const machines = plant(bug, createMachines());
    const checked = checkDesign(killed, { ...only(requirement), machines, maxStates: 20_000 });
    expect(verdictOf(checked, requirement)).toMatchObject({ verdict: "violated", promised: true });
  });
});

describe("bounds", () => {
  it("keep retries within the attempts", () => {
    const retriesOf = (attempts: number) =>
      boundedConfig({ ...quiet, bounds: { ...defaultBounds, attempts } }).producers["p"]?.retries;
    expect([1, 3].map(retriesOf)).toEqual([0, 2]);
  });

  it("say how many records a producer sends, each another, to the partitions in turn", () => {
    const two = parseCluster({ ...defaultCluster, topics: { t: { partitions: 2 } }, producers: { p: {}, q: {} } });
    if (!two.ok) throw new Error("refused");
    const sent = programsOf({ ...quiet, config: two.config, bounds: { ...defaultBounds, records: 3 } });
    const shown = Object.values(sent).map((operations) =>
      operations.map((one) => (one.f === "send" ? `${one.records[0]?.value} to ${one.to}` : one.f)),
    );
    expect(shown).toEqual([
      ["p-a to t-0", "p-b to t-1", "p-c to t-0"],
      ["q-a to t-0", "q-b to t-1", "q-c to t-0"],
    ]);
    expect(programsOf(quiet)).toEqual({ p: [{ f: "send", to: "t-0", records: [{ key: null, value: "a" }] }] });
  });
});
