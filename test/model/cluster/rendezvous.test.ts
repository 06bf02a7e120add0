/** What arrives together at a rendezvous. */
import { describe, expect, it } from "vitest";
import { type Cell, emptyCell } from "../../../model/cluster/cells.ts";
import { cellAtRendezvous, isInstant, latestChanges } from "../../../model/cluster/rendezvous.ts";
import type { Connection } from "../../../model/cluster/state.ts";
import type { RequestBody } from "../../../model/message.ts";

const broker = (id: number, fenced: boolean, epoch = 1): RequestBody => {
  return { type: "broker-change", change: { broker: id, epoch, fenced } };
};
const partition = (leader: number, partitionEpoch: number, of = "t-0"): RequestBody => {
  const change = { partition: of, leader, leaderEpoch: partitionEpoch, isr: [leader], partitionEpoch };
  return { type: "partition-change", change };
};
const packets = (...bodies: readonly RequestBody[]) => bodies.map((body, due) => ({ body, due }));
const heard = (...bodies: readonly RequestBody[]) => latestChanges("b2", packets(...bodies)).map(({ body }) => body);

describe("what the controller has on its way to a broker", () => {
  it("is what everything has become by now", () => {
    const all = heard(broker(1, true), partition(2, 1), broker(1, false, 2), partition(3, 2));
    expect(all).toEqual([broker(1, false, 2), partition(3, 2)]);
  });

  it("begins with the broker's own registration; brokers come before partitions", () => {
    const all = heard(partition(2, 1, "t-1"), partition(2, 1), broker(3, true), broker(1, true), broker(2, false));
    expect(all).toEqual([broker(2, false), broker(1, true), broker(3, true), partition(2, 1), partition(2, 1, "t-1")]);
  });

  it("is one change, and is the same when it is put together again", () => {
    const once = latestChanges("b2", packets(broker(1, true), broker(1, false)));
    expect(once).toEqual([{ body: broker(1, false), due: 0 }]);
    expect(latestChanges("b2", once)).toEqual(once);
  });

  it("leaves other requests as they are", () => {
    const others = packets({ type: "metadata" }, { type: "metadata" });
    expect(latestChanges("b2", others)).toBe(others);
  });
});

describe("a cell at a rendezvous", () => {
  const fetch: RequestBody = { type: "fetch", replica: null, consumer: null, maxWaitMs: 0, partitions: [] };
  const connection: Connection = {
    id: "b2/t-0→b1#0",
    client: "b2/t-0",
    server: "b1",
    state: "abandoned",
    serving: false,
    requests: packets(fetch),
    responses: [],
  };
  const cell = (...connections: readonly Connection[]): Cell => ({ ...emptyCell, connections });

  it("has no fetch that was given up before it arrived, unless it is being served", () => {
    expect(cellAtRendezvous(cell(connection))).toEqual(emptyCell);
    const kept = cell({ ...connection, serving: true });
    expect(cellAtRendezvous(kept)).toBe(kept);
    const produce = cell({ ...connection, requests: packets({ type: "metadata" }) });
    expect(cellAtRendezvous(produce)).toBe(produce);
  });
});

describe("what arrives within the step that sends it", () => {
  it.each<[RequestBody["type"], boolean]>([
    ["register", true],
    ["heartbeat", true],
    ["metadata", true],
    ["fetch", false],
    ["produce", false],
    ["alter-partition", false],
  ])("%s: %s", (type, expected) => {
    expect(isInstant({ type } as RequestBody)).toBe(expected);
  });
});
