import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { quoted } from '../../canonical-json.ts';
import { setAsideIn } from '../../folds/announcements.ts';
import { foldObservations, type Observed, wasOverBefore } from '../../folds/observations.ts';
import { isFed, isOutlasted, outlastedName } from '../../folds/outlasted.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { system } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import type { Reconciliation } from './reconciliation.ts';

/** An alarm that was set aside, and the last instant of its announced time. */
type Outlasting = { readonly alarm: Observed; readonly until: string; readonly observation: string };

/**
 * An OK from just before the end of the announced time is on its way for a moment: EventBridge delivers in seconds as a rule, and again after
 * minutes where a try failed. What arrives later still sets the recorded one aside. Milliseconds.
 */
const deliveryMs = 5 * 60_000;

/**
 * CloudWatch says once that an alarm is red, so one that stays red beyond its announced time says nothing more. It counts from the end of
 * that time: it is recorded as an observation of its own, on which triggers, reviews and people act as on every other. Returns what was
 * recorded; then the gate must be read again.
 */
export const recordOutlasted = async (deps: Reconciliation, inputs: GateInputs): Promise<string | undefined> => {
  const { context, observation, now } = inputs;
  const recorded = observation.filter(isType('observation.recorded'));
  // By the recorded name: a fold names the second of a name anew, and a forged one may be the first.
  const known = new Set(recorded.filter(isOutlasted).map(({ event }) => event.data.observation));
  const due: Outlasting[] = [];
  for (const one of outlastingIn(observation)) {
    if (known.has(one.observation)) continue;
    const recordAt = new Date(Date.parse(behind(one.until)) + deliveryMs);
    if (recordAt <= now) due.push(one);
    else deps.retryAt(recordAt);
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
  return `not OK again after the announced time: ${due.map(({ alarm }) => quoted(alarm.subject, 64)).join(', ')}`;
};

/** As the feeds reported it. One that was recorded here can outlast a further announcement. */
const outlastingIn = (observation: readonly Stored[]): readonly Outlasting[] =>
  foldObservations(observation.filter(isType('observation.recorded')).filter((one) => isFed(one) || isOutlasted(one))).flatMap((alarm) => {
    const until = alarm.announced?.until;
    if (alarm.kind !== 'alarm' || !alarm.bad || until === undefined) return [];
    if (alarm.clearedAt !== undefined && alarm.clearedAt <= until) return [];
    // CloudWatch does not know any more whether it is red, and will say so where it is.
    if (wasOverBefore(alarm, behind(until), observation)) return [];
    return { alarm, until, observation: outlastedName(alarm, until) };
  });

/** The first instant that the announcement does not cover. */
const behind = (until: string): string => new Date(Date.parse(until) + 1).toISOString();

const dataOf = ({ alarm: { subject, where, children }, until, observation }: Outlasting): DataOf<'observation.recorded'> => ({
  observation,
  via: 'reconciler',
  kind: 'alarm',
  bad: true,
  subject,
  ...(where === undefined ? {} : { where }),
  summary: 'not OK again after the announced time',
  words: null,
  observedAt: behind(until),
  ...(children === undefined ? {} : { children: [...children] }),
});
