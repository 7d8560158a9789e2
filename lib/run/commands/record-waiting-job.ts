import { lanes, scopes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { type Outcome, ok, refuse } from '../../outcome.ts';
import { system } from '../state/run-context.ts';
import { appendToEnvironment, type EnvironmentWriter } from '../writing/append-to-environment.ts';

/** A job that waits at an environment which a rule of the stage protects, as the code host said it. */
export type WaitingJob = {
  readonly service: string;
  readonly environment: string;
  readonly commit: string;
  readonly rule: string;
  readonly repository: string;
  readonly pipeline: string;
  /** The code host's number of this wait: a job that is run again waits under another one. */
  readonly deployment: string;
};
export type JobRecorded = { readonly event: string; readonly alreadyRecorded: boolean };

/** Nobody deploys one commit so often. */
const mostOfCommit = 100;
/** Among so many of the newest runs of the environment the ended run of the commit is looked for. */
const newest = 25;

/**
 * Records that a job waits for a gate of a run about its commit. The open runs of the environment look, and where none is about the commit, the
 * last one that was: its reconciler comments on the job. A run that starts later finds the job in the lane of its commit. One wait is one event,
 * however often the webhook comes.
 */
export const recordWaitingJob = async (
  deps: EnvironmentWriter,
  { service, environment, commit, rule, repository, pipeline, deployment }: WaitingJob,
): Promise<Outcome<JobRecorded>> => {
  const scope = scopes.environment(service, environment);
  const place = { scope, lane: lanes.jobs(commit), step: `${rule}/${pipeline}/${deployment}` };
  const lane = await deps.trail.read(scope, { lane: place.lane });
  const id = eventId(place.scope, place.lane, place.step);
  if (lane.length >= mostOfCommit && !lane.some(({ event }) => event.id === id))
    return refuse('limit-reached', `${mostOfCommit} jobs have waited for this commit.`, {
      got: `another job for ${service} in ${environment}`,
      expected: `${mostOfCommit} jobs of one commit at most`,
      fix: 'Release a new commit.',
    });
  const { stored, adopted } = await appendToEnvironment(
    deps,
    { service, environment },
    { ...place, type: 'job.waiting', actor: system('webhooks'), data: { rule, repository, pipeline, deployment } },
    lane,
  );
  await lookAtEnded(deps, { service, environment }, commit);
  return ok({ event: stored.event.id, alreadyRecorded: adopted });
};

const lookAtEnded = async ({ index, reconciler }: EnvironmentWriter, place: { service: string; environment: string }, commit: string) => {
  const { runs } = await index.list({ ...place, limit: newest });
  const last = runs.find((run) => run.commit === commit);
  if (last !== undefined && last.outcome !== null) await reconciler.request(last.run);
};
