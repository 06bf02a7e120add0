/**
 * Scenarios that a real cluster cannot be held to, each with its reason: they look at a moment that is over before anyone
 * can look, or at an order that only a virtual clock decides. By the ends of their paths.
 */
const lagTime = "it counts on replica.lag.time.max.ms of 30 s, which clusters that we start have turned down";
const writtenBack = "it counts on what the operating system has written back, which a loss of power of ours takes";

const notInRealTime: Readonly<Record<string, string>> = {
  "availability/under-replicated.yaml": lagTime,
  "partitioning/same-key-same-partition.yaml":
    "which of two brokers acknowledges first is decided by the network's delay",
  "power/kill-spares-page-cache.yaml": writtenBack,
  "power/last-isr-member-min-isr-1.yaml": writtenBack,
  "replication/leaves-and-rejoins-isr.yaml": lagTime,
  "retention/delete-records.yaml": "it looks at followers in the moment before their next fetch",
  "acknowledgement/acks-0.yaml": "it looks at a record that is still on its way, which no one can do from outside",
  "partitioning/few-keys.yaml": "which of two leaders answers a poll first is decided by the network's delay",
};

/** `null`: it can be played. */
export function reasonNotInRealTime(file: string): string | null {
  const found = Object.entries(notInRealTime).find(([path]) => file.replaceAll("\\", "/").endsWith(path));
  return found?.[1] ?? null;
}
