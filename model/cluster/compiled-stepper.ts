/**
 * A stepper that is compiled from the statecharts: for every configuration of active states, which transitions an event
 * may select; and for every selection, once and for all, which actions run in which order and where it leads. It is
 * derived mechanically and decides nothing of its own; a property holds it equal to XState's `transition()`.
 *
 * It takes the subset that the machines keep to: nested and parallel states, guards, assign, emit, raise, cancel, entry,
 * exit, after, always, final states at the top. Anything else is refused with the id of the state node.
 *
 * Source: the SCXML algorithm, https://www.w3.org/TR/scxml/#AlgorithmforSCXMLInterpretation, as XState runs it.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from "xstate";
import { type Action, compileAction, compileGuard, type Guard, type Run } from "./compiled-action.ts";
import type { MachineKind, MachineState, Step, Stepper } from "./machines.ts";

/** More microsteps than this in one step go round in circles. */
const microstepsMax = 10_000;

interface Transition {
  readonly definition: AnyTransitionDefinition;
  readonly guard: Guard | null;
  readonly actions: readonly Action[];
}

/** What an active state offers for an event: its children's transitions come before its own. */
interface Offer {
  readonly children: readonly Offer[];
  readonly own: readonly Transition[];
}

/** Everything that a selection of transitions does. */
interface Microstep {
  readonly actions: readonly Action[];
  readonly next: Configuration;
}

/** A set of active states, with what was found out about it so far. */
interface Configuration {
  readonly nodes: readonly AnyStateNode[];
  readonly value: unknown;
  readonly done: boolean;
  readonly always: readonly (readonly Transition[])[];
  readonly offers: Map<string, Offer | null>;
  readonly microsteps: Map<Transition, Microstep>;
  /** For several transitions at once, in parallel states; by their numbers. */
  readonly combined: Map<string, Microstep>;
}

export function createCompiledStepper(machines: Readonly<Record<MachineKind, AnyStateMachine>>): Stepper {
  const compiled = Object.fromEntries(
    Object.entries(machines).map(([kind, machine]) => [kind, compile(kind as MachineKind, machine)]),
  ) as Record<MachineKind, ReturnType<typeof compile>>;
  return {
    create: (kind, input) => compiled[kind].create(input),
    step: (state, event) => compiled[state.kind].step(state, event),
  };
}

function compile(kind: MachineKind, machine: AnyStateMachine) {
  const chart = compileChart(machine);

  function settle(run: Run, from: Configuration): Configuration {
    let configuration = from;
    let looksForAlways = true;
    for (let microsteps = 0; !configuration.done; microsteps += 1) {
      if (microsteps > microstepsMax) throw new Error(`${machine.id}: over ${microstepsMax} microsteps in one step`);
      let selected: readonly Transition[] = looksForAlways ? selectAlways(configuration, run) : [];
      const isAlways = selected.length > 0;
      if (!isAlways) {
        const event = run.raised.shift();
        if (event === undefined) break;
        run.event = event;
        selected = chart.select(configuration, run);
      }
      const before = run.context;
      const next = chart.take(configuration, selected, run);
      // An eventless transition that changes nothing would be taken for ever.
      looksForAlways = !isAlways || next !== configuration || run.context !== before;
      configuration = next;
    }
    return configuration;
  }

  function finish(run: Run, { value, done }: Configuration): Step {
    return { state: { kind, value, context: run.context }, done, actions: run.actions };
  }

  return {
    create(input: unknown): Step {
      const run: Run = { context: chart.context(input), event: { type: "xstate.init" }, raised: [], actions: [] };
      for (const action of chart.entry) action(run);
      return finish(run, settle(run, chart.initial));
    },
    step(state: MachineState, event: { readonly type: string }): Step {
      const run: Run = { context: state.context, event, raised: [], actions: [] };
      const from = chart.configurationOf(state.value);
      const reached = settle(run, chart.take(from, chart.select(from, run), run));
      // A step that changes nothing leaves the very object, so that whoever compares can tell.
      if (run.context === state.context && reached === from) return { state, done: reached.done, actions: run.actions };
      return finish(run, reached);
    },
  };
}

function selectAlways(configuration: Configuration, run: Run): readonly Transition[] {
  const found: Transition[] = [];
  for (const candidates of configuration.always) {
    const first = candidates.find(({ guard }) => guard === null || guard(run));
    if (first !== undefined && !found.includes(first)) found.push(first);
  }
  return found;
}

