import type { Draft } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Item } from '../../checklist/definition.ts';
import { satisfies } from '../../evaluation/verdict.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { findingFrom } from '../state/findings.ts';
import { actorOf, appendToLane, type RunContext } from '../state/run-context.ts';
import { storeRecheck } from '../writing/recheck.ts';
import { recordConsequences } from '../writing/regressions.ts';
import { checkFor, needsRole, type Recorded } from './attest.ts';
import { recordRefusal } from './refusals.ts';

/** A waiver ends, at the latest, after this time. Milliseconds. */
const longestWaiverMs = 90 * 86_400_000;

type WaiveWorld = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'people' | 'reconciler' | 'due'>;
type Deciding = { readonly run: string; readonly check: string; readonly reason: string; readonly request: string };

/** An accepted exception to one check until an instant, by the role that owns the check; never by the run's starter. */
export const waive = async (
  deps: WaiveWorld,
  input: Deciding & { readonly until: string },
  caller: PersonCaller,
): Promise<Outcome<Recorded>> => {
  const found = await checkFor(deps, input.run, input.check, caller, 'waiver');
  if (found.refused) return found;
  const { context, check } = found.ok;
  const no = notByThem(context, check, caller) ?? badWaiver(check, input.until, deps.clock.now());
  if (no !== undefined) return recordRefusal(deps, context, caller, 'waiver', no.refused);
  const reason = await deps.people.keep(context.run, input.reason);
  return recordDecision(deps, context, check, caller, {
    scope: context.scope,
    lane: lanes.check(check.gate, check.id),
    step: `waived/${input.request}`,
    type: 'check.waived',
    actor: actorOf(caller),
    data: { check: check.id, reason, until: input.until, by: caller.id, role: check.owner },
  });
};

/** Says that a check the document calls optional does not concern this release, with the reason. */
export const declareNotApplicable = async (deps: WaiveWorld, input: Deciding, caller: PersonCaller): Promise<Outcome<Recorded>> => {
  const found = await checkFor(deps, input.run, input.check, caller, 'not-applicable');
  if (found.refused) return found;
  const { context, check } = found.ok;
  const fixed = check.optional
    ? undefined
    : refuse('not-applicable-not-allowed', `The check ${check.id} concerns every release.`, {
        got: check.words,
        expected: 'a check that the document calls optional',
        fix: 'Prove the check or waive it.',
      });
  const no = notByThem(context, check, caller) ?? fixed;
  if (no !== undefined) return recordRefusal(deps, context, caller, 'not-applicable', no.refused);
  const reason = await deps.people.keep(context.run, input.reason);
  return recordDecision(deps, context, check, caller, {
    scope: context.scope,
    lane: lanes.check(check.gate, check.id),
    step: `not-applicable/${input.request}`,
    type: 'check.not-applicable',
    actor: actorOf(caller),
    data: { check: check.id, reason, by: caller.id, role: check.owner },
  });
};

const recordDecision = async (
  deps: WaiveWorld,
  context: RunContext,
  check: Item & { readonly gate: string },
  caller: PersonCaller,
  draft: Draft<'check.waived'> | Draft<'check.not-applicable'>,
): Promise<Outcome<Recorded>> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.check(check.gate, check.id) });
  const recheck = await storeRecheck(deps, context.run, draft.step);
  const { stored, adopted } = await appendToLane(deps, context.parentHash, lane, draft);
  const finding = findingFrom(check, [...lane, stored], context, { now: deps.clock.now() });
  await recordConsequences(deps, context, [{ check, satisfied: satisfies(finding.verdict), verdict: finding.verdict }], recheck);
  return ok({
    event: stored.event.id,
    check: check.id,
    verdict: finding.verdict,
    reason: `${finding.reason} (${caller.id})`,
    known: adopted,
  });
};

const notByThem = (context: RunContext, check: Item, caller: PersonCaller): { refused: Refusal } | undefined => {
  if (caller.id === context.started.event.data.starter) {
    return refuse('starter-excluded', 'Who started the run may not make exceptions for it.', {
      got: caller.id,
      expected: `another person who is ${check.owner}`,
      fix: 'Ask another holder of the role.',
    });
  }
  return needsRole(caller, check.owner, `the check ${check.id}`);
};

const badWaiver = (check: Item, until: string, now: Date): { refused: Refusal } | undefined => {
  if (!check.waivable)
    return refuse('waiver-not-allowed', `The check ${check.id} may not be waived.`, {
      got: check.words,
      expected: check.proof,
      fix: 'Prove the check.',
    });
  const longest = new Date(now.getTime() + longestWaiverMs).toISOString();
  if (until <= now.toISOString() || until > longest) {
    return refuse('waiver-not-allowed', 'A waiver ends in the future, within 90 days.', {
      got: until,
      expected: `after ${now.toISOString()}, not after ${longest}`,
      fix: 'Name another end.',
    });
  }
  return undefined;
};
