/** Final reads on the model come to an end, also where its consumers do not. */
import { expect, it } from "vitest";
import { createMachines } from "../../model/cluster/machines.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";

async function readFinally(bug: string | null) {
  const parsed = parseCluster({
    brokers: 1,
    topics: { orders: { "replication.factor": 1 } },
    producers: { p1: { acks: "all" } },
  });
  if (!parsed.ok) throw new Error("the cluster is refused");
  const planted = bug === null ? undefined : plantedBugById(bug);
  const subject = createModelSubject(
    planted === undefined ? {} : { machines: (...options) => plant(planted, createMachines(...options)) },
  );
  await subject.start(parsed.config, () => undefined, {});
  const records = ["a", "b"].map((value) => ({ key: null, value }));
  await subject.send({ producer: "p1", to: "orders-0", records, wait: true });
  return subject.finalReads();
}

it("reads everything once", async () => {
  expect(await readFinally(null)).toEqual({
    outcome: "ok",
    error: null,
    records: {
      "orders-0": [
        [0, "a"],
        [1, "b"],
      ],
    },
  });
});

it("gives up where it is given the same again and again", async () => {
  const { outcome, error, records } = await readFinally("delivers-again");
  expect({ outcome, error }).toEqual({ outcome: "unknown", error: "TIMEOUT" });
  expect(records["orders-0"]?.slice(0, 3)).toEqual([
    [0, "a"],
    [1, "b"],
    [1, "b"],
  ]);
});
