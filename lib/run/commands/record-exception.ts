import type { Draft } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { excerpt } from '../../canonical-json.ts';
import type { Finding } from '../../evaluation/finding.ts';
import { type PartSubject, partName } from '../../fields.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
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

export type CheckPart = NonNullable<Finding['parts']>['listed'][number];

/** The parts that people can make an exception for: those that the evidence names which counts now. */
const partsOf = ({ parts }: Finding): readonly string[] => (parts?.listed ?? []).map(({ subject }) => subject);

/** The part as it stands. Refuses one that the check does not have, and names those that it has. Undefined: the whole check is meant. */
export const findPart = async (
  deps: Pick<ExceptDependencies, 'trail' | 'clock'>,
  context: RunContext,
  check: GatedCheck,
  subject: PartSubject | undefined,
): Promise<Outcome<CheckPart | undefined>> => {
  if (subject === undefined) return ok(undefined);
  const events = await deps.trail.read(context.scope, { lane: lanes.check(check.gate, check.id) });
  const finding = findingFrom(check, events, context, { now: deps.clock.now() });
  const known = partsOf(finding);
  const found = finding.parts?.listed.find((one) => one.subject === partName(subject));
  if (found !== undefined) return ok(found);
  const leftOut = finding.parts?.leftOut ?? 0;
  return refuse('part-unknown', `The check ${check.id} has no part of this name.`, {
    got: excerpt(partName(subject), 220),
    expected:
      known.length === 0
        ? 'no part: no evidence of the check that counts now names features, endpoints or components'
        : excerpt(
            `${known.join(', ')}${leftOut === 0 ? '' : `; ${leftOut} more are not listed, and no exception can be made for them`}`,
            1000,
          ),
    fix: known.length === 0 ? 'Leave the subject out: the exception is then for the whole check.' : 'Name one of these parts.',
  });
};

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
