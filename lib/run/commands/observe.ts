import { type Actor, type DataOf, isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { digestOf } from '../../canonical-json.ts';
import { foldObservations } from '../../folds/observations.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { operatingRoles } from '../../roles.ts';
import type { Caller } from '../state/caller.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { actorOf, type RunContext, withAppended } from '../state/run-context.ts';
import { type Append, noFollowUp } from '../writing/append.ts';
import { mayServe } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { type ObservationInput, observationSchema } from './inputs.ts';
import { withinLimits } from './limits.ts';

export type ObservationRecorded = { readonly event: string; readonly observation: string; readonly alreadyRecorded: boolean };

type ObserveDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'reconciler' | 'due' | 'people' | 'quotas'>;

/** Records what CI or a person saw of the running release. The producer's id makes it the same observation however often it arrives. */
export const observe = runCommand({
  id: 'observe',
  input: observationSchema,
  callers: ['ci', 'person'],
  action: () => 'observation',
  decide: async (deps: ObserveDependencies, context, input: ObservationInput & { readonly run: string }, caller: Caller) => {
    const no = mayServe(caller, context.started.event.data.service) ?? notOperating(caller) ?? inFuture(input, deps.clock.now());
    if (no !== undefined) return no;
    const over = await withinLimits(deps, context.run, caller, { observations: 1 });
    if (over !== undefined) return over;
    const words = caller.kind === 'person' ? await deps.people.keep(context.run, input.summary) : null;
    const summary = words === null ? input.summary : 'seen by a person, in their own words';
    const lane = await deps.trail.read(context.scope, { lane: lanes.observation });
    const data = { ...dataOf(input), summary, words, via: 'api' as const };
    return append({
      ...observationAppend(context, lane, { data, claimedAt: input.observedAt, actor: actorOf(caller) }),
      answer: async ({ stored, adopted }) =>
        ok({ event: stored.event.id, observation: await nameOf(deps, lane, stored as Stored), alreadyRecorded: adopted }),
    });
  },
});

const notOperating = (caller: Caller): { readonly refused: Refusal } | undefined => {
  if (caller.kind === 'ci' || caller.roles.some((role) => operatingRoles.some((one) => one === role))) return undefined;
  return refuse('role-missing', 'Only people who operate the service may report observations.', {
    got: caller.roles.join(', ') || 'no role',
    expected: operatingRoles.join(' or '),
    fix: 'Ask an operator.',
  });
};

/** Stable operation counts from the last incident: one in the future would put the review off for ever. */
const inFuture = ({ observedAt }: ObservationInput, now: Date): { readonly refused: Refusal } | undefined => {
  const latest = latestPossible(now);
  if (observedAt <= latest) return undefined;
  return refuse('evidence-time', 'The observation claims a time in the future.', {
    got: observedAt,
    expected: `not after ${latest}`,
    fix: 'Set the clock of the reporter, and send the time at which it was seen.',
  });
};

type Observation = DataOf<'observation.recorded'>;

/** What the producer said, without where it is sent. */
export const dataOf = ({ observation, kind, bad, subject, summary, observedAt }: ObservationInput) => ({
  observation,
  kind,
  bad,
  subject,
  summary,
  observedAt,
});

/** Two reports of one occurrence may differ by this much. Milliseconds. */
const sameTimeMs = 5_000;

/**
 * The same observation is known again by its id, kind, subject, time, and whether it is bad. The same id with anything else is another
 * occurrence: a bad one must not vanish behind one that was recorded before. `claimedAt`: the time that the producer gave.
 */
export const observationAppend = (
  context: RunContext,
  lane: readonly Stored[],
  { data, claimedAt, actor }: { readonly data: Observation; readonly claimedAt: string; readonly actor: Actor },
): Append<'observation.recorded'> => {
  const known = lane
    .filter(isType('observation.recorded'))
    .find(
      ({ event: { data: one } }) =>
        isSameThing(one, data) && Math.abs(Date.parse(one.observedAt) - Date.parse(data.observedAt)) <= sameTimeMs,
    );
  const stepAt = (time: string): string =>
    `recorded/${data.observation}/${digestOf([data.kind, data.bad, data.subject, time]).slice(0, 16)}`;
  const isRecorded = lane.some(({ event }) => event.id === eventId(context.scope, lanes.observation, stepAt(claimedAt)));
  return {
    draft: {
      scope: context.scope,
      lane: lanes.observation,
      step: stepAt(isRecorded || known === undefined ? claimedAt : known.event.data.observedAt),
      type: 'observation.recorded',
      actor,
      data,
    },
    lane,
    followUp: noFollowUp,
  };
};

const isSameThing = (a: Observation, b: Observation): boolean =>
  a.observation === b.observation && a.kind === b.kind && a.bad === b.bad && a.subject === b.subject;

/** The name under which the run shows what was recorded, and under which it is labelled. */
export const nameOf = async (deps: Pick<Dependencies, 'trail'>, lane: readonly Stored[], stored: Stored): Promise<string> => {
  const after = await withAppended(deps, lane, stored);
  const place = after.filter(isType('observation.recorded')).findIndex(({ event }) => event.id === stored.event.id);
  return foldObservations(after)[place]?.observation ?? '';
};
