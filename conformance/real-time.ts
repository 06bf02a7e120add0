/**
 * Scenarios that a real cluster cannot be held to, each with its reason: they look at a moment that is over before anyone
 * can look, or at an order that only a virtual clock decides. By the ends of their paths.
 */
const notInRealTime: Readonly<Record<string, string>> = {
  "acknowledgement/acks-0.yaml": "it looks at a record that is still on its way, which no one can do from outside",
  "partitioning/few-keys.yaml": "which of two leaders answers a poll first is decided by the network's delay",
};

/** `null`: it can be played. */
export function reasonNotInRealTime(file: string): string | null {
  const found = Object.entries(notInRealTime).find(([path]) => file.replaceAll("\\", "/").endsWith(path));
  return found?.[1] ?? null;
}
