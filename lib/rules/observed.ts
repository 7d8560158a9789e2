import { isType, type Stored } from '../audit/event.ts';
import { excerpt, quoted } from '../canonical-json.ts';
import { deploymentStartedAt, firstFinishedAt } from '../folds/deployment.ts';
import { foldObservations, isRed, type Observed } from '../folds/observations.ts';
import type { Judgement } from '../verdict.ts';
import type { RunInputs } from './kind.ts';

type Deployed = { readonly lane: readonly Stored[]; readonly artifacts: Parameters<typeof firstFinishedAt>[1] };

/**
 * Why an observation does not count for the rules on observations; undefined when it counts. A good one counts when it was seen after the
 * deployment had first finished; a later redeployment explains none away. A bad one counts from the start of the deployment, by its time or
 * by its arrival: an observation that is dated back hides nothing. An alarm from before counts as long as it is red.
 */
export const whyNotCounted = (one: Observed, { lane, artifacts }: Deployed): string | undefined => {
  if (one.setAside !== undefined) return one.setAside;
  const finished = firstFinishedAt(lane, artifacts);
  if (!one.bad) {
    if (finished !== undefined && one.seenAt >= finished) return undefined;
    return `seen at ${one.seenAt}, before the deployment of every component had finished${finished === undefined ? '' : ` at ${finished}`}`;
  }
  const started = deploymentStartedAt(lane) ?? finished;
  if (isRed(one) || (started !== undefined && (one.observedAt >= started || one.recordedAt >= started))) return undefined;
  return `seen at ${one.observedAt}, before the deployment had started${started === undefined ? '' : ` at ${started}`}`;
};

/** Observations that the rules on observations count. */
export const observedSince = ({ release: { artifacts }, lanes }: RunInputs): readonly Observed[] =>
  foldObservations(lanes.observation).filter((one) => whyNotCounted(one, { lane: lanes.deployment, artifacts }) === undefined);

/** An alarm that people confirmed is bad until it is OK again, however long ago it was labelled. */
export const confirmedAndRed = (seen: readonly Observed[]): Judgement | undefined => {
  const red = seen.find((one) => one.label === 'true' && isRed(one));
  if (red === undefined) return undefined;
  const unknown = red.unknownSince === undefined ? '' : `; its state has been unknown since ${red.unknownSince}`;
  return { verdict: 'fail', reason: `the alarm ${red.subject.slice(0, 150)} is labelled true and not OK again yet${unknown}` };
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

/** Whether an event may change what `openObservation` says. */
export const changesOpen = (kinds: readonly string[], event: Stored): boolean =>
  kinds.length > 0 &&
  (isType('observation.labelled')(event) ||
    (isType('observation.recorded')(event) && event.event.data.bad && kinds.includes(event.event.data.kind)));

/** A bad observation of these kinds since the deployment that nobody has labelled, or whose alarm is still red. */
export const openObservation = (kinds: readonly string[], inputs: RunInputs): Judgement | undefined => {
  if (kinds.length === 0 || firstFinishedAt(inputs.lanes.deployment, inputs.release.artifacts) === undefined) return undefined;
  const bad = observedSince(inputs).filter((one) => one.bad && kinds.includes(one.kind));
  const open = bad.find(({ label }) => label === undefined);
  if (open === undefined) return confirmedAndRed(bad);
  const reason = `open observation ${open.observation} (${open.kind}) of ${quoted(open.subject, 200)}: label or explain it`;
  return { verdict: 'fail', reason: excerpt(reason, 300) };
};
