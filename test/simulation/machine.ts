import { open } from '../../lambdas/gate-opener.ts';
import { type Edge, type GateGraph, gateGraphOf } from '../../lib/checklist/gate-graph.ts';
import { edgeOf } from '../machine.ts';
import { reportExecutionEnd } from './functions.ts';
import type { World } from './world.ts';

/** One execution of the state machine, as Step Functions runs it. */
export type Execution = {
  readonly run: string;
  readonly execution: string;
  /** The state in which it waits, or its end. */
  at: string;
  /** The end that was reached. */
  end: string | undefined;
  token: string;
  entry: string;
  /** Whether the workflow has taken an answer that it has not followed yet. */
  answering: boolean;
  readonly entered: { readonly gate: string; readonly entry: string; readonly tokens: string[] }[];
};

export type Executions = ReadonlyMap<string, Execution>;

/** Plays the executions: one callback task for each gate, retries of the opener, hard stops, and the edges of the gate graph. */
export const installMachine = (world: World): Executions => {
  const executions = new Map<string, Execution>();
  const graph = gateGraphOf(world.checklist);
  world.deliver.started = (run, execution) => {
    const one: Execution = { run, execution, at: '', end: undefined, token: '', entry: '', answering: false, entered: [] };
    executions.set(run, one);
    world.timeline.after(world.draws.between(5, 200), () => void enter(world, graph, one, graph.start));
  };
  world.deliver.answered = (token) => {
    const one = [...executions.values()].find((execution) => execution.token === token);
    if (one === undefined) return;
    one.answering = true;
    const answer = world.stores.workflow.answers.at(-1);
    world.timeline.after(world.draws.between(5, 300), () => {
      one.answering = false;
      if (answer !== undefined) follow(world, graph, one, edgeOf(graph, one.at, answer.sent));
    });
  };
  return executions;
};

const follow = (world: World, graph: GateGraph, one: Execution, edge: Edge): void => {
  if ('gate' in edge) return void enter(world, graph, one, edge.gate);
  one.token = '';
  one.at = `end ${edge.end}`;
  one.end = edge.end;
  world.stores.workflow.end(one.execution, edge.end === 'production-stable' ? 'succeeded' : edge.end);
  world.say('machine', `${one.run} ended as ${edge.end}`);
  if (edge.end !== 'production-stable') reportExecutionEnd(world, one.run);
};

/** Retries when Lambda did not run the opener, or the opener died: the gate's, and the incident gate's. See `lib/stack/states-language.ts`. */
const retries = (graph: GateGraph, gate: string): number => (gate === graph.incident.id ? 40 : 10);

const enter = async (world: World, graph: GateGraph, one: Execution, gate: string): Promise<void> => {
  const { timeline, draws, stores } = world;
  const entry = new Date(timeline.now()).toISOString();
  const entered = { gate, entry, tokens: [] as string[] };
  one.at = gate;
  one.entry = entry;
  one.entered.push(entered);
  const hardStop = (graph.gates.find(({ id }) => id === gate) ?? graph.incident).hardStopSeconds * 1000;
  const isHere = (): boolean => one.at === gate && one.entry === entry && !one.answering;
  timeline.after(hardStop, () => {
    if (isHere()) broken(world, graph, one, 'its hard stop fired');
  });
  for (let attempt = 0; attempt <= retries(graph, gate); attempt += 1) {
    if (one.token !== '') stores.workflow.close(one.token);
    one.token = stores.workflow.issue(`token/${one.run}/${gate}/${entry}/${attempt}`);
    entered.tokens.push(one.token);
    // Lambda refuses to run the function, or runs it and its answer is lost: in both cases Step Functions retries with another token.
    const isThrottled = draws.chance(world.rates.fail);
    const isUnheard = draws.chance(world.rates.fail);
    const ended = isThrottled ? undefined : await openBy(world, one, gate, entry);
    if (!isHere()) return;
    const hasDied = ended !== undefined && 'died' in ended;
    if (ended !== undefined && !isUnheard && !hasDied) {
      if ('ok' in ended) return;
      return broken(world, graph, one, 'its opener failed');
    }
    world.say('machine', `${one.run} ${gate}: ${hasDied ? 'Sandbox.Timedout' : 'Lambda.TooManyRequestsException'}, retries`);
    await timeline.sleep(Math.min(2_000 * 2 ** attempt, 120_000));
    if (!isHere()) return;
  }
  broken(world, graph, one, 'its opener was never run');
};

const openBy = (world: World, { run, token, execution }: Execution, gate: string, entry: string) => {
  const label = `opener ${gate}`;
  const log = { info: () => undefined, warn: () => undefined, fault: () => undefined };
  const { graph } = world.stores.definitions.current();
  return world.invoke('gate-opener', label, [], (deps) =>
    open(deps, { schemaVersion: 1, run, gate, entry, token, execution, graph }, log, world.timeline.sleep),
  );
};

/** The state's Catch. */
const broken = (world: World, graph: GateGraph, one: Execution, why: string): void => {
  world.say('machine', `${one.run} ${one.at}: ${why}`);
  world.stores.workflow.close(one.token);
  follow(world, graph, one, one.at === graph.incident.id ? { end: graph.incident.end } : { gate: graph.incident.id });
};
