/**
 * Small histories in one line each: steps between slashes, each a call by a client, `ok` unless it ends with `!fail` or
 * `!info`. `<` before a step is its invocation only, `>` its completion only; `wait 70s` lets time pass.
 *
 * p1 send a-0 x@0 y@1 · p1 keyed a-0 x=KEY · p1 txn a-0 x@0, b-0 y, poll c-0 3:z · c1 poll a-0 0:x 1:y, b-0 · r final a-0
 * r all a-0 0:x, b-0 (final polls of everything, then empty ones) · c1 commit g a-0=2 (its position; `named`: by name;
 * `gen=3`) · c1 committed g a-0=2 (or null) · c1 latest a-0=2 · c1 seek a-0=2 · admin delete a-0=2 · c1 assign a-0
 * c1 subscribe g a-0 · c1 assignment g 3 a-0 · c1 crash · c1 restart · nemesis fault kill 1 · nemesis heal start 1 (or all)
 *
 * A polled record may have a leader epoch: 0:x#3.
 */
import type { HistoryOperation } from "../../../../spec/history/format.ts";

type Loose = { f: string; asked: unknown; told: unknown; final?: true };

export function historyOf(line: string): HistoryOperation[] {
  const operations: object[] = [];
  let time_ns = 0;
  for (const text of line.split(" / ").map((step) => step.trim())) {
    const [, seconds] = /^wait (\d+)s$/.exec(text) ?? [];
    if (seconds !== undefined) {
      time_ns += Number(seconds) * 1e9;
      continue;
    }
    const [, half = "", process = "", f = "", rest = "", type = "ok", error] =
      /^([<>]?)(\S+) ([\w-]+)(?: (.*?))??(?: !(fail|info)(?: ([A-Z_]+))?)?$/.exec(text) ?? [];
    for (const call of f === "all" ? [callOf("final", rest), callOf("final", keysOnly(rest))] : [callOf(f, rest)]) {
      const final = call.final === undefined ? {} : { final: call.final };
      const push = (as: string, value: unknown, more: object = {}) => {
        time_ns += 1000;
        operations.push({ index: operations.length, time_ns, process, type: as, f: call.f, value, ...final, ...more });
      };
      if (half !== ">") push("invoke", call.asked);
      if (half !== "<") push(type, call.told, error === undefined ? {} : { error });
    }
  }
  return operations as HistoryOperation[];
}

function callOf(f: string, rest: string): Loose {
  const words = rest.split(" ").filter((word) => word !== "");
  switch (f) {
    case "send": {
      const told = sent(rest);
      return { f, asked: told.map(({ key, value }) => ({ key, value })), told };
    }
    case "keyed": {
      const [key = "", ...records] = words;
      const asked = records.map((record) => {
        const [value = "", partitionKey = ""] = record.split("=");
        return { key, value, partitionKey };
      });
      return { f: "send", asked, told: asked.map(({ value }) => ({ key, value })) };
    }
    case "txn": {
      const steps = rest.split(", ").map((part) => {
        if (part.startsWith("poll")) return { asked: { poll: {} }, told: { poll: polled(part.slice(5)) } };
        const told = sent(part);
        return { asked: { send: told.map(({ key, value }) => ({ key, value })) }, told: { send: told } };
      });
      return { f, asked: steps.map(({ asked }) => asked), told: steps.map(({ told }) => told) };
    }
    case "poll":
      return { f, asked: {}, told: polled(rest) };
    case "final":
      return { f: "poll", asked: {}, told: polled(rest), final: true };
    case "commit": {
      const { group, generation, offsets } = committed(words);
      const named = words.includes("named") ? offsets : {};
      return { f, asked: { group, ...generation, offsets: named }, told: { group, ...generation, offsets } };
    }
    case "committed": {
      const { group, offsets } = committed(words);
      const asked = Object.fromEntries(Object.keys(offsets).map((key) => [key, null]));
      return { f, asked: { group, offsets: asked }, told: { group, offsets } };
    }
    case "latest": {
      const told = pairs(words);
      return { f, asked: Object.fromEntries(Object.keys(told).map((key) => [key, null])), told };
    }
    case "seek":
      return same(f, pairs(words));
    case "delete":
      return same("delete-records", pairs(words));
    case "assign":
      return same(f, { keys: words });
    case "subscribe":
      return same(f, { group: words[0], keys: words.slice(1) });
    case "assignment":
      return same(f, { group: words[0], generation: Number(words[1]), keys: words.slice(2) });
    case "crash":
    case "restart":
      return same(f, null);
    case "fault":
      return same(f, { kind: words[0], target: words[1] });
    case "heal":
      return same(f, words[0] === "all" ? null : { kind: words[0], target: words[1] });
    default:
      throw new Error(`no call ${f}`);
  }
}

const same = (f: string, value: unknown): Loose => ({ f, asked: value, told: value });

function sent(text: string) {
  const [key = "", ...records] = text.split(" ");
  return records.map((record) => {
    const [value = "", offset] = record.split("@");
    return offset === undefined ? { key, value } : { key, value, offset: Number(offset) };
  });
}

function polled(text: string): Record<string, unknown[]> {
  const lists: Record<string, unknown[]> = {};
  for (const part of text.split(", ").filter((one) => one !== "")) {
    const [key = "", ...records] = part.split(" ");
    lists[key] = records.map((record) => {
      const [, offset, value, epoch] = /^(\d+):([^#]*)(?:#(\d+))?$/.exec(record) ?? [];
      return epoch === undefined ? [Number(offset), value] : [Number(offset), value, Number(epoch)];
    });
  }
  return lists;
}

function keysOnly(text: string): string {
  return text
    .split(", ")
    .map((part) => part.split(" ")[0])
    .join(", ");
}

function pairs(words: readonly string[]): Record<string, number | null> {
  return Object.fromEntries(
    words.flatMap((word) => {
      const [key = "", value] = word.split("=");
      return value === undefined || key === "gen" ? [] : [[key, value === "null" ? null : Number(value)]];
    }),
  );
}

function committed(words: readonly string[]) {
  const generation = words.find((word) => word.startsWith("gen="))?.slice(4);
  return {
    group: words[0] ?? "",
    generation: generation === undefined ? {} : { generation: Number(generation) },
    offsets: pairs(words),
  };
}
