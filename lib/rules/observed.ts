import { firstFinishedAt } from '../folds/deployment.ts';
import { foldObservations, type Observed } from '../folds/observations.ts';
import type { Judgement } from '../verdict.ts';
import type { RunInputs } from './kind.ts';

/**
 * Observations that the rules on observations count: since the deployment first finished. A later redeployment explains none of them
 * away.
 */
export const observedSince = ({ now, release, lanes }: RunInputs): readonly Observed[] => {
  const since = firstFinishedAt(lanes.deployment, release.artifacts) ?? now.toISOString();
  return foldObservations(lanes.observation).filter(({ observedAt }) => observedAt >= since);
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
