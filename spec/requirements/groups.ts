/** Which consumers form a group, as the configuration has it. */
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { ClientId } from "../vocabulary.ts";

export function groupOf(config: ClusterConfig, consumer: ClientId): string | null {
  return config.consumers[consumer]?.["group.id"] ?? null;
}

export function hasGroups(config: ClusterConfig): boolean {
  return Object.keys(config.consumers).some((consumer) => groupOf(config, consumer) !== null);
}

/** The members of a group in ascending order of their names. */
export function membersOf(config: ClusterConfig, group: string): readonly ClientId[] {
  return Object.keys(config.consumers)
    .filter((consumer) => groupOf(config, consumer) === group)
    .sort((a, b) => (a < b ? -1 : 1));
}
