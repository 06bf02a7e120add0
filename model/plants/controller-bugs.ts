/** Bugs of the controller. */
import { isAlive, type PartitionContext } from "../controller/partition-context.ts";
import { always, change, never, nothing, type PlantedBug } from "./plant.ts";

export const controllerBugs: readonly PlantedBug[] = [
  {
    id: "epoch-not-raised",
    title: "a new leader goes on in the old leader epoch",
    machine: "partition",
    replaces: {
      actions: {
        record: change<PartitionContext>(({ context }) => ({
          leader: context.plannedLeader,
          partitionEpoch: context.partitionEpoch + 1,
          isr: context.plannedIsr,
          elr: context.plannedElr,
        })),
      },
    },
    requirement: "ELE-1",
    anomaly: "stuck-after-heal",
  },
  {
    id: "no-compare-and-set",
    title: "an ISR change that is based on an old record is taken",
    machine: "partition",
    replaces: { guards: { proposalIsOutdated: never, proposalIsOfOldTerm: never, proposalIsNotByLeader: never } },
    requirement: "ISR-1",
    anomaly: "lost-write",
  },
  {
    id: "elects-outside-isr",
    title: "the first live replica is elected, whether it is in the ISR or not",
    machine: "partition",
    replaces: {
      guards: {
        isrHasLiveMember: ({ context }: { context: PartitionContext }) =>
          context.replicas.some((broker) => isAlive(context, broker)),
      },
      actions: {
        electFromIsr: change<PartitionContext>(({ context }) => ({
          plannedLeader: context.replicas.find((broker) => isAlive(context, broker)) ?? null,
          plannedUnclean: false,
        })),
      },
    },
    requirement: "ISR-1",
    anomaly: "lost-write",
  },
  {
    id: "always-unclean",
    title: "an unclean election needs no leave",
    machine: "partition",
    replaces: { guards: { uncleanIsAllowed: always } },
    requirement: "ISR-1",
    anomaly: "lost-write",
  },
  {
    id: "last-member-dropped",
    title: "the last member of the ISR leaves it when it dies, and nobody can be elected any more",
    machine: "partition",
    replaces: { actions: { keepLastMember: nothing } },
    requirement: "LIV-1",
    anomaly: "stuck-after-heal",
  },
  {
    id: "unclean-stays-eligible",
    title: "a broker that comes back from an unclean shutdown stays an eligible leader replica",
    machine: "partition",
    replaces: { actions: { excludeUnclean: nothing } },
    requirement: "HW-2",
    anomaly: "lost-write",
  },
  {
    id: "isr-without-leader",
    title: "an election empties the ISR",
    machine: "partition",
    replaces: {
      actions: {
        electFromIsr: change<PartitionContext>(({ context }) => ({
          plannedLeader: context.replicas.find((broker) => isAlive(context, broker)) ?? null,
          plannedUnclean: false,
          plannedIsr: context.plannedIsr.slice(1),
        })),
      },
    },
    requirement: "ISR-1",
    anomaly: "stuck-after-heal",
  },
];
