/**
 * A broker in memory, to be judged over JSON lines (docs/subject-protocol.md): the shortest thing that keeps the promises.
 * `--fault NAME` makes it break one: see `faults`. To adapt a real broker, keep the shell and call its client instead.
 */
import { createInterface } from "node:readline";

const faults = [
  "none",
  "lose-acknowledged",
  "duplicate",
  "reorder",
  "wrong-offset",
  "lose-commit",
  "dirty-read",
  "skip",
  "phantom",
];
const fault = process.argv[process.argv.indexOf("--fault") + 1] ?? "none";
const broken = process.argv.includes("--fault") ? fault : "none";
if (!faults.includes(broken)) throw new Error(`--fault is one of ${faults.join(", ")}`);

let cluster = null;
const logs = new Map(); // by partition: values in the order of their offsets
const committed = new Map(); // by group and partition: the next offset to read
const consumers = new Map(); // by name: positions by partition
let written = 0;

function partitions() {
  return Object.entries(cluster.topics).flatMap(([topic, { partitions: count }]) =>
    Array.from({ length: count }, (_, number) => `${topic}-${number}`),
  );
}

/** Appends one record, and answers for it. */
function append({ partition, value }, held) {
  const log = logs.get(partition);
  written += 1;
  const isChosen = written % 4 === 0;
  if (broken === "lose-acknowledged" && isChosen) return { offset: log.length };
  if (broken === "dirty-read" && isChosen) {
    log.push(value);
    return { outcome: "fail", error: "NOT_ENOUGH_REPLICAS" };
  }
  if (broken === "reorder" && written % 4 === 1) {
    held.push({ log, value });
    return {};
  }
  log.push(value);
  if (broken === "duplicate" && isChosen) log.push(value);
  return { offset: log.length - 1 + (broken === "wrong-offset" ? 1 : 0) };
}

/** Where a consumer begins to read: at the committed offset, or as its reset policy says. */
function beginning(consumer, partition) {
  const { "group.id": group, "auto.offset.reset": reset } = cluster.consumers[consumer];
  const known = committed.get(`${group}/${partition}`);
  if (group !== null && known !== undefined) return known;
  return reset === "earliest" ? 0 : logs.get(partition).length;
}

function assign(consumer, keys) {
  const before = consumers.get(consumer) ?? new Map();
  consumers.set(consumer, new Map(keys.map((key) => [key, before.get(key) ?? null])));
}

function poll(consumer) {
  const positions = consumers.get(consumer);
  const {
    "max.poll.records": most = 500,
    "group.id": group = null,
    "auto.offset.reset": reset,
  } = cluster.consumers[consumer];
  const records = {};
  let left = most;
  for (const [partition, position] of positions) {
    const log = logs.get(partition);
    let from = position ?? beginning(consumer, partition);
    if (position === null && reset === "none" && !committed.has(`${group}/${partition}`)) {
      return { outcome: "fail", error: "NO_OFFSET_FOR_PARTITION" };
    }
    if (from > log.length) {
      if (reset === "none") return { outcome: "fail", error: "OFFSET_OUT_OF_RANGE" };
      from = reset === "earliest" ? 0 : log.length;
    }
    const end = Math.min(log.length, from + left);
    const read = [];
    for (let offset = from; offset < end; offset += 1) read.push([offset, log[offset]]);
    left -= read.length;
    if (broken === "skip" && read.length > 2) read.splice(1, 1);
    if (broken === "phantom" && read.length > 2) read[1][1] = `${read[1][1]}-never-sent`;
    if (read.length > 0) records[partition] = read;
    positions.set(partition, end);
  }
  return { records };
}

function commit(consumer, offsets) {
  const { "group.id": group } = cluster.consumers[consumer];
  const known = [...consumers.get(consumer)].filter(([, position]) => position !== null);
  const named = offsets ?? Object.fromEntries(known);
  if (broken !== "lose-commit") for (const [key, next] of Object.entries(named)) committed.set(`${group}/${key}`, next);
  return { offsets: named };
}

function start(given) {
  cluster = given;
  for (const partition of partitions()) logs.set(partition, []);
  for (const consumer of Object.keys(cluster.consumers)) assign(consumer, partitions());
  const factor = Math.max(...Object.values(cluster.topics).map((topic) => topic["replication.factor"]));
  return { refused: factor > cluster.brokers ? "INVALID_REPLICATION_FACTOR" : null };
}

function send(records) {
  const held = [];
  const results = records.map((record) => append(record, held));
  for (const { log, value } of held) log.push(value);
  return { results };
}

function describe() {
  const all = [...committed].map(([key, offset]) => {
    const slash = key.indexOf("/");
    return { group: key.slice(0, slash), partition: key.slice(slash + 1), offset };
  });
  return { committed: all };
}

const operations = {
  hello: () => ({ name: "samples/broker.mjs", capabilities: ["crash-client", "see-committed"] }),
  start: (said) => start(said.cluster),
  send: (said) => send(said.records),
  flush: () => ({}),
  poll: (said) => poll(said.consumer),
  commit: (said) => commit(said.consumer, said.offsets),
  assign: (said) => assign(said.consumer, said.partitions) ?? {},
  seek: (said) => void consumers.get(said.consumer).set(said.partition, said.offset) ?? {},
  crash: () => ({}),
  restart: (said) => {
    if (consumers.has(said.client)) consumers.set(said.client, new Map(partitions().map((key) => [key, null])));
    return {};
  },
  describe,
  stop: () => ({}),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const said = JSON.parse(line);
  const answer = operations[said.op]?.(said) ?? { failed: `what is ${said.op}?` };
  process.stdout.write(`${JSON.stringify({ id: said.id, ...answer })}\n`);
});
