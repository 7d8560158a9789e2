import { type Actor, type DataOf, isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { cut, digestOf } from '../../canonical-json.ts';
import { subjectOfAlarm } from '../../fields.ts';
import { foldObservations, type Observed } from '../../folds/observations.ts';
import { ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { isConcernedBy } from '../../registry/rules.ts';
import { operatingRoles } from '../../roles.ts';
import { whyNotCounted } from '../../rules/observed.ts';
import type { Caller } from '../state/caller.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { actorOf, type RunContext, withAppended } from '../state/run-context.ts';
import { readWords } from '../state/words.ts';
import { type Append, noFollowUp } from '../writing/append.ts';
import { mayServe } from './authorize.ts';
import { append, runCommand } from './command.ts';
import { type ObservationInput, observationSchema } from './inputs.ts';
import { withinLimits } from './limits.ts';
import { subjectOfReport } from './reported-alarm.ts';

export type ObservationRecorded = {
  readonly event: string;
  readonly observation: string;
  /** Checks of observations for which it does not count, and why. */
  readonly notCounted: readonly { readonly check: string; readonly why: string }[];
  readonly alreadyRecorded: boolean;
};

type ObserveDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'reconciler' | 'due' | 'people' | 'quotas'>;

/** Records what CI or a person saw of the running release. The producer's id makes it the same observation however often it arrives. */
export const observe = runCommand({
  id: 'observe',
  input: observationSchema,
  callers: ['ci', 'person'],
  action: () => 'observation',
  decide: async (
    deps: ObserveDependencies,
    context,
    input: ObservationInput & { readonly run: string; readonly request?: string },
    caller: Caller,
  ) => {
    const no = mayServe(caller, context.started.event.data) ?? notOperating(caller) ?? inFuture(input, deps.clock.now());
    if (no !== undefined) return no;
    const isPerson = caller.kind === 'person';
    // What a machine names is no person's text, but a page must be able to show it as it is.
    const about = caller.kind === 'person' ? await subjectOfReport(deps, context, input, caller) : { subject: subjectOf(input) };
    if ('refused' in about) return about;
    const lane = await deps.trail.read(context.scope, { lane: lanes.observation(input.observation) });
    const known = await knownWith(deps, context, lane, input, isPerson);
    if (known !== undefined)
      return ok(async () => {
        await deps.reconciler.request(context.run);
        return ok({ ...(await shownAs(deps, context, lane, known as Stored)), alreadyRecorded: true });
      });
    const over = await withinLimits(deps, context.run, caller, { observations: 1 });
    if (over !== undefined) return over;
    const words = isPerson ? await deps.people.keep(context.run, `${input.subject}: ${input.summary}`) : null;
    const summary = isPerson ? 'seen by a person, in their own words' : cut(input.summary, 300);
    const data = { ...dataOf(input), ...about, summary, words, via: 'api' as const };
    return append({
      ...observationAppend(context, lane, {
        data,
        claimedAt: isPerson && input.request !== undefined ? `${caller.id}/${input.request}` : input.observedAt,
        actor: actorOf(caller),
      }),
      answer: async ({ stored, adopted }) => ok({ ...(await shownAs(deps, context, lane, stored as Stored)), alreadyRecorded: adopted }),
    });
  },
});

/**
 * What a person has reported already, or a pipeline where a person reports it now. The words of a person are not in the trail, so they are
 * compared with the kept text; an erased text is like no other. What one pipeline repeats is known by its step.
 */
const knownWith = async (
  { people }: Pick<ObserveDependencies, 'people'>,
  context: RunContext,
  lane: readonly Stored[],
  input: ObservationInput,
  isPerson: boolean,
): Promise<Stored<'observation.recorded'> | undefined> => {
  const alike = lane
    .filter(isType('observation.recorded'))
    .filter(({ event: { data } }) => isOccurrence(data, input) && (isPerson || data.words !== null));
  const digests = alike.flatMap(({ event }) => event.data.words ?? []);
  const texts = await readWords(people, [context.run], digests);
  return alike.find(({ event: { data } }) =>
    data.words === null ? data.subject === cut(input.subject, 200) : texts.get(data.words)?.text?.startsWith(`${input.subject}: `),
  );
};

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

const subjectOf = ({ kind, subject }: Pick<ObservationInput, 'kind' | 'subject'>): string =>
  kind === 'alarm' ? subjectOfAlarm(subject) : cut(subject, 200);

/** Two reports of one occurrence may differ by this much. Milliseconds. */
const sameTimeMs = 5_000;

/**
 * The same observation is known again by its id, kind, subject, time, and whether it is bad. The same id with anything else is another
 * occurrence: a bad one must not vanish behind one that was recorded before. People's texts are salted, so that each report of a person is an
 * occurrence, and a repetition is known by its request. `claimedAt`: the time that the producer gave, or the request of a person.
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
    `recorded/${data.observation}/${digestOf([data.kind, data.bad, data.subject, time, ...(data.setAside === undefined ? [] : ['set-aside']), ...(data.where === undefined ? [] : [data.where])]).slice(0, 16)}`;
  const claimed = eventId(context.scope, lanes.observation(data.observation), stepAt(claimedAt));
  const isRecorded = lane.some(({ event }) => event.id === claimed);
  return {
    draft: {
      scope: context.scope,
      lane: lanes.observation(data.observation),
      step: stepAt(isRecorded || known === undefined ? claimedAt : known.event.data.observedAt),
      type: 'observation.recorded',
      actor,
      data,
    },
    lane,
    followUp: noFollowUp,
  };
};

/** The same thing at the same time, as far as the trail says. */
const isOccurrence = (a: Observation, b: Pick<ObservationInput, 'observation' | 'kind' | 'bad' | 'observedAt'>): boolean =>
  a.observation === b.observation &&
  a.kind === b.kind &&
  a.bad === b.bad &&
  Math.abs(Date.parse(a.observedAt) - Date.parse(b.observedAt)) <= sameTimeMs;

const isSameThing = (a: Observation, b: Observation): boolean =>
  a.observation === b.observation &&
  a.kind === b.kind &&
  a.bad === b.bad &&
  a.subject === b.subject &&
  a.where === b.where &&
  a.words === b.words &&
  (a.setAside === undefined) === (b.setAside === undefined);

/** The name under which the run shows what was recorded, and under which it is labelled; and the checks for which it does not count. */
const shownAs = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  lane: readonly Stored[],
  stored: Stored,
): Promise<Omit<ObservationRecorded, 'alreadyRecorded'>> => {
  const one = await observedIn(deps, lane, stored);
  const { artifacts } = context.started.event.data;
  const why = whyNotCounted(one, { lane: await deps.trail.read(context.scope, { lane: lanes.deployment }), artifacts });
  const concerned = context.checklist.items.filter(({ gate, rule }) => gate !== null && rule !== null && isConcernedBy(rule, stored));
  return {
    event: stored.event.id,
    observation: one.observation,
    notCounted: why === undefined ? [] : concerned.map(({ id }) => ({ check: id, why })),
  };
};

/** The observation as its lane shows it. */
export const observedIn = async (deps: Pick<Dependencies, 'trail'>, lane: readonly Stored[], stored: Stored): Promise<Observed> => {
  const one = foldObservations(await withAppended(deps, lane, stored)).find(({ event }) => event === stored.event.id);
  if (one === undefined)
    throw new Error(`the observation ${stored.event.id} is not in the lane ${stored.event.lane} to which it was appended`);
  return one;
};
