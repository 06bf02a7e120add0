/** Text of small scenario files for tests. */

/** A cluster of three brokers. */
const cluster = `cluster:
  brokers: 3
  topics:
    orders: { partitions: 2, replication.factor: 1, min.insync.replicas: 1 }
  producers:
    p1: { acks: all, linger.ms: 0, enable.idempotence: false }
  consumers:
    c1: { group.id: billing, enable.auto.commit: false }
`;

/** A whole file; the first step stands on line 11. */
export function scenarioText(steps: readonly string[], expect?: string): string {
  const lines = steps.map((step) => `  - ${step}\n`).join("");
  return `scenario: a test\n${cluster}steps:\n${lines}${expect === undefined ? "" : `expect: ${expect}\n`}`;
}
