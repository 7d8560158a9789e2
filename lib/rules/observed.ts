import { deploymentStartedAt, firstFinishedAt } from '../folds/deployment.ts';
import { foldObservations, type Observed } from '../folds/observations.ts';
import type { Judgement } from '../verdict.ts';
import type { RunInputs } from './kind.ts';

/**
 * Observations that the rules on observations count. A good one counts when it was seen after the deployment had first finished; a later
 * redeployment explains none away. A bad one counts from the start of the deployment, by its time or by its arrival: an observation that is
 * dated back hides nothing.
 */
export const observedSince = ({ now, release, lanes }: RunInputs): readonly Observed[] => {
  const since = firstFinishedAt(lanes.deployment, release.artifacts) ?? now.toISOString();
  const started = deploymentStartedAt(lanes.deployment) ?? since;
  return foldObservations(lanes.observation).filter(({ bad, observedAt, recordedAt }) =>
    bad ? observedAt >= started || recordedAt >= started : observedAt >= since,
  );
};

/** Whether the window of the check's gate is over: before that only a failure is certain. */
export const windowIsOver = ({ now, windowEndsAt }: RunInputs): boolean => windowEndsAt !== undefined && now.getTime() >= windowEndsAt;

/** A feed that delivered nothing may be broken, so silence proves nothing. */
export const silentFeed = (seen: readonly Observed[]): Judgement | undefined =>
  seen.length > 0
    ? undefined
    : {
        verdict: 'inconclusive',
        reason: 'no observation of any kind since the deployment: a silent feed proves nothing; report one, a good one too',
      };
