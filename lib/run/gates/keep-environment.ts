import { type DataOf, type Draft, isType, type Stored } from '../../audit/event.ts';
import type { LiveLevel } from '../../audit/events/environment.ts';
import type { Settled } from '../../audit/events/gate.ts';
import type { Budget } from '../../audit/events/rollback.ts';
import type { End } from '../../audit/events/run.ts';
import { genesis, lanes } from '../../audit/lane.ts';
import { sharingGate } from '../../checklist/gate-graph.ts';
import { isReadBack } from '../../folds/deployment.ts';
import { type Live, liveIn } from '../../folds/environment.ts';
import { budgetsOf } from '../../folds/rollback-budgets.ts';
import type { Dependencies } from '../../ports.ts';
import { changesEnvironment, environmentScope, fixedTarget, readHolding, readTail, tailLength } from '../state/environment.ts';
import { finishedAt, type GateInputs } from '../state/gate-inputs.ts';
import { appendToLane, ofType, type RunContext, system } from '../state/run-context.ts';
import { readableIn, targetsOf } from '../state/targets.ts';
import { leftIn, liveBefore, runningIn } from './running.ts';

type Keeper = Pick<Dependencies, 'trail' | 'index' | 'reconciler' | 'stage'>;

/**
 * Called when the workflow has taken an answer, before that is recorded, so that a reconciler which crashes in between does it again. After
 * Deployment Success the release is one to go back to, and newer runs may take the environment over. What is live is said first: a run that
 * finds the environment shared finds the version, too.
 */
export const passedGate = async (
  deps: Keeper,
  context: RunContext,
  { gate, outcome }: { readonly gate: string; readonly outcome: Settled },
): Promise<void> => {
  if (outcome === 'returned') return giveBack(deps, context);
  if (gate !== sharingGate || outcome !== 'passed' || !changesEnvironment(context)) return;
  const { lane, holding } = await readHolding(deps, environmentScope(context), context.run);
  // A person took the environment from it, and a newer run has it: what that one deploys is live.
  if (holding.how !== 'free' && holding.supersedes === context.run) return;
  await recordLive(deps, context, 'deployment-success');
  if (holding.how !== 'exclusive' || holding.run !== context.run) return;
  await appendAbout(deps, context, lane, { type: 'environment.shared', data: { run: context.run } });
  await wakeOthers(deps, context);
};

/** T0 claims before it passes. What made the run go back to people after the claim takes that back: others may deploy meanwhile. */
const giveBack = async (deps: Keeper, context: RunContext): Promise<void> => {
  if (!changesEnvironment(context)) return;
  const { lane, holding } = await readHolding(deps, environmentScope(context), context.run);
  if (holding.how !== 'exclusive' || holding.run !== context.run) return;
  await appendAbout(deps, context, lane, { type: 'environment.freed', data: { run: context.run, end: null, by: null, reason: null } });
  await wakeOthers(deps, context);
};

/** At the end of the run, before its trail is closed: what is live now. */
export const recordEnd = async (deps: Keeper, context: RunContext, end: End): Promise<void> => {
  if (!changesEnvironment(context)) return;
  if (context.started.event.data.drill !== undefined) {
    await recordDrill(deps, context, end);
    await wakeService(deps, context);
  }
  if (end === 'production-stable') return recordLive(deps, context, 'production-stable');
  if (end === 'rolled-back' || end === 'rolled-back-unverified') return recordTarget(deps, context);
};

/**
 * Gives the environment free when the run has ended, and asks the runs that wait for it to look again. After a rollback that could not be
 * carried out the claim stays, because nobody knows what runs. Safe to repeat: a run that no longer holds it changes nothing.
 */
export const releaseEnvironment = async (deps: Keeper, context: RunContext, end: End): Promise<void> => {
  if (!changesEnvironment(context)) return;
  const { lane, holding } = await readHolding(deps, environmentScope(context), context.run);
  if (holding.how === 'free' || holding.how === 'kept' || holding.run !== context.run) return;
  if (end === 'rollback-escalated') return appendAbout(deps, context, lane, { type: 'environment.kept', data: { run: context.run, end } });
  await appendAbout(deps, context, lane, { type: 'environment.freed', data: { run: context.run, end, by: null, reason: null } });
  await wakeOthers(deps, context);
};

type About<T extends 'environment.shared' | 'environment.kept' | 'environment.freed'> = { readonly type: T; readonly data: DataOf<T> };

/** The step names the place, because a run may claim again for its rollback and share again afterwards. */
const appendAbout = async <T extends 'environment.shared' | 'environment.kept' | 'environment.freed'>(
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  lane: readonly Stored[],
  { type, data }: About<T>,
): Promise<void> => {
  const claims = ofType(lane, 'environment.claimed').filter(({ event }) => event.data.run === context.run);
  await appendToLane(deps, genesis, lane, {
    scope: environmentScope(context),
    lane: lanes.claim,
    step: `${type}/${context.run}/${claims.at(-1)?.event.seq ?? 0}`,
    type,
    actor: system('reconciler'),
    data,
  } as unknown as Draft<T>);
};

/** Runs of this environment may wait at T0. One whose request is lost looks again by itself after two minutes. */
const wakeOthers = async ({ index, reconciler }: Keeper, context: RunContext): Promise<void> => {
  const { service, environment } = context.started.event.data;
  for (const { run } of await index.open(service, environment)) if (run !== context.run) await reconciler.request(run);
};

/** Runs of the service may wait for a rehearsal, in whichever environment it was made. */
const wakeService = async ({ index, reconciler, stage }: Keeper, context: RunContext): Promise<void> => {
  const { service } = context.started.event.data;
  for (const environment of stage.environments[service] ?? [])
    for (const { run } of await index.open(service, environment)) if (run !== context.run) await reconciler.request(run);
};

