/** Rules of the group coordinator for consumers that are assigned by hand (OffsetMetadataManager). */
import type { Effect } from "../../../model/effect.ts";
import { observe } from "../../../model/effect.ts";
import type { CommittedOffset, RequestBody } from "../../../model/message.ts";
import type { MachineCase } from "../machine-case.ts";

type CoordinatorEvent = Extract<RequestBody, { type: "offset-commit" | "offset-fetch" }> & {
  readonly connection: string;
};

const kind = "coordinator";
const input = undefined;
const connection = "c1→coordinator#0";

function commit(group: string, offsets: Readonly<Record<string, CommittedOffset>>, auto = false): CoordinatorEvent {
  return { type: "offset-commit", group, offsets, auto, connection };
}

function fetch(group: string, partitions: readonly string[]): CoordinatorEvent {
  return { type: "offset-fetch", group, partitions, connection };
}

function fetched(offsets: Readonly<Record<string, CommittedOffset | null>>): Effect {
  return { kind: "reply", connection, body: { type: "offset-fetch-response", offsets } };
}

const taken = (group: string, partition: string, offset: number) =>
  observe({ kind: "committed", group, partition, offset });

const at = (offset: number): CommittedOffset => ({ offset, leaderEpoch: null });

export const cases: readonly MachineCase<CoordinatorEvent>[] = [
  {
    name: "a commit is stored and answered",
    kind,
    input,
    events: [commit("g", { "t-0": at(3), "t-1": { offset: 5, leaderEpoch: 2 } })],
    expect: {
      value: "empty",
      context: { groups: [{ group: "g", offsets: { "t-0": at(3), "t-1": { offset: 5, leaderEpoch: 2 } } }] },
      effects: [
        taken("g", "t-0", 3),
        taken("g", "t-1", 5),
        { kind: "reply", connection, body: { type: "offset-commit-response", auto: false } },
      ],
    },
  },
  {
    name: "the answer to an auto-commit says so",
    kind,
    input,
    events: [commit("g", { "t-0": at(3) }, true)],
    expect: {
      effects: [
        taken("g", "t-0", 3),
        { kind: "reply", connection, body: { type: "offset-commit-response", auto: true } },
      ],
    },
  },
  {
    name: "what was committed is answered, with its leader epoch, and only what was asked for",
    kind,
    input,
    events: [commit("g", { "t-0": at(3), "t-1": { offset: 5, leaderEpoch: 2 } }), fetch("g", ["t-1"])],
    expect: { effects: [fetched({ "t-1": { offset: 5, leaderEpoch: 2 } })] },
  },
  {
    name: "a partition without a commit has no committed offset",
    kind,
    input,
    events: [commit("g", { "t-0": at(3) }), fetch("g", ["t-0", "t-1"])],
    expect: { effects: [fetched({ "t-0": at(3), "t-1": null })] },
  },
  {
    name: "groups are independent of each other",
    kind,
    input,
    events: [commit("g", { "t-0": at(3) }), commit("f", { "t-0": at(7) }), fetch("g", ["t-0"])],
    expect: { effects: [fetched({ "t-0": at(3) })] },
  },
  {
    name: "a commit may go backwards, and leaves the group's other partitions alone",
    kind,
    input,
    events: [commit("g", { "t-0": at(8), "t-1": at(4) }), commit("g", { "t-0": at(2) }), fetch("g", ["t-0", "t-1"])],
    expect: { effects: [fetched({ "t-0": at(2), "t-1": at(4) })] },
  },
];
