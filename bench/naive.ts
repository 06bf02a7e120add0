/**
 * The yardstick of the benches: KIP-320 searched as one would write it in an afternoon.
 *
 * Plain objects, plain functions, `JSON.stringify` as key, a `Set`. It shares no code with the ladder or the explorer,
 * so that its counts also prove theirs. It is frozen: a faster yardstick would make old ratios mean something else.
 */

interface NaiveBounds {
  readonly replicas: number;
  readonly logSize: number;
  readonly maxRecords: number;
  readonly largestEpoch: number;
}

interface Leadership {
  readonly epoch: number;
  readonly leader: number;
  readonly isr: readonly number[];
}

interface Replica extends Leadership {
  readonly log: readonly { readonly id: number; readonly epoch: number }[];
  readonly hw: number;
}

interface State {
  readonly replicas: readonly Replica[];
  readonly quorum: Leadership;
  readonly requests: readonly Leadership[];
  readonly nextRecord: number;
}

const nobody = -1;

/** Every distinct state, breadth first, with WeakIsr and StrongIsr checked in each. */
export function naiveSearch(bounds: NaiveBounds): { states: number; depth: number; violations: number } {
  const isr = Array.from({ length: bounds.replicas }, (_, index) => index);
  const initial: State = {
    replicas: isr.map(() => ({ log: [], hw: 0, epoch: -1, leader: nobody, isr: [] })),
    quorum: { epoch: -1, leader: nobody, isr },
    requests: [],
    nextRecord: 0,
  };
  const seen = new Set([JSON.stringify(initial)]);
  let level = [initial];
  let depth = 0;
  let violations = 0;
  while (level.length > 0) {
    depth += 1;
    const next: State[] = [];
    for (const state of level) {
      if (!agrees(state)) violations += 1;
      successors(state, bounds, (successor) => {
        const key = JSON.stringify(successor);
        if (seen.has(key)) return;
        seen.add(key);
        next.push(successor);
      });
    }
    level = next;
  }
  return { states: seen.size, depth, violations };
}

function agrees({ replicas, quorum }: State): boolean {
  for (const [index, leader] of replicas.entries()) {
    if (leader.leader !== index) continue;
    for (const member of [...leader.isr, ...quorum.isr]) {
      const copy = replicas[member];
      for (let offset = 0; offset < leader.hw; offset += 1) {
        const one = leader.log[offset];
        const other = copy?.log[offset];
        if (one === undefined || one.id !== other?.id || one.epoch !== other.epoch) return false;
      }
    }
  }
  return true;
}

type Emit = (successor: State) => void;

function successors(state: State, bounds: NaiveBounds, emit: Emit): void {
  if (state.requests.length <= bounds.largestEpoch) controllerActs(state, emit);
  for (const [index, replica] of state.replicas.entries()) {
    for (const request of state.requests) {
      if (request.epoch > replica.epoch) takeRequest(state, index, replica, request, emit);
    }
    if (replica.leader === index) leaderActs(state, index, replica, bounds, emit);
    else if (replica.leader !== nobody) fetch(state, index, replica, emit);
  }
}

function controllerActs(state: State, emit: Emit): void {
  const { leader, isr } = state.quorum;
  const update = (nextLeader: number, nextIsr: readonly number[]) => {
    const quorum = { epoch: state.requests.length, leader: nextLeader, isr: nextIsr };
    emit({ ...state, quorum, requests: [...state.requests, quorum] });
  };
  for (const member of isr) {
    const others = isr.filter((other) => other !== member);
    if (member !== leader) {
      update(member, isr);
      update(leader, others);
    } else update(nobody, others.length === 0 ? isr : others);
  }
}

function takeRequest(state: State, index: number, replica: Replica, request: Leadership, emit: Emit): void {
  const { epoch, leader, isr } = request;
  if (leader === index) emit(withReplica(state, index, { log: replica.log, hw: replica.hw, epoch, leader, isr }));
  const other = state.replicas[leader];
  if (leader === index || other === undefined || other.leader !== leader || other.epoch !== epoch) return;
  let end = replica.log.length;
  while (end > 0) {
    const mine = replica.log[end - 1];
    const theirs = other.log[end - 1];
    if (mine?.id === theirs?.id && mine?.epoch === theirs?.epoch) break;
    end -= 1;
  }
  emit(
    withReplica(state, index, { log: replica.log.slice(0, end), hw: Math.min(replica.hw, end), epoch, leader, isr }),
  );
}

function fetch(state: State, index: number, replica: Replica, emit: Emit): void {
  const leader = state.replicas[replica.leader];
  const record = leader?.log[replica.log.length];
  if (leader?.leader !== replica.leader || leader.epoch !== replica.epoch || record === undefined) return;
  const log = [...replica.log, record];
  emit(withReplica(state, index, { ...replica, log, hw: Math.min(leader.hw, log.length) }));
}

function leaderActs(state: State, index: number, leader: Replica, bounds: NaiveBounds, emit: Emit): void {
  const { replicas, quorum, nextRecord } = state;
  const end = leader.log.length;
  if (nextRecord < bounds.maxRecords && end < bounds.logSize) {
    const log = [...leader.log, { id: nextRecord, epoch: leader.epoch }];
    emit({ ...withReplica(state, index, { ...leader, log }), nextRecord: nextRecord + 1 });
  }
  const follows = (replica: Replica | undefined): replica is Replica =>
    replica !== undefined && replica.leader === index && replica.epoch === leader.epoch;
  const has = (replica: Replica | undefined, length: number) => follows(replica) && replica.log.length >= length;
  if (end > leader.hw && leader.isr.every((member) => has(replicas[member], leader.hw + 1))) {
    emit(withReplica(state, index, { ...leader, hw: leader.hw + 1 }));
  }
  if (quorum.leader !== index || quorum.epoch !== leader.epoch) return;
  const own = end === leader.hw || leader.log[leader.hw]?.epoch === leader.epoch;
  const setIsr = (isr: readonly number[]) =>
    emit({ ...withReplica(state, index, { ...leader, isr }), quorum: { ...quorum, isr } });
  for (const [member, replica] of replicas.entries()) {
    if (member === index) continue;
    if (!leader.isr.includes(member)) {
      if (own && has(replica, leader.hw)) setIsr([...leader.isr, member].sort((one, other) => one - other));
    } else if (!has(replica, end)) setIsr(leader.isr.filter((other) => other !== member));
  }
}

function withReplica(state: State, index: number, replica: Replica): State {
  const replicas = state.replicas.slice();
  replicas[index] = replica;
  return { replicas, quorum: state.quorum, requests: state.requests, nextRecord: state.nextRecord };
}