/** The measured budgets of a rehearsal, for the checks of later runs that ask for a recent one. */
const recordDrill = async (deps: Pick<Dependencies, 'trail'>, context: RunContext, end: End): Promise<void> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.rollback });
  const found = new Map(budgetsOf(lane).map((one) => [one.budget, one]));
  const limits = context.checklist.rollback.budgets;
  const measured = (budget: Budget) => {
    const one = found.get(budget);
    const until = one?.until ?? lane.at(-1)?.event.at ?? '';
    const seconds = one === undefined ? limits[budget] : (Date.parse(until) - Date.parse(one.since)) / 1000;
    // A part that was never reached has met nothing.
    return { seconds, limitSeconds: limits[budget], met: one !== undefined && one.until !== null && seconds <= limits[budget] };
  };
  const scope = environmentScope(context);
  const { environment, schemaVersion: from, drill } = context.started.event.data;
  const to = drill?.schemaVersion;
  await appendToLane(deps, genesis, await readTail(deps, scope, lanes.drill), {
    scope,
    lane: lanes.drill,
    step: `drill/${context.run}`,
    type: 'drill.recorded',
    actor: system('reconciler'),
    data: {
      run: context.run,
      environment,
      budgets: {
        decision: measured('decision'),
        execution: measured('execution'),
        verification: measured('verification'),
        total: measured('total'),
      },
      schemaVersions: from === undefined || to === undefined ? [] : [from, to],
      outcome: end,
    },
  });
};

/** Once a level: the release is live and has come so far. */
const recordLive = async (deps: Pick<Dependencies, 'trail'>, context: RunContext, level: LiveLevel): Promise<void> => {
  const { deployment, rollback } = await readDeployed(deps, context);
  await appendLive(deps, context, `${context.run}/${level}`, (before) => ({
    ...released(context, rollback),
    level,
    components: runningIn(context, deployment, before),
  }));
};

const readDeployed = async ({ trail }: Pick<Dependencies, 'trail'>, { scope }: RunContext) => {
  const [deployment, rollback] = await Promise.all([
    trail.read(scope, { lane: lanes.deployment }),
    trail.read(scope, { lane: lanes.rollback }),
  ]);
  return { deployment, rollback };
};

const released = (
  { run, started }: RunContext,
  rollback: readonly Stored[],
): Pick<DataOf<'environment.live'>, 'run' | 'version' | 'waitScale' | 'triggered' | 'rolledBack'> => ({
  run,
  version: started.event.data.version,
  ...(started.event.data.schemaVersion === undefined ? {} : { schemaVersion: started.event.data.schemaVersion }),
  waitScale: started.event.data.waitScale,
  triggered: rollback.some(isType('rollback.triggered')),
  rolledBack: null,
});

/** After a rollback its target is live again. */
const recordTarget = async (deps: Pick<Dependencies, 'trail'>, context: RunContext): Promise<void> => {
  const { deployment, rollback } = await readDeployed(deps, context);
  const target = fixedTarget(rollback);
  if (target === undefined) return;
  const { waitScale, artifacts } = context.started.event.data;
  const isReleased = ({ component }: { readonly component: string }): boolean => artifacts.some((one) => one.component === component);
  await appendLive(deps, context, `${context.run}/rolled-back`, (before) => {
    // A rollback leaves alone what the run did not release, unless it takes the whole service away.
    const left = target.level === 'withdraw' ? [] : leftIn(context, deployment, before);
    const isWhole = target.components
      .filter((one) => !isReleased(one))
      .every(({ component, digest }) => left.some((one) => one.component === component && one.digest === digest));
    return {
      run: target.run,
      version: target.version,
      // Nobody has seen it run beside other components than its own.
      level: target.level === 'drill' || !isWhole ? 'deployed' : target.level,
      components: [...target.components.filter(isReleased), ...left],
      // An adopted version has no windows, and a run's target was released under the same rule as it is used.
      waitScale: target.run === null ? 1 : waitScale,
      triggered: false,
      rolledBack: context.run,
    };
  });
};

/** The end of the lane is enough to find the own step again: a repetition comes within minutes. `dataOf` gets what was live before the run. */
const appendLive = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  step: string,
  dataOf: (before: Live | undefined) => DataOf<'environment.live'>,
): Promise<void> => {
  const scope = environmentScope(context);
  const tail = await readTail(deps, scope, lanes.live);
  const near = liveBefore(liveIn(tail), context);
  const before =
    near !== undefined || tail.length < tailLength ? near : liveBefore(liveIn(await deps.trail.read(scope, { lane: lanes.live })), context);
  const draft = { scope, lane: lanes.live, step, type: 'environment.live' as const, actor: system('reconciler'), data: dataOf(before) };
  await appendToLane(deps, genesis, tail, draft);
};

/**
 * The deployment is finished, and each platform that can be read says so: the release is live. Called whenever the gate of the deployment
 * is looked at, because that gate need not pass.
 */
export const recordDeployed = async (deps: Pick<Dependencies, 'trail' | 'stage'>, inputs: GateInputs): Promise<void> => {
  const finished = finishedAt(inputs);
  const { context, deployment, rollback } = inputs;
  if (finished === undefined || !changesEnvironment(context)) return;
  const readable = readableIn(targetsOf(deps, context));
  if (context.started.event.data.artifacts.some((one) => readable.includes(one.component) && !isReadBack(deployment, one))) return;
  await appendLive(deps, context, `${context.run}/deployed`, (before) => ({
    ...released(context, rollback),
    level: 'deployed',
    components: runningIn(context, deployment, before),
  }));
};
