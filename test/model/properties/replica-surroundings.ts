/**
 * What a replica of broker 1 meets: a controller that elects leaders and takes ISR changes by compare-and-set, and
 * another broker that leads now and then, with a log of its own. Assumed of them: a leader epoch has one leader, whose
 * log holds at one offset of one epoch what every log holds there; a restarted leader is not one any more; a log begins
 * nowhere above its high watermark. All else is drawn: who is elected, how much of a log is lost, what answers say and
 * when they come.
 */
import type { FetchResult, PartitionMetadata, RequestBody } from "../../../model/message.ts";
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import type { LogEntry } from "../../../spec/vocabulary.ts";
import { endOf, epochEnd, from, type LogBook, upTo, withEntries, withEpoch } from "./replica-book.ts";

export const partition = "t-0";

/** How the log of a newly elected leader came about. */
export interface Inheritance {
  /** It copied the replica's log, or it has kept its own. */
  readonly ofReplica: boolean;
  /** How much of it is lost. */
  readonly lost: number;
  /** Records from a term that the replica has heard nothing of. */
  readonly unheard: number;
}

export interface World {
  readonly truth: () => PartitionMetadata;
  readonly leaderLog: () => LogBook;
  /** The next leader epoch begins. */
  elect(leader: number | null, replica: LogBook, how: Inheritance): void;
  /** The controller changes the ISR by itself. */
  changeIsr(isr: readonly number[]): void;
  /** The other leader takes records. */
  write(count: number): void;
  /** Its high watermark goes up, and its log start up to it. */
  move(highWatermark: number, start: number): void;
  answer(body: RequestBody, node: string, flavour: Flavour): ReplicaEvent;
}

/** `error`: what a request meets on its way; `count`: records in an answer at most. */
export interface Flavour {
  readonly error: "none" | "elsewhere" | "range" | "divergence" | "ineligible" | "invalid";
  readonly count: number;
}

export const honest: Flavour = { error: "none", count: 9 };

export function createWorld(): World {
  let truth: PartitionMetadata = { partition, leader: null, leaderEpoch: 0, isr: [1, 2, 3], partitionEpoch: 0 };
  let log: LogBook = { start: 0, entries: [], epochs: [] };
  let highWatermark = 0;
  let written = 0;

  function append(epoch: number, count: number): void {
    const entries = Array.from({ length: count }, (_, index): LogEntry => {
      written += 1;
      return { offset: endOf(log) + index, epoch, value: `${written}`.padStart(3, "o"), key: null };
    });
    log = withEntries(log, entries);
  }

  function propose(body: Extract<RequestBody, { type: "alter-partition" }>, { error }: Flavour): ReplicaEvent {
    const isr = body.isr.map(({ broker }) => broker);
    const refusal = refusalOf(body, error);
    if (refusal === null) truth = { ...truth, isr, partitionEpoch: truth.partitionEpoch + 1 };
    return {
      type: "alter-partition-response",
      ...{ partition, error: refusal, isr: refusal === null ? isr : truth.isr, basedOn: body.partitionEpoch },
      ...{ leaderEpoch: truth.leaderEpoch, partitionEpoch: truth.partitionEpoch },
    };
  }

  function refusalOf(body: Extract<RequestBody, { type: "alter-partition" }>, error: Flavour["error"]) {
    if (body.leaderEpoch !== truth.leaderEpoch) return "FENCED_LEADER_EPOCH";
    if (body.partitionEpoch !== truth.partitionEpoch) return "INVALID_UPDATE_VERSION";
    if (error === "ineligible") return "INELIGIBLE_REPLICA";
    return error === "invalid" ? "INVALID_REQUEST" : null;
  }

  function fencing(epoch: number | null, node: string, error: Flavour["error"]) {
    if (epoch === null || epoch < truth.leaderEpoch) return "FENCED_LEADER_EPOCH";
    return error === "elsewhere" || `b${truth.leader}` !== node ? "NOT_LEADER_OR_FOLLOWER" : null;
  }

  function fetch(body: Extract<RequestBody, { type: "fetch" }>, node: string, { error, count }: Flavour): FetchResult {
    const [at] = body.partitions;
    if (at === undefined) throw new Error("a fetch of nothing");
    const { offset, lastFetchedEpoch } = at;
    const result = {
      ...{ partition, error: null, diverging: null, entries: [], fetchOffset: offset },
      ...{ highWatermark, logStart: log.start },
    };
    const refusal = fencing(at.currentLeaderEpoch, node, error);
    if (refusal !== null) return { ...result, error: refusal };
    const isInRange = offset >= log.start && error !== "range";
    const end = lastFetchedEpoch === null ? null : epochEnd(log, lastFetchedEpoch);
    const isUnknown = lastFetchedEpoch !== null && end === null;
    if (error === "divergence") {
      // Whatever the leader may say of epochs: it costs the follower no more than another fetch.
      const epoch = Math.max(0, (lastFetchedEpoch ?? 0) + (count === 3 ? 1 : -1));
      return { ...result, diverging: { epoch, endOffset: Math.max(log.start, offset - count) } };
    }
    if (!isInRange || isUnknown) return { ...result, error: "OFFSET_OUT_OF_RANGE" };
    if (end !== null && (end.epoch !== lastFetchedEpoch || end.endOffset < offset))
      return { ...result, diverging: end };
    if (offset > endOf(log)) return { ...result, error: "OFFSET_OUT_OF_RANGE" };
    return { ...result, entries: log.entries.filter((entry) => entry.offset >= offset).slice(0, count) };
  }

  return {
    truth: () => truth,
    leaderLog: () => log,
    elect(leader, replica, { ofReplica, lost, unheard }) {
      const leaderEpoch = truth.leaderEpoch + 2;
      const isr = leader === null || truth.isr.includes(leader) ? truth.isr : [leader];
      truth = { partition, leader, leaderEpoch, isr, partitionEpoch: truth.partitionEpoch + 1 };
      if (leader === null || leader === 1) return;
      const base = ofReplica ? replica : log;
      log = upTo(base, Math.max(0, endOf(base) - lost));
      append(leaderEpoch - 1, unheard);
      log = withEpoch(log, leaderEpoch, endOf(log));
      highWatermark = Math.max(log.start, Math.min(highWatermark, endOf(log)));
    },
    changeIsr(isr) {
      truth = { ...truth, isr, partitionEpoch: truth.partitionEpoch + 1 };
    },
    write(count) {
      if (truth.leader !== null && truth.leader !== 1) append(truth.leaderEpoch, count);
    },
    move(up, start) {
      highWatermark = Math.min(endOf(log), highWatermark + up);
      log = from(log, Math.min(highWatermark, log.start + start));
    },
    answer(body, node, flavour) {
      switch (body.type) {
        case "alter-partition":
          return propose(body, flavour);
        case "fetch":
          return { type: "fetch-response", results: [fetch(body, node, flavour)] };
        case "list-offsets": {
          const error = fencing(body.currentLeaderEpoch, node, flavour.error);
          const offset = body.at === "earliest" ? log.start : endOf(log);
          return { type: "list-offsets-response", partition, error, offset: error === null ? offset : -1 };
        }
        default:
          throw new Error(`a replica never asks ${body.type}`);
      }
    },
  };
}
