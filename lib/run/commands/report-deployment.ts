import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { digestsOf, isDigestOf } from '../../fields.ts';
import { isDeploymentReport, lastReportOf } from '../../folds/deployment.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { CiCaller } from '../state/caller.ts';
import { expectedEnd } from '../state/gate-entries.ts';
import { isAfterT0, readGates } from '../state/gate-inputs.ts';
import { actorOf, type RunContext, readContext } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import { artifactOf, mayServe } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { deploymentSchema } from './inputs.ts';

export type DeploymentInput = {
  readonly run: string;
  readonly state: 'started' | 'finished' | 'failed';
  readonly environment: string;
  readonly component: string;
  readonly digest: string;
};

type DeploymentDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'reconciler' | 'due'>;
type Refused = { readonly refused: Refusal };

/** CI reports that the deployment of a component starts, has finished or has failed, with the digest that it read back. After T0 only. */
export const reportDeployment = runCommand({
  id: 'reportDeployment',
  input: deploymentSchema,
  callers: ['ci'],
  action: ({ state }: DeploymentInput) => `deployment ${state}`,
  decide: async (deps: DeploymentDependencies, context, input: DeploymentInput, caller: CiCaller) => {
    const action = `deployment ${input.state}`;
    const lane = await deps.trail.read(context.scope, { lane: lanes.deployment });
    const gates = await readGates(deps, context);
    const no =
      mayServe(caller, context.started.event.data) ??
      (context.cancelled === undefined ? undefined : overFor(action, 'The run is cancelled.')) ??
      wrongTarget(context, input) ??
      outOfOrder(lane, input, isAfterT0(context, gates));
    if (no !== undefined) return no;
    if (input.state === 'started' && !(await admit(deps, context, input.component, caller)))
      return overFor(action, 'The run is cancelled.');
    return append({
      draft: {
        scope: context.scope,
        lane: lanes.deployment,
        step: `${input.component}/${input.state}/${attemptOf(lane, input)}`,
        type: `deployment.${input.state}`,
        actor: actorOf(caller),
        data: { component: input.component, digest: input.digest, producer: caller.id },
      },
      lane: 'unread',
      followUp: noFollowUp,
      answer: async ({ stored, adopted }) => {
        // The run may have ended between the reading and the append. Both sides read again after they wrote, and each gives way.
        const end = input.state === 'started' ? expectedEnd(await readGates(deps, context)) : undefined;
        if (end !== undefined) return overFor(action, `The run ends as ${end}.`);
        return ok({ event: stored.event.id, state: input.state, component: input.component, alreadyRecorded: adopted });
      },
    });
  },
});

/** Deployments of a component are numbered by their starts: a repeated report finds its own event. */
const attemptOf = (lane: readonly Stored[], { component, state }: DeploymentInput): number => {
  const starts = lane.filter((stored) => stored.event.type === 'deployment.started').filter(isDeploymentReport);
  const attempts = starts.filter(({ event }) => event.data.component === component).length;
  return state === 'started' && lastReportOf(lane, component)?.event.type !== 'deployment.started' ? attempts + 1 : attempts;
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

const overFor = (action: string, detail: string): Refused =>
  refuse('run-ended', detail, { got: action, expected: 'a run that has not ended', fix: 'Deploy nothing; start a new run.' });

const wrongTarget = (context: RunContext, input: DeploymentInput): Refused | undefined => {
  const { environment } = context.started.event.data;
  if (input.environment !== environment)
    return refuse('environment-mismatch', 'The run releases to another environment.', {
      got: input.environment,
      expected: environment,
      fix: 'Report it to the run of that environment.',
    });
  const found = artifactOf(context, input.component);
  if (found.refused) return found;
  const artifact = found.ok;
  if (isDigestOf(artifact, input.digest)) return undefined;
  return refuse('artifact-mismatch', `The reported artifact of ${input.component} is not the one that the run releases.`, {
    got: input.digest,
    expected: digestsOf(artifact),
    fix: 'Deploy the artifact that was proved, or start a run for this one. For an image index the start lists the digests of its platforms.',
  });
};

const outOfOrder = (lane: readonly Stored[], input: DeploymentInput, afterT0: boolean): Refused | undefined => {
  if (!afterT0)
    return refuse('deployment-order', 'T0 has not come: the gates before the deployment have not passed.', {
      got: `deployment ${input.state}`,
      expected: 'a passed gate t-minus-2h',
      fix: 'Wait for T0 with `holdpoint wait RUN --gate t-minus-2h`.',
    });
  const last = lastReportOf(lane, input.component)?.event.type ?? 'nothing';
  if (last === `deployment.${input.state}` || input.state === 'started' || last === 'deployment.started') return undefined;
  return refuse('deployment-order', `The component ${input.component} is not being deployed.`, {
    got: `deployment ${input.state} after ${last}`,
    expected: 'deployment started first',
    fix: 'Report the start, then the end.',
  });
};