function compileChart(machine: AnyStateMachine) {
  const { root } = machine;
  const known = new Map<string, Configuration>();
  const byValue = new Map<unknown, Configuration>();
  /** Values that others have made, of the same content. */
  const byCopy = new WeakMap<object, Configuration>();
  const transitions = new Map<AnyTransitionDefinition, Transition>();
  const numbers = new Map<Transition, number>();
  refuseWhatIsNotCompiled(root);

  function transitionOf(definition: AnyTransitionDefinition): Transition {
    const found = transitions.get(definition);
    if (found !== undefined) return found;
    const guard = definition.guard === undefined ? null : compileGuard(machine, definition.guard);
    const made = { definition, guard, actions: definition.actions.map((action) => compileAction(machine, action)) };
    transitions.set(definition, made);
    numbers.set(made, numbers.size);
    return made;
  }

  function configurationFrom(unordered: readonly AnyStateNode[]): Configuration {
    const nodes = [...unordered].sort((one, other) => one.order - other.order);
    const key = nodes.map(({ order }) => order).join(" ");
    const found = known.get(key);
    if (found !== undefined) return found;
    const leaves = nodes.filter(isAtomic);
    const configuration: Configuration = {
      nodes,
      value: stateValueOf(root, nodes),
      done: nodes.some(({ type }) => type === "final"),
      // The innermost state comes first: the first transition that is enabled wins.
      always: leaves
        .map((leaf) => [leaf, ...ancestorsOf(leaf)].flatMap((node) => (node.always ?? []).map(transitionOf)))
        .filter((candidates) => candidates.length > 0),
      offers: new Map(),
      microsteps: new Map(),
      combined: new Map(),
    };
    known.set(key, configuration);
    return configuration;
  }

  function configurationOf(value: unknown): Configuration {
    const found = byValue.get(value) ?? byCopy.get(value as object);
    if (found !== undefined) return found;
    const configuration = configurationFrom(nodesOf(root, value));
    byValue.set(configuration.value, configuration);
    if (!byValue.has(value)) byCopy.set(value as object, configuration);
    return configuration;
  }

  function offerOf(node: AnyStateNode, active: ReadonlySet<AnyStateNode>, event: string): Offer | null {
    const own = (node.transitions.get(event) ?? []).map(transitionOf);
    const children = childrenOf(node)
      .filter((child) => active.has(child))
      .flatMap((child) => offerOf(child, active, event) ?? []);
    return own.length === 0 && children.length === 0 ? null : { own, children };
  }

  function select(configuration: Configuration, run: Run): readonly Transition[] {
    const { offers, nodes } = configuration;
    let offer = offers.get(run.event.type);
    if (offer === undefined) {
      offer = offerOf(root, new Set(nodes), run.event.type);
      offers.set(run.event.type, offer);
    }
    return offer === null ? [] : selectFrom(offer, run);
  }

  function take(from: Configuration, selected: readonly Transition[], run: Run): Configuration {
    const [first] = selected;
    if (first === undefined) return from;
    const microstep = selected.length === 1 ? single(from, first) : several(from, selected);
    for (const action of microstep.actions) action(run);
    return microstep.next;
  }

  function single(from: Configuration, transition: Transition): Microstep {
    const found = from.microsteps.get(transition) ?? plan(from, [transition]);
    from.microsteps.set(transition, found);
    return found;
  }

  function several(from: Configuration, selected: readonly Transition[]): Microstep {
    const key = selected.map((transition) => numbers.get(transition)).join(" ");
    const found = from.combined.get(key) ?? plan(from, withoutConflicts(from.nodes, selected));
    from.combined.set(key, found);
    return found;
  }

  function plan(from: Configuration, selected: readonly Transition[]): Microstep {
    const exits = new Set(selected.flatMap(({ definition }) => exitSet(definition, from.nodes)));
    const entries = entrySet(selected.map(({ definition }) => definition));
    const next = configurationFrom([...from.nodes.filter((node) => !exits.has(node)), ...entries]);
    byValue.set(next.value, next);
    const left = [...exits].sort((one, other) => other.order - one.order);
    const atEnd = next.done ? [...next.nodes].reverse() : [];
    const compiled = (actions: AnyStateNode["entry"]) => actions.map((action) => compileAction(machine, action));
    return {
      actions: [
        ...left.flatMap(({ exit }) => compiled(exit)),
        ...selected.flatMap(({ actions }) => actions),
        ...entries.flatMap(({ entry }) => compiled(entry)),
        ...atEnd.flatMap(({ exit }) => compiled(exit)),
      ],
      next,
    };
  }

  const first = withDescendants(root, []);
  const initial = configurationFrom(first);
  byValue.set(initial.value, initial);
  const { context } = machine.config;
  return {
    initial,
    entry: first.flatMap(({ entry }) => entry.map((action) => compileAction(machine, action))),
    context: (input: unknown): unknown =>
      typeof context === "function" ? (context as (args: { input: unknown }) => unknown)({ input }) : context,
    configurationOf,
    select,
    take,
  };
}

function selectFrom(offer: Offer, run: Run): readonly Transition[] {
  const { children, own } = offer;
  let found: readonly Transition[] = [];
  for (const child of children) {
    const ofChild = selectFrom(child, run);
    found = found.length === 0 ? ofChild : [...found, ...ofChild];
  }
  if (found.length > 0) return found;
  for (const transition of own) if (transition.guard === null || transition.guard(run)) return [transition];
  return found;
}

