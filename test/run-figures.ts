import { expect } from 'vitest';
import { baseChecklist } from '../lib/checklist/checklist.ts';
import { gateGraphOf } from '../lib/checklist/gate-graph.ts';
import { type FunctionName, factsOf } from '../lib/lambda-manifest.ts';
import type { BilledCounts } from '../lib/local/prices.ts';
import { decideRollback } from '../lib/run/commands/decide-rollback.ts';
import { reportDeployment } from '../lib/run/commands/report-deployment.ts';
import { triggerRollback } from '../lib/run/commands/trigger-rollback.ts';
import { type Definition, definitionOf } from '../lib/stack/states-language.ts';
import { countedWorld, type Operations, type WorldCounts } from './counted-world.ts';
import type { FakeDependencies } from './fakes.ts';
import { signingFor } from './fakes.ts';
import { anew, artifact, ci, personIn } from './given.ts';
import { lookedAt, withOwnLooks } from './own-looks.ts';
import { attestAll, begin, hour, observation, proveStability, type Story, sign, toStability, toWindow } from './story.ts';
import { wholeChecklist } from './story-checklist.ts';
import { answerFunctions, shopTargets } from './way-back.ts';

/** The figures of a run that follow from the checklist and from what the commands and the reconciler do, without AWS and without an emulator. */

/**
 * What the story in memory does not show. It calls commands and no routes: so each request comes with the authorizer, the key of idempotency and
 * lines in the logs, and what a person does with the page on which it is done. What people look at beside that is not part of a run's cost.
 */
export const assumed = {
  /** Of every call of a function and every look of the watch, in the mean, with the start of a new process now and then. */
  functionSeconds: 0.2,
  /** Beside the whole run, which is counted: whether its session has ended, the texts, the run's entry, the lanes of the environment. */
  readUnitsPerPage: 10,
  /** Idempotency key: begun and finished. A report needs none (`lib/api/mount.ts`): it is sent by PUT. */
  writeUnitsPerCommand: 2,
  /** The seal of its form, and the session. Both are remembered for five minutes, so that sending the form needs neither again. */
  keyRequestsPerAct: 2,
  /** The function's own line, with what CloudWatch bills for an event. The reconciler's is taken for all that are not named. */
  logBytesPerCall: { 'api-authorizer': 360, 'api-ci': 550, 'api-people': 550, 'api-audit': 550, others: 720 },
  /** Of the state machine, without the data of the execution. */
  logBytesPerTransition: 3_000,
} as const;

const lineBytes = (name: string): number => {
  const bytes: Readonly<Record<string, number>> = assumed.logBytesPerCall;
  return bytes[name] ?? assumed.logBytesPerCall.others;
};

/** The states that a run enters when it follows these answers, gate by gate. */
export type Transitions = { readonly count: number; readonly states: readonly string[] };

const definition: Definition = definitionOf(gateGraphOf(baseChecklist), { opener: 'opener', partition: 'aws' });

/** Walks the state machine: `answers` gives the answer of a gate, the outcome of the output or the trigger's error. Ends at an end state. */
export const walk = (answerOf: (gate: string) => { readonly outcome: string } | 'triggered', states = definition.States): Transitions => {
  const entered: string[] = [];
  let at: string | undefined = definition.StartAt;
  let outcome = '';
  while (at !== undefined && entered.length < 500) {
    entered.push(at);
    const state: Definition['States'][string] | undefined = states[at];
    if (state === undefined) throw new Error(`there is no state ${at}`);
    if (state.Type === 'Task') {
      const answer = answerOf(at);
      outcome = answer === 'triggered' ? '' : answer.outcome;
      at = answer === 'triggered' ? state.Catch.find(({ ErrorEquals }) => ErrorEquals.includes('Rollback.Triggered'))?.Next : state.Next;
      if (at === undefined) throw new Error(`${entered.at(-1)} takes no trigger`);
    } else if (state.Type === 'Choice') {
      const taken: { readonly Next?: string } | undefined = state.Choices.find(
        ({ Variable, StringEquals }) => Variable === '$.outcome' && StringEquals === outcome,
      );
      at = taken?.Next ?? state.Default;
    } else at = undefined;
  }
  return { count: entered.length, states: entered };
};

/** The transitions of a run without rollback, and the most of one with one trigger and no decision to continue: the trigger comes at the last gate. */
export const transitionsOfRuns = (): { readonly good: Transitions; readonly rolledBack: Transitions } => {
  const gates = gateGraphOf(baseChecklist).gates;
  const last = gates.findLast(({ triggered }) => triggered !== null)?.id;
  const passed = { outcome: 'passed' };
  return { good: walk(() => passed), rolledBack: walk((gate) => (gate === last ? 'triggered' : passed)) };
};

/**
 * Everything that AWS bills for a run: what the world counted, and what is assumed. `watched`: looks of the watch. Its call of every minute and
 * its line in the log come whether there is a run or not, as those of the sweep; a run adds the time of the look.
 */
