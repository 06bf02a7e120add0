/** What goes in comes out: keys, values, headers, timestamps, compression. */
import type { ProtocolRule } from "./protocol-rule.ts";
import type { AskedRecord, RuleContext } from "./rule-context.ts";

const many: readonly AskedRecord[] = Array.from({ length: 50 }, (_, index) => ({
  value: `value ${index % 7} `.repeat(20),
  key: `k${index}`,
}));

async function roundTrip(context: RuleContext, compression: "gzip" | "snappy" | "lz4" | "zstd") {
  const topic = await context.topic();
  const { error } = await context.produce(topic, many, { compression });
  const { records } = await context.fetch(topic, 0);
  const same = many.filter(({ value, key }, index) => records[index]?.value === value && records[index]?.key === key);
  return { error, records: records.length, same: same.length };
}

const compressed = (["gzip", "snappy", "lz4", "zstd"] as const).map(
  (compression): ProtocolRule => ({
    id: `records/${compression}`,
    title: `Records that were compressed with ${compression} come back as they were`,
    requirement: "LOG-2",
    source: "MemoryRecords, Compression",
    expected: { error: "NONE", records: 50, same: 50 },
    ask: (context) => roundTrip(context, compression),
  }),
);

export const recordRules: readonly ProtocolRule[] = [
  ...compressed,
  {
    id: "records/nothing-and-empty",
    title: "No key and an empty key, no value and an empty value, are four different things",
    requirement: "LOG-2",
    source: "DefaultRecord",
    expected: {
      read: [
        ["", null],
        [null, ""],
        [null, null],
        ["", ""],
      ],
    },
    async ask(context) {
      const topic = await context.topic();
      await context.produce(topic, [
        { key: "", value: null },
        { key: null, value: "" },
        { key: null, value: null },
        { key: "", value: "" },
      ]);
      const { records } = await context.fetch(topic, 0);
      return { read: records.map(({ key, value }) => [key, value] as const) };
    },
  },
  {
    id: "records/headers",
    title: "Headers come back in their order",
    requirement: "LOG-2",
    source: "DefaultRecord (KIP-82)",
    expected: {
      headers: [
        ["b", "1"],
        ["a", "2"],
        ["", "3"],
      ],
    },
    async ask(context) {
      const topic = await context.topic();
      await context.produce(topic, [
        {
          value: "v",
          headers: [
            ["b", "1"],
            ["a", "2"],
            ["", "3"],
          ],
        },
      ]);
      const { records } = await context.fetch(topic, 0);
      return { headers: records[0]?.headers ?? null };
    },
  },
  {
    id: "records/timestamps",
    title: "With CreateTime a record keeps the producer's time, backwards too",
    requirement: "LOG-2",
    source: "LogValidator",
    expected: { times: [5000, 1000, 9000] },
    async ask(context) {
      // Retention goes by these times too.
      const topic = await context.topic({ configs: { "retention.ms": "-1" } });
      await context.produce(
        topic,
        [5000, 1000, 9000].map((timestamp) => ({ value: "v", timestamp })),
      );
      const { records } = await context.fetch(topic, 0);
      return { times: records.map(({ timestamp }) => timestamp) };
    },
  },
];
