/** One form for all cells that mean the same. */
import { describe, expect, it } from "vitest";
import { canonicalCell } from "../../../model/cluster/canonical-cell.ts";
import { type Cell, emptyCell } from "../../../model/cluster/cells.ts";
import type { Connection } from "../../../model/cluster/state.ts";
import type { RequestBody } from "../../../model/message.ts";

const change: RequestBody = { type: "broker-change", change: { broker: 1, epoch: 1, fenced: true } };
const metadata: RequestBody = { type: "metadata" };

function connection(client: string, requests: Connection["requests"]): Connection {
  return { id: `${client}→b1#0`, client, server: "b1", state: "open", serving: false, requests, responses: [] };
}

const momentsOf = (cell: Cell) => cell.connections.map(({ requests }) => requests.map(({ due }) => due));
const withConnections = (...connections: readonly Connection[]): Cell => ({ ...emptyCell, connections });
const at = (body: RequestBody, ...moments: readonly number[]) => moments.map((due) => ({ body, due }));

describe("the canonical form of connections", () => {
  it("numbers batches of metadata from the head of the channel, whenever they were sent", () => {
    const late = canonicalCell(withConnections(connection("controller", at(change, 3, 3, 9e15))));
    expect(momentsOf(late)).toEqual([[0, 0, 1]]);
    expect(canonicalCell(withConnections(connection("controller", at(change, 0, 0, 1))))).toEqual(late);
    expect(momentsOf(canonicalCell(withConnections(connection("controller", at(change, 0, 1, 1)))))).toEqual([
      [0, 1, 1],
    ]);
  });

  it("knows no moment of other messages, answers among them", () => {
    const answers = [{ body: { type: "disconnect" } as const, due: 4 }];
    const cell = canonicalCell(withConnections({ ...connection("p1", at(metadata, 5, 7)), responses: answers }));
    expect(momentsOf(cell)).toEqual([[0, 0]]);
    expect(cell.connections[0]?.responses).toEqual([{ body: { type: "disconnect" }, due: 0 }]);
  });

  it("forgets the controller's channel when it is empty, and no other: its end is heard", () => {
    const cell = canonicalCell(withConnections(connection("controller", []), connection("p1", [])));
    expect(cell.connections.map(({ client }) => client)).toEqual(["p1"]);
  });
});

describe("the canonical form of a follower's lag", () => {
  const id = "b1/t-0/lag-2";
  const lag = (proven: "a" | "b" | null, sinceFetch: "a" | "b" | null, timers: readonly ("a" | "b")[]): Cell => ({
    ...emptyCell,
    machines: { [id]: { kind: "follower-lag", value: "caughtUp", context: { follower: 2, proven, sinceFetch } } },
    timers: timers.map((name) => ({ machine: id, id: `lag-${name}`, event: { type: `expired-${name}` } })),
  });

  it.each([
    ["the proven timer is a", lag("b", "a", ["a", "b"]), lag("a", "b", ["a", "b"])],
    ["alone, too", lag("b", null, ["b"]), lag("a", null, ["a"])],
    ["without a proven one the other is a", lag(null, "b", ["b"]), lag(null, "a", ["a"])],
    ["with both gone nothing is to be named", lag(null, null, []), lag(null, null, [])],
  ])("%s", (_name, cell, expected) => {
    expect(canonicalCell(cell)).toEqual(expected);
    expect(canonicalCell(expected)).toEqual(expected);
  });

  it("leaves the timers of others alone", () => {
    const check = { machine: "b1/t-0", id: "isr-check", event: { type: "isr-check" } };
    const cell = lag("b", null, ["b"]);
    expect(canonicalCell({ ...cell, timers: [check, ...cell.timers] }).timers).toEqual([
      check,
      { machine: id, id: "lag-a", event: { type: "expired-a" } },
    ]);
  });
});