// --- the chart ---------------------------------------------------------------------------------------------------

function childrenOf(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values<AnyStateNode>(node.states);
}

function isAtomic({ type }: AnyStateNode): boolean {
  return type === "atomic" || type === "final";
}

/** From the parent up to the root. */
function ancestorsOf(node: AnyStateNode): readonly AnyStateNode[] {
  return node.parent === undefined ? [] : [node.parent, ...ancestorsOf(node.parent)];
}

function initialOf(node: AnyStateNode): AnyStateNode {
  const [target] = node.initial.target;
  if (target === undefined) throw new Error(`${node.id} has no initial state`);
  return target;
}

/** A state that is entered, with the states that are entered in it; those of `chosen` in place of the initial ones. */
function withDescendants(node: AnyStateNode, chosen: readonly AnyStateNode[]): readonly AnyStateNode[] {
  if (isAtomic(node)) return [node];
  const children =
    node.type === "parallel"
      ? childrenOf(node)
      : [childrenOf(node).find((one) => chosen.includes(one)) ?? initialOf(node)];
  return [node, ...children.flatMap((child) => withDescendants(child, chosen))];
}

/** The state within which a transition happens: it stays, what is in it is left. */
function domainOf({ target, source, reenter }: AnyTransitionDefinition): AnyStateNode {
  const targets = target ?? [];
  if (!reenter && targets.every((node) => node === source || ancestorsOf(node).includes(source))) return source;
  const common = ancestorsOf(source).find((node) => targets.every((one) => ancestorsOf(one).includes(node)));
  if (common === undefined) throw new Error(`${source.id}: a transition that leaves the root is not compiled`);
  return common;
}

function exitSet(definition: AnyTransitionDefinition, nodes: readonly AnyStateNode[]): readonly AnyStateNode[] {
  if (definition.target === undefined || definition.target.length === 0) return [];
  const domain = domainOf(definition);
  return nodes.filter((node) => ancestorsOf(node).includes(domain));
}

/** In document order. */
function entrySet(definitions: readonly AnyTransitionDefinition[]): readonly AnyStateNode[] {
  const entered = new Set<AnyStateNode>();
  for (const definition of definitions) {
    const { target } = definition;
    if (target === undefined || target.length === 0) continue;
    const domain = domainOf(definition);
    const chosen = target.flatMap((node) => [node, ...ancestorsOf(node)]);
    // Below the domain everything on the way to the targets is entered; the domain itself stays.
    for (const node of withDescendants(domain, chosen)) if (node !== domain) entered.add(node);
  }
  return [...entered].sort((one, other) => one.order - other.order);
}

/** Two transitions that leave a common state: the one further in wins, else the one that was selected first. */
function withoutConflicts(nodes: readonly AnyStateNode[], selected: readonly Transition[]): readonly Transition[] {
  let kept: readonly Transition[] = [];
  for (const transition of selected) {
    const exits = exitSet(transition.definition, nodes);
    const rivals = kept.filter(({ definition }) => exitSet(definition, nodes).some((node) => exits.includes(node)));
    const isInner = rivals.every(({ definition }) =>
      ancestorsOf(transition.definition.source).includes(definition.source),
    );
    if (isInner) kept = [...kept.filter((one) => !rivals.includes(one)), transition];
  }
  return kept;
}

/** A state value in XState's form: the name of the one active child, or a map of active children. */
function stateValueOf(node: AnyStateNode, nodes: readonly AnyStateNode[]): unknown {
  const active = childrenOf(node).filter((child) => nodes.includes(child));
  const [only] = active;
  if (only !== undefined && active.length === 1 && node.type === "compound" && isAtomic(only)) return only.key;
  return Object.fromEntries(active.map((child) => [child.key, isAtomic(child) ? {} : stateValueOf(child, nodes)]));
}

function nodesOf(node: AnyStateNode, value: unknown): readonly AnyStateNode[] {
  const children = typeof value === "string" ? { [value]: {} } : (value as Readonly<Record<string, unknown>>);
  return [
    node,
    ...Object.entries(children).flatMap(([key, inner]) => {
      const child = node.states[key];
      if (child === undefined) throw new Error(`${node.id} has no state ${key}`);
      return nodesOf(child, inner);
    }),
  ];
}

function refuseWhatIsNotCompiled(node: AnyStateNode): void {
  const refuse = (what: string): never => {
    throw new Error(`${node.id}: ${what} is not compiled`);
  };
  if (node.type === "history") refuse("a history state");
  if (node.invoke.length > 0) refuse("invoke");
  if (node.type === "final" && node.parent?.parent !== undefined) refuse("a final state below the top");
  if ([...node.transitions.keys()].some((event) => event.includes("*"))) refuse("an event with a wildcard");
  if (node.type === "compound" && node.initial.actions.length > 0) refuse("an action on the way to the initial state");
  for (const child of childrenOf(node)) refuseWhatIsNotCompiled(child);
}