export const billedFor = ({ functions, reports, ...pieces }: WorldCounts, transitions: number, watched = 0): BilledCounts => {
  const byPeople = functions['api-people'] ?? 0;
  const commands = (functions['api-ci'] ?? 0) + byPeople;
  const requests = commands + byPeople;
  const calls: WorldCounts['functions'] = { ...functions, 'api-audit': byPeople, 'api-authorizer': requests };
  const all = Object.entries(calls) as readonly (readonly [FunctionName, number])[];
  const invocations = all.reduce((sum, [, count]) => sum + count, 0);
  const secondsOf = (name: FunctionName, count: number): number => (count * assumed.functionSeconds * factsOf(name).mebibytes) / 1024;
  return {
    ...pieces,
    transitions,
    invocations,
    gigabyteSeconds: all.reduce((sum, [name, count]) => sum + secondsOf(name, count), secondsOf('event-collector', watched)),
    readUnits: pieces.readUnits + byPeople * assumed.readUnitsPerPage,
    writeUnits: pieces.writeUnits + (commands - reports) * assumed.writeUnitsPerCommand,
    keyRequests: pieces.keyRequests + byPeople * assumed.keyRequestsPerAct,
    apiRequests: requests,
    busEvents: 0,
    figuresRead: 0,
    logBytes: all.reduce((sum, [name, count]) => sum + count * lineBytes(name), transitions * assumed.logBytesPerTransition),
  };
};

/** A run that was played: what AWS bills for it, and the states that its machine entered. */
export type PlayedRun = {
  readonly end: string;
  readonly transitions: number;
  readonly billed: BilledCounts;
  /** What was counted, by the operation that used it; what is assumed stands beside it. */
  readonly operations: Operations;
};

type Counted = { readonly world: WorldCounts; readonly operations: Operations; readonly figuresRead: number; readonly watched: number };

const played = ({ deps, machine }: Story, { world, operations, figuresRead, watched }: Counted): PlayedRun => {
  // A gate's task and, unless it ended by an error, its choice; before them the first state, behind them the end.
  const answered = deps.controls.workflow.answers.filter(({ sent }) => 'output' in sent).length;
  const transitions = 1 + (world.functions['gate-opener'] ?? 0) + answered + 1;
  return { end: machine.at(), transitions, billed: { ...billedFor(world, transitions, watched), figuresRead }, operations };
};

const minute = 60_000;

const counting = async (targets: FakeDependencies['stage']['targets'] = {}) => {
  let counts = (): WorldCounts => expect.fail('nothing was prepared');
  let operations = (): Operations => new Map();
  const begun = await begin((given: FakeDependencies) => {
    Object.assign(given.stage, { targets });
    const world = countedWorld(given);
    counts = world.counts;
    operations = world.operations;
    return world.deps;
  }, wholeChecklist);
  // As `npm start` plays it: the commits of a release were reviewed before people sign, and reports come one after the other.
  const story: Story = { ...begun, lifelike: true };
  return { story, counts: () => counts(), operations: () => operations() };
};

/**
 * A run of the real checklist that ends production-stable, on a stage on which Holdpoint looks at the service itself. Every minute of the waits
 * passes: the sweep takes up what is due, and the watch looks from T0 to the end of the monitoring.
 */
export const playGoodRun = async (): Promise<PlayedRun> => {
  const counted = await counting({ shop: { production: lookedAt } });
  const { story, pass, counts: looked } = withOwnLooks(counted.story);
  const { deps, run, machine } = story;
  await toStability(story, (_, milliseconds) => pass(milliseconds));
  await observation(story, 'fine-1', false);
  await attestAll(story, 'stability-24h');
  await pass(20 * hour - 5 * minute);
  // What the review asks of CI arrives as its window ends.
  deps.controls.clock.advance(5 * minute);
  await proveStability(story);
  await machine.settle();
  await sign(story);
  await attestAll(story, 'review-48h');
  await pass(24 * hour);
  deps.controls.reconciler.requests.push({ run });
  await machine.settle();
  const world = counted.counts();
  return played(story, { world, operations: counted.operations(), ...looked() });
};

/** A run whose release is taken back after its deployment, by a declared trigger and the decision of a person. */
export const playRolledBackRun = async (): Promise<PlayedRun> => {
  const { story, counts, operations } = await counting();
  const { deps, run, machine } = story;
  await toWindow(story);
  Object.assign(deps.stage, { targets: { shop: { production: shopTargets() } } });
  for (const state of ['started', 'finished'] as const)
    await reportDeployment(signingFor([], deps), { run, state, environment: 'production', component: 'web', digest: artifact }, ci);
  await machine.settle();
  const people = () => signingFor(['people'], deps);
  const trigger = { request: anew(), run, trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason: 'rows are missing' };
  expect((await triggerRollback(people(), trigger, personIn(deps, 'operations-lead'))).refused).toBeUndefined();
  await machine.settle();
  const decision = { run, decision: 'roll-back', reason: 'rows are missing' } as const;
  expect((await decideRollback(people(), decision, personIn(deps, 'operations-lead'))).refused).toBeUndefined();
  await answerFunctions(story);
  return played(story, { world: counts(), operations: operations(), figuresRead: 0, watched: 0 });
};
