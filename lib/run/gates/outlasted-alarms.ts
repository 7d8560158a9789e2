import type { DataOf } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { digestOf, quoted } from '../../canonical-json.ts';
import { setAsideIn } from '../../folds/announcements.ts';
import { foldObservations, type Observed } from '../../folds/observations.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { system } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import type { Reconciliation } from './reconciliation.ts';

/** An alarm that was set aside, and the last instant of its announced time. */
type Outlasting = { readonly alarm: Observed; readonly until: string; readonly observation: string };

/**
 * CloudWatch says once that an alarm is red, so one that stays red beyond its announced time says nothing more. It counts from the end of
 * that time: it is recorded as an observation of its own, on which triggers, reviews and people act as on every other. Returns what was
 * recorded; then the gate must be read again.
 */
export const recordOutlasted = async (deps: Reconciliation, inputs: GateInputs): Promise<string | undefined> => {
  const { context, observation, now } = inputs;
  const observed = foldObservations(observation);
  const known = new Set(observed.map((one) => one.observation));
  const due: Outlasting[] = [];
  for (const one of outlastingIn(observed)) {
    if (known.has(one.observation)) continue;
    if (behind(one.until) <= now.toISOString()) due.push(one);
    else deps.retryAt(new Date(behind(one.until)));
  }
  if (due.length === 0) return undefined;
  const { service, environment, starter } = context.started.event.data;
  const announcements = await deps.trail.read(scopes.environment(service, environment), { lane: lanes.announced });
  for (const one of due) {
    const seen = dataOf(one);
    const lane = observation.filter(({ event }) => event.lane === lanes.observation(one.observation));
    await appendToRun(deps, context, {
      draft: {
        scope: context.scope,
        lane: lanes.observation(one.observation),
        step: `${one.observation}/outlasted`,
        type: 'observation.recorded',
        actor: system('reconciler'),
        // Who says in time that the test takes longer announces it again.
        data: { ...seen, ...setAsideIn(announcements, seen, starter) },
      },
      lane,
      followUp: noFollowUp,
    });
  }
  return `still red after the announced time: ${due.map(({ alarm }) => quoted(alarm.subject, 64)).join(', ')}`;
};

const outlastingIn = (observed: readonly Observed[]): readonly Outlasting[] =>
  observed.flatMap((alarm) => {
    const until = alarm.announced?.until;
    if (alarm.kind !== 'alarm' || !alarm.bad || until === undefined) return [];
    if (alarm.clearedAt !== undefined && alarm.clearedAt <= until) return [];
    return { alarm, until, observation: `outlasted-${digestOf([alarm.subject, until]).slice(0, 16)}` };
  });

/** The first instant that the announcement does not cover. */
const behind = (until: string): string => new Date(Date.parse(until) + 1).toISOString();

const dataOf = ({ alarm: { subject, children }, until, observation }: Outlasting): DataOf<'observation.recorded'> => ({
  observation,
  via: 'reconciler',
  kind: 'alarm',
  bad: true,
  subject,
  summary: 'still red after the announced time',
  words: null,
  observedAt: behind(until),
  ...(children === undefined ? {} : { children: [...children] }),
});
