import { type Actor, isType, type Stored } from '../../audit/event.ts';
import type { Channel } from '../../audit/events/observation.ts';
import { lanes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical.ts';
import type { Item } from '../../checklist/definition.ts';
import { type Outcome, ok, refuse } from '../../outcome.ts';
import type { Appended, Dependencies } from '../../ports.ts';
import type { Caller, PersonCaller } from '../state/caller.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { actorOf, appendToLane, type RunContext, readContext, system } from '../state/run-context.ts';
import { type Recheck, storeRecheck } from '../writing/recheck.ts';
import { recordConsequences } from '../writing/regressions.ts';
import { needsRole } from './attest.ts';
import type { ObservationInput } from './inputs.ts';
import { mayServe, openRun, recordRefusal } from './refusals.ts';

export type Observed = { readonly event: string; readonly observation: string; readonly known: boolean };
type ObserveWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'reconciler'>;

/** Records what somebody saw of the running release. The producer's id makes it the same observation however often it arrives. */
export const observe = async (
  deps: ObserveWorld & Pick<Dependencies, 'due' | 'people'>,
  input: ObservationInput & { readonly run: string },
  caller: Caller,
): Promise<Outcome<Observed>> => {
  const found = await openRun(deps, input.run, caller, 'observation');
  if (found.refused) return found;
  const context = found.ok;
  const no = mayServe(caller, context.started.event.data.service) ?? notOperating(caller) ?? inFuture(input, deps.clock.now());
  if (no !== undefined) return recordRefusal(deps, context, caller, 'observation', no.refused);
  const recheck = await storeRecheck(deps, context.run, `recorded/${input.observation}`);
  const words = caller.kind === 'person' ? await deps.people.keep(context.run, input.summary) : null;
  const summary = words === null ? input.summary : 'seen by a person, in their own words';
  return ok(await record(deps, context, { ...input, summary, words, via: 'api', actor: actorOf(caller) }, recheck));
};

const notOperating = (caller: Caller): ReturnType<typeof refuse> | undefined => {
  if (caller.kind === 'ci' || caller.roles.some((role) => operating.includes(role))) return undefined;
  return refuse('role-missing', 'Only who operates the service may report observations.', {
    got: caller.roles.join(', ') || 'no role',
    expected: operating.join(' or '),
    fix: 'Ask an operator.',
  });
};

/** The stable time counts from the last incident: one in the future would put the review off for ever. */
const inFuture = ({ observedAt }: ObservationInput, now: Date): ReturnType<typeof refuse> | undefined => {
  const latest = latestPossible(now);
  if (observedAt <= latest) return undefined;
  return refuse('evidence-time', 'The observation says that it was made in the future.', {
    got: observedAt,
    expected: `not after ${latest}`,
    fix: 'Set the clock of the reporter, and send the time at which it was seen.',
  });
};

const operating: readonly string[] = ['operator', 'operations-lead', 'technical-lead'];

/**
 * From the feed: recorded on every run of the service and environment whose path is open. A run that cannot take it keeps no other
 * from taking it; then the first fault is thrown, so that it is asked for again and the operators hear of it.
 */
export const feedObservation = async (
  deps: ObserveWorld & Pick<Dependencies, 'index'>,
  input: ObservationInput & { readonly service: string; readonly environment: string; readonly via: Channel },
): Promise<readonly (Observed & { readonly run: string })[]> => {
  const { service, environment, via, ...said } = input;
  // Nobody can be told that a clock is wrong, and an alarm too many is better than one unseen: it counts from now.
  const now = deps.clock.now();
  const observation = said.observedAt <= latestPossible(now) ? said : { ...said, observedAt: now.toISOString() };
  const recorded: (Observed & { readonly run: string })[] = [];
  const faults: unknown[] = [];
  for (const { run } of await deps.index.open(service, environment)) {
    try {
      const found = await readContext(deps, run);
      if (found.refused?.type === 'definition-unknown') throw new Error(found.refused.detail);
      if (found.refused || found.ok.ended !== undefined) continue;
      recorded.push({ run, ...(await record(deps, found.ok, { ...observation, words: null, via, actor: system('feed') })) });
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length > 0) throw faults[0];
  return recorded;
};

const record = async (
  deps: ObserveWorld,
  context: RunContext,
  input: ObservationInput & { readonly words: string | null; readonly via: Channel; readonly actor: Actor },
  recheck?: Recheck,
): Promise<Observed> => {
  const { kind, bad, subject, summary, words, observedAt, via, actor } = input;
  const append = (observation: string): Promise<Appended<'observation.recorded'>> =>
    deps.trail.append(
      {
        scope: context.scope,
        lane: lanes.observation,
        step: `recorded/${observation}`,
        type: 'observation.recorded',
        actor,
        data: { observation, via, kind, bad, subject, summary, words, observedAt },
      },
      { parentHash: context.parentHash },
    );
  const first = await append(input.observation);
  // A known id that says the contrary is another observation: a bad one must not vanish behind a good one.
  const contrary = first.adopted && (first.stored.event.data.bad !== bad || first.stored.event.data.kind !== kind);
  const { stored, adopted } = contrary
    ? await append(`${input.observation.slice(0, 50)}.${digestOf([kind, bad, subject]).slice(0, 12)}`)
    : first;
  const { observation } = stored.event.data;
  // Delivered again after somebody has said what it was, it says nothing new.
  const label = adopted ? await labelOf(deps, context, observation) : undefined;
  await recordConsequences(
    deps,
    context,
    (label === undefined ? concerned(context, input) : []).map((check) => ({ check, satisfied: !bad, verdict: bad ? 'fail' : 'pass' })),
    recheck,
  );
  return { event: stored.event.id, observation, known: adopted };
};

const labelOf = async (deps: Pick<Dependencies, 'trail'>, context: RunContext, observation: string): Promise<string | undefined> =>
  (await deps.trail.read(context.scope, { lane: lanes.observation }))
    .filter(isType('observation.labelled'))
    .findLast((stored) => stored.event.data.observation === observation)?.event.data.label;

/** The checks that judge observations of this kind. A good one concerns them all: it shows that the feed is alive. */
const concerned = (context: RunContext, input: Pick<ObservationInput, 'kind' | 'bad'>): Item[] =>
  context.checklist.items.filter(({ rule }) => {
    if (rule?.kind === 'alarms-labelled/1') return !input.bad || input.kind === 'alarm';
    return rule?.kind === 'no-open-observations/1' && (!input.bad || rule.kinds.includes(input.kind));
  });

type LabelWorld = ObserveWorld & Pick<Dependencies, 'people' | 'due'>;
type Labelling = {
  readonly run: string;
  readonly observation: string;
  readonly label: 'true' | 'false' | 'explained';
  readonly explanation: string;
  readonly request: string;
};

/** Operations say what a bad observation was: a true one, a false one, or one that is explained. The last label counts. */
export const labelObservation = async (deps: LabelWorld, input: Labelling, caller: PersonCaller): Promise<Outcome<Observed>> => {
  const found = await openRun(deps, input.run, caller, 'label');
  if (found.refused) return found;
  const context = found.ok;
  const lane = await deps.trail.read(context.scope, { lane: lanes.observation });
  const seen = lane.filter(isType('observation.recorded')).find((stored) => stored.event.data.observation === input.observation);
  const no = needsRole(caller, 'operations-lead', `the observation ${input.observation.slice(0, 80)}`);
  if (no !== undefined) return recordRefusal(deps, context, caller, 'label', no.refused);
  if (seen === undefined) {
    const { refused } = refuse('observation-unknown', 'The run has no such observation.', {
      got: input.observation.slice(0, 80),
      expected: 'the id of a recorded observation',
      fix: 'Read the run: its observations are listed.',
    });
    return recordRefusal(deps, context, caller, 'label', refused);
  }
  return ok(await recordLabel(deps, context, lane, input, seen, caller));
};

const recordLabel = async (
  deps: LabelWorld,
  context: RunContext,
  lane: readonly Stored[],
  input: Labelling,
  seen: Stored<'observation.recorded'>,
  caller: PersonCaller,
): Promise<Observed> => {
  const explanation = await deps.people.keep(context.run, input.explanation);
  const recheck = await storeRecheck(deps, context.run, `labelled/${input.request}`);
  const { stored, adopted } = await appendToLane(deps, context.parentHash, lane, {
    scope: context.scope,
    lane: lanes.observation,
    step: `labelled/${input.observation}/${input.request}`,
    type: 'observation.labelled',
    actor: actorOf(caller),
    data: { observation: input.observation, label: input.label, by: caller.id, explanation },
  });
  const isFalseAlarm = input.label === 'false' && seen.event.data.kind === 'alarm';
  const checks = concerned(context, { kind: seen.event.data.kind, bad: seen.event.data.bad });
  await recordConsequences(
    deps,
    context,
    checks.map((check) => ({ check, satisfied: !(isFalseAlarm && check.rule?.kind === 'alarms-labelled/1'), verdict: 'fail' })),
    recheck,
  );
  return { event: stored.event.id, observation: input.observation, known: adopted };
};
