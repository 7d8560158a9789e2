import type { Draft } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Outcome, ok, type Refusal } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { findingFrom } from '../state/findings.ts';
import { type RunContext, withAppended } from '../state/run-context.ts';
import { noFollowUp } from '../writing/append.ts';
import type { CheckRecorded } from './attest.ts';
import { type GatedCheck, needsRole, notStarter, staleSignIn } from './authorize.ts';
import { append, type Step } from './command.ts';

export type ExceptDependencies = Pick<Dependencies, 'trail' | 'definitions' | 'clock' | 'people' | 'reconciler' | 'due'>;

/** An exception to a check is made by the role that owns the check, never by the run's starter. */
export const mayExcept = (
  { clock }: Pick<Dependencies, 'clock'>,
  context: RunContext,
  check: GatedCheck,
  caller: PersonCaller,
): { readonly refused: Refusal } | undefined =>
  notStarter(context, caller, 'make exceptions for it') ??
  needsRole(caller, [check.owner], `the check ${check.id}`) ??
  staleSignIn(caller, clock.now());

/** Appends the exception to the check's own lane and answers with the finding as it stands then. */
export const recordException = async (
  deps: ExceptDependencies,
  context: RunContext,
  check: GatedCheck,
  draft: Draft<'check.waived'> | Draft<'check.not-applicable'> | Draft<'check.exception-revoked'>,
): Promise<Outcome<Step<CheckRecorded>>> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.check(check.gate, check.id) });
  return append({
    draft: draft as Draft<'check.waived'>,
    lane,
    followUp: noFollowUp,
    answer: async ({ stored, adopted }) => {
      const events = await withAppended(deps, lane, stored);
      const { verdict, reason } = findingFrom(check, events, context, { now: deps.clock.now() });
      return ok({ event: stored.event.id, check: check.id, verdict, reason, alreadyRecorded: adopted });
    },
  });
};
