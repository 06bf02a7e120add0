/**
 * Where the model and a real Kafka answer differently, or a scenario cannot be held against a real cluster: why. By the
 * ends of the scenarios' paths. What is not explained here fails the differential.
 */
export const explained: Readonly<Record<string, string>> = {
  "availability/only-its-partitions.yaml":
    "a poll asks the leaders of all partitions; which of them are heard before it returns is a matter of the network's delay",
};
