/** Everything at one moment: nothing that a view has is left out. */
import { describe, expect, it } from "vitest";
import { showMoment } from "../../report/show-moment.ts";
import type { Moment, Walk } from "../../report/walk.ts";
import { finding, replica } from "./a-timeline.ts";
import { designWith, randomTimed } from "./walks.ts";

const { config } = designWith();

const moment: Moment = {
  view: {
    config,
    time: 1200,
    partitions: [
      {
        partition: "t-0",
        topic: "t",
        leader: 2,
        leaderEpoch: 1,
        isr: [1, 2],
        elr: [],
        replicas: [
          {
            ...replica(2, "leader", "b", { highWatermark: 1 }),
            alive: true,
            role: "leader",
            isr: [2],
            maximalIsr: [2, 1],
          },
          { ...replica(1, "follower", "a"), alive: false, role: "offline", isr: [], maximalIsr: [] },
        ],
        disks: { lostRecords: false, withoutTail: [], uncleanRestarts: 0 },
      },
    ],
    acknowledged: [{ producer: "p", partition: "t-0", value: "a", offset: 0 }],
    delivered: [{ consumer: "c", partition: "t-0", value: "a", offset: 0 }],
    pending: [{ producer: "p", partition: "t-0", value: "c" }],
    knownLeaders: [],
    positions: [
      { consumer: "c", partition: "t-0", offset: 1 },
      { consumer: "d", partition: "t-0", offset: null },
    ],
    travelling: [],
    passedOver: [],
    committed: [{ group: "g", partition: "t-0", offset: 1 }],
    observed: [],
  },
  connections: [
    {
      id: "b1→controller#0",
      client: "b1",
      server: "controller",
      state: "open",
      serving: true,
      requests: [{ body: { type: "heartbeat", broker: 1, epoch: 1 }, due: 1201 }],
      responses: [{ body: { type: "heartbeat-response", error: null }, due: 1201 }],
    },
    {
      id: "p→b1#0",
      client: "p",
      server: "b1",
      state: "broken",
      serving: false,
      requests: [],
      responses: [{ body: { type: "disconnect" }, due: 1201 }],
    },
  ],
  cuts: [["b1", "b2"]],
};

const walk: Walk = {
  outcome: "walked",
  begin: moment,
  steps: [{ choice: { kind: "wait", until: 1200 }, label: "wait until 1200", before: moment.view, after: moment }],
  hash: "",
};

const rest = [
  "",
  "acknowledged",
  "  a to p: t-0 offset 0",
  "",
  "pending",
  "  c of p to t-0",
  "",
  "read",
  "  a by c: t-0 offset 0",
  "",
  "positions",
  "  c t-0: 1",
  "  d t-0: none",
  "",
  "committed",
  "  g t-0: 1",
  "",
  "on its way",
  "  b1 waits for the answer of controller",
  '  b1 → controller: {"type":"heartbeat","broker":1,"epoch":1}',
  '  controller → b1: {"type":"heartbeat-response","error":null}',
  '  b1 → p: {"type":"disconnect"} (broken)',
  "",
  "cut links",
  "  b1 and b2",
  "",
];

describe("a moment", () => {
  it("shows logs, records, positions, commits, messages and cuts", () => {
    expect(showMoment(walk, 1, []).split("\n")).toEqual([
      "step 1: wait until 1200, at 1200 ms",
      "  t-0  leader 2, epoch 1, ISR 1 2",
      "       b1 dead e0      LEO 1  HW 0  0:a/e0",
      "       b2 leader e0    LEO 1  HW 1  0:b/e0  (ISR 2, maximal 2 1)",
      ...rest,
    ]);
  });

  it("marks what is lost by then", () => {
    const at = (step: number) => showMoment(walk, step, [{ ...finding, step: 1 }]);
    expect(at(1)).toContain("0:a/e0✗\n");
    expect(at(1)).toContain("0:b/e0 ✗ lacks 0:a  (ISR 2");
    expect(at(0)).not.toContain("✗");
  });

  it("is the beginning at step 0, and the state after each step", () => {
    const { walk: random } = randomTimed(4);
    expect(showMoment(random, 0, [])).toMatch(/^the beginning, at 0 ms\n/);
    const { label, after } = random.steps[9] ?? random.steps[0] ?? { label: "", after: moment };
    expect(showMoment(random, 10, [])).toMatch(new RegExp(`^step 10: .*, at ${after.view.time} ms\n`));
    expect(showMoment(random, 10, [])).toContain(label);
  });

  it("says where there is nothing", () => {
    const empty: Moment = { ...moment, connections: [], cuts: [], view: { ...moment.view, time: null, pending: [] } };
    const lines = showMoment({ ...walk, begin: empty }, 0, []).split("\n");
    expect(lines[0]).toBe("the beginning");
    for (const title of ["pending", "on its way", "cut links"])
      expect(lines[lines.indexOf(title) + 1]).toBe("  nothing");
  });
});
