import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { itemOf } from '../../checklist/definition.ts';
import { partName } from '../../fields.ts';
import { currentRound, foldRounds } from '../../folds/approval-rounds.ts';
import { effectiveSettlement, visitOf } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { ofType, withAppended } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import { headOf, localInstant, mailPeople, nameOf, recordNotice } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';
import { lastSigned, type Signed } from './signed-gate.ts';

type Exception = Stored<'check.waived'> | Stored<'check.not-applicable'>;

/**
 * Mails the people who signed the last report about every waiver and declaration that was made after it. A passed gate cannot be asked
 * again, and an exception of which the signers never hear would be one person's word against the report of three.
 */
export const notifySigners = async (deps: Reconciliation, inputs: GateInputs): Promise<GateInputs> => {
  const signed = lastSigned(inputs);
  if (signed === undefined) return inputs;
  const since = effectiveSettlement(signed.entry)?.settled.event.at ?? '';
  const exceptions = [...inputs.checks.values()]
    .flat()
    .filter((stored): stored is Exception => isType('check.waived')(stored) || isType('check.not-applicable')(stored))
    .filter(({ event }) => event.at > since);
  if (exceptions.length === 0) return inputs;
  let notice = await deps.trail.read(inputs.context.scope, { lane: lanes.notice });
  for (const exception of exceptions) notice = await notifyOnce(deps, inputs, { exception, signed, notice });
  return inputs.notice.length === 0 ? inputs : { ...inputs, notice };
};

type Notice = { readonly exception: Exception; readonly signed: Signed; readonly notice: readonly Stored[] };

const notifyOnce = async (deps: Reconciliation, { context }: GateInputs, given: Notice): Promise<readonly Stored[]> => {
  const { exception, signed, notice } = given;
  const { event } = exception;
  const purpose = `exception/${event.id}`;
  if (ofType(notice, 'notice.sent').some((stored) => stored.event.data.notice === purpose)) return notice;
  const lane = await claimMail(deps, context, { purpose, lane: notice });
  if (lane === undefined) return notice;
  const approvals = await deps.trail.read(context.scope, { lane: lanes.approval(signed.gate.id) });
  const round = currentRound(foldRounds(approvals, visitOf(signed.entry)));
  const people = (round?.answers ?? []).flatMap((stored) => deps.roster.person(stored.event.data.person) ?? []);
  const accepted = await mailPeople(deps, people, (person) => ({
    kind: 'exception-recorded',
    ...headOf(deps, context),
    name: person.name,
    gateTitle: signed.gate.title,
    checkTitle: `${itemOf(context.checklist, event.data.check)?.title ?? event.data.check}${event.data.subject === undefined ? '' : `, ${partName(event.data.subject)}`}`,
    by: nameOf(deps, event.data.by),
    at: localInstant(event.at, person),
    until: 'until' in event.data ? localInstant(event.data.until, person) : null,
  }));
  if (accepted.length === 0) {
    retryClaim(deps, lane, purpose);
    return lane;
  }
  return withAppended(deps, lane, await recordNotice(deps, context, lane, { notice: purpose, accepted }));
};
