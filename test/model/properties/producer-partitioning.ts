/** The partition that a record goes to, by the rules of its producer's partitioner, written down a second time. */
import type { KnownLeader, ProducerEvent, ProducerInput } from "../../../model/producer/producer-context.ts";
import { partitionForKey } from "../../../spec/murmur2.ts";
import type { Partitioners } from "../../../spec/partitioner.ts";

export const partitioners: Partitioners = {
  "./own.ts": ({ value, key }, partitions) => (value.length + (key?.length ?? 0)) % partitions,
};

/** All partitions are those of the one topic. */
export const topic = "t";

interface Choice {
  /** Chosen first, where a new batch has the partition chosen once more; else `null`. */
  readonly first: string | null;
  readonly partition: string;
}

interface Chooser {
  choose(append: Extract<ProducerEvent, { type: "append" }>, leaders: readonly KnownLeader[]): Choice;
  /** Turns begin anew. */
  forget(): void;
}

/** `fits`: does the record go into the batch that stands last in that partition? */
export function createChooser(input: ProducerInput, fits: (partition: string, bytes: number) => boolean): Chooser {
  let turns = 0;
  const take = (among: readonly KnownLeader[]): string => {
    turns += 1;
    return among[(turns - 1) % among.length]?.partition ?? "";
  };
  return {
    forget() {
      turns = 0;
    },
    choose({ to, record: { value, key } }, leaders) {
      const only = (partition: string | undefined): Choice => ({ first: null, partition: partition ?? "" });
      if (to !== topic) return only(to);
      const own = partitioners[input.partitioner ?? ""];
      if (own !== undefined) return only(leaders[own({ value, key }, leaders.length)]?.partition);
      if (input.partitioner === "RoundRobinPartitioner") {
        const available = leaders.filter(({ leader }) => leader !== null);
        const among = available.length > 0 ? available : leaders;
        const first = take(among);
        const isTaken = !input.choosesAgainForNewBatch || fits(first, value.length + (key?.length ?? 0));
        return isTaken ? only(first) : { first, partition: take(among) };
      }
      const byKey = key !== null && !input.ignoreKeys;
      return only(byKey ? leaders[partitionForKey(key, leaders.length)]?.partition : take(leaders));
    },
  };
}
