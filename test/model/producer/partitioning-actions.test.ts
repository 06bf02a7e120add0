import { describe, expect, it } from "vitest";
import { createMachines, createStepper } from "../../../model/cluster/machines.ts";
import { firstTurns } from "../../../model/producer/partitioning-actions.ts";
import { append, input } from "../cases/producer-parts.ts";

const leadersOf = (topic: string, partitions: number) =>
  Array.from({ length: partitions }, (_, number) => ({ partition: `${topic}-${number}`, leader: 1, leaderEpoch: 0 }));

describe("a topic's turn", () => {
  it("comes round where it makes no difference, however many partitions are available", () => {
    for (let partitions = 1; partitions <= 16; partitions += 1) {
      const [turn, ...others] = firstTurns(leadersOf("a-b", partitions));
      expect([turn?.topic, turn?.turn, others]).toEqual(["a-b", 0, []]);
      for (let available = 1; available <= partitions; available += 1) {
        expect((turn?.comesRoundAfter ?? 1) % available, `${available} of ${partitions}`).toBe(0);
      }
    }
    expect(firstTurns(leadersOf("t", 16))[0]?.comesRoundAfter).toBe(720720);
  });
});

describe("a choice that cannot be made", () => {
  const take = (settings: object, ...event: Parameters<typeof append>) => {
    const stepper = createStepper(createMachines({ "./nowhere.ts": () => 9 }));
    return () => stepper.step(stepper.create("producer", { ...input, ...settings }).state, append(...event));
  };

  it.each<[string, object, Parameters<typeof append>, string]>([
    [
      "without a key, by Kafka's own choice",
      {},
      ["t", "a"],
      "(KIP-794), for a record without a key, is not in the model",
    ],
    ["with a key that may not count", { ignoreKeys: true }, ["t", "a", "k"], "is not in the model yet"],
    ["to a topic that is none", {}, ["nowhere", "a", "k"], "nowhere is neither a partition nor a topic"],
    ["to a partition that is none", {}, ["t-9", "a", "k"], "t-9 is neither a partition nor a topic"],
    [
      "by a partitioner that was not handed in",
      { partitioner: "./gone.ts" },
      ["t", "a"],
      "./gone.ts was not handed in",
    ],
    ["by a partitioner that names none", { partitioner: "./nowhere.ts" }, ["t", "a"], "returned 9, expected a whole"],
  ])("is an error: %s", (_name, settings, event, message) => {
    expect(take(settings, ...event)).toThrow(message);
  });
});
