import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { CiCaller } from '../state/caller.ts';
import { expectedEnd } from '../state/gate-entries.ts';
import { isAfterT0, readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext, readContext } from '../state/run-context.ts';
import { storeRecheck } from '../writing/recheck.ts';
import { recordConsequences } from '../writing/regressions.ts';
import { mayServe, openRun, recordRefusal } from './refusals.ts';

export type DeploymentInput = {
  readonly run: string;
  readonly state: 'started' | 'finished' | 'failed';
  readonly environment: string;
  readonly component: string;
  readonly digest: string;
};
export type DeploymentReported = { readonly event: string; readonly state: string; readonly component: string; readonly known: boolean };

type DeploymentWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'reconciler' | 'due'>;

/** CI says that a component starts, has finished or has failed to deploy, with the digest that it read back. Only after T0. */
export const reportDeployment = async (
  deps: DeploymentWorld,
  input: DeploymentInput,
  caller: CiCaller,
): Promise<Outcome<DeploymentReported>> => {
  const action = `deployment ${input.state}`;
  const found = await openRun(deps, input.run, caller, action);
  if (found.refused) return found;
  const context = found.ok;
  const lane = await deps.trail.read(context.scope, { lane: lanes.deployment });
  const gates = await readGates(deps, context);
  const no =
    mayServe(caller, context.started.event.data.service) ??
    (context.cancelled === undefined ? undefined : stopped('The run is cancelled.', action)) ??
    wrongTarget(context, input) ??
    outOfOrder(lane, input, isAfterT0(context, gates));
  if (no !== undefined) return recordRefusal(deps, context, caller, action, no.refused);
  const attempts = lane.filter(
    (stored) =>
      stored.event.type === 'deployment.started' && 'component' in stored.event.data && stored.event.data.component === input.component,
  ).length;
  const attempt = input.state === 'started' && !isOpen(lane, input.component) ? attempts + 1 : attempts;
  if (input.state === 'started' && !(await admit(deps, context, input.component, caller)))
    return recordRefusal(deps, context, caller, action, stopped('The run is cancelled.', action).refused);
  const recheck = await storeRecheck(deps, context.run, `${input.component}/${input.state}`);
  const { stored, adopted } = await deps.trail.append(
    {
      scope: context.scope,
      lane: lanes.deployment,
      step: `${input.component}/${input.state}/${attempt}`,
      type: `deployment.${input.state}`,
      actor: actorOf(caller),
      data: { component: input.component, digest: input.digest, producer: caller.id },
    },
    { parentHash: context.parentHash },
  );
  // A gate that rested on the deployment as it was does so no longer, until this one has finished.
  const resting = context.checklist.items.filter(({ rule }) => rule?.kind === 'deployed/1');
  const verdict = input.state === 'failed' ? 'fail' : 'missing';
  await recordConsequences(
    deps,
    context,
    resting.map((check) => ({ check, satisfied: input.state === 'finished', verdict })),
  );
  await deps.reconciler.request(context.run, recheck.item);
  const late = input.state === 'started' ? await endedMeanwhile(deps, context, action) : undefined;
  if (late !== undefined) return recordRefusal(deps, context, caller, action, late.refused);
  return ok({ event: stored.event.id, state: input.state, component: input.component, known: adopted });
};

/** Takes the place in the run's lane behind which no cancellation counts. False when a cancellation stands there already. */
const admit = async (
  deps: Pick<Dependencies, 'trail' | 'definitions'>,
  context: RunContext,
  component: string,
  caller: CiCaller,
): Promise<boolean> => {
  if (context.admitted) return true;
  await deps.trail.append(
    {
      scope: context.scope,
      lane: lanes.run,
      step: 'admitted',
      type: 'deployment.admitted',
      actor: actorOf(caller),
      data: { component },
    },
    { parentHash: context.parentHash },
  );
  const again = await readContext(deps, context.run);
  return again.ok?.admitted === true;
};

/** The path may have ended between the reading and the append. Both sides look again after they wrote, and each gives way to the other. */
const endedMeanwhile = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  action: string,
): Promise<{ refused: Refusal } | undefined> => {
  const end = expectedEnd(await readGates(deps, context));
  return end === undefined ? undefined : stopped(`The run ends as ${end}.`, action);
};

const stopped = (detail: string, action: string): { refused: Refusal } =>
  refuse('deployment-order', detail, { got: action, expected: 'a run that goes on', fix: 'Deploy nothing; start a new run.' });

const wrongTarget = (context: RunContext, input: DeploymentInput): { refused: Refusal } | undefined => {
  const { artifacts, environment } = context.started.event.data;
  if (input.environment !== environment)
    return refuse('deployment-order', 'The deployment is to another environment than the run.', {
      got: input.environment,
      expected: environment,
      fix: 'Report it to the run of that environment.',
    });
  const artifact = artifacts.find((one) => one.component === input.component);
  if (artifact === undefined)
    return refuse('component-unknown', 'The run has no such component.', {
      got: input.component,
      expected: artifacts.map((one) => one.component).join(', '),
      fix: 'Name a component of the run.',
    });
  if (artifact.digest === input.digest) return undefined;
  return refuse('artifact-mismatch', `Another artifact of ${input.component} is reported than the run releases.`, {
    got: input.digest,
    expected: artifact.digest,
    fix: 'Deploy the artifact that was proved, or start a run for this one.',
  });
};

const isOpen = (lane: readonly Stored[], component: string): boolean => lastOf(lane, component)?.event.type === 'deployment.started';

const lastOf = (lane: readonly Stored[], component: string): Stored | undefined =>
  lane.findLast((stored) => 'component' in stored.event.data && stored.event.data.component === component);

const outOfOrder = (lane: readonly Stored[], input: DeploymentInput, afterT0: boolean): { refused: Refusal } | undefined => {
  if (!afterT0)
    return refuse('deployment-order', 'T0 has not come: the gates before the deployment have not released.', {
      got: `deployment ${input.state}`,
      expected: 'a released pre-deployment gate',
      fix: 'Wait for T0 with `holdpoint wait --gate t-minus-2h`.',
    });
  const last = lastOf(lane, input.component);
  const said = last?.event.type ?? 'nothing';
  const repeats = said === `deployment.${input.state}`;
  if (repeats || input.state === 'started' || said === 'deployment.started') return undefined;
  return refuse('deployment-order', `The component ${input.component} is not being deployed.`, {
    got: `deployment ${input.state} after ${said}`,
    expected: 'deployment started first',
    fix: 'Report the start, then the end.',
  });
};
