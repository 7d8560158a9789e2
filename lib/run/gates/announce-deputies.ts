import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Gate, gateOf } from '../../checklist/definition.ts';
import { foldRounds } from '../../folds/approval-rounds.ts';
import { type Entry, visitOf } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { ofType, withAppended } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import { headOf, localInstant, mailPeople, nameOf, recordNotice } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';
import { lastSigned } from './signed-gate.ts';

/**
 * Tells people, once, that a deputy answered for them. The answer may let the gate pass at once, so the mail goes out before the decision, and
 * where the mail system did not take the mail then, at the gates behind it.
 */
export const announceDeputies = async (deps: Reconciliation, inputs: GateInputs, open: Entry): Promise<GateInputs> => {
  const asked = askedAt(inputs, open);
  // Without deputies in the roster nothing is read.
  if (asked === undefined || !asked.gate.asks.some((role) => deps.roster.holders(role).some(({ deputies = [] }) => deputies.length > 0)))
    return inputs;
  const { gate, entry } = asked;
  const lane = entry === open ? inputs.approval : await deps.trail.read(inputs.context.scope, { lane: lanes.approval(gate.id) });
  const answers = foldRounds(lane, visitOf(entry))
    .flatMap((round) => round.answers)
    .filter(({ event }) => event.data.for !== undefined);
  if (answers.length === 0) return inputs;
  let notice = await deps.trail.read(inputs.context.scope, { lane: lanes.notice });
  for (const answer of answers) notice = await announceOnce(deps, inputs, { answer, gate, notice });
  return inputs.notice.length === 0 ? inputs : { ...inputs, notice };
};

const askedAt = (inputs: GateInputs, open: Entry): { readonly gate: Gate; readonly entry: Entry } | undefined => {
  const gate = gateOf(inputs.context.checklist, open.gate);
  return gate !== undefined && gate.asks.length > 0 ? { gate, entry: open } : lastSigned(inputs);
};

type Answered = { readonly answer: Stored<'approval.answered'>; readonly gate: Gate; readonly notice: readonly Stored[] };

const announceOnce = async (deps: Reconciliation, { context }: GateInputs, given: Answered): Promise<readonly Stored[]> => {
  const { gate, notice } = given;
  const { id, at, data } = given.answer.event;
  const purpose = `deputy/${id}`;
  const principal = data.for === undefined ? undefined : deps.roster.person(data.for);
  if (principal === undefined || ofType(notice, 'notice.sent').some((stored) => stored.event.data.notice === purpose)) return notice;
  const lane = await claimMail(deps, context, { purpose, lane: notice });
  if (lane === undefined) return notice;
  const accepted = await mailPeople(deps, [principal], ({ name, zone }) => ({
    kind: 'deputy-answered',
    ...headOf(deps, context),
    name,
    gateTitle: gate.title,
    by: nameOf(deps, data.person),
    role: data.role,
    answer: data.answer,
    at: localInstant(at, { zone }),
  }));
  if (accepted.length === 0) {
    retryClaim(deps, lane, purpose);
    return lane;
  }
  return withAppended(deps, lane, await recordNotice(deps, context, lane, { notice: purpose, accepted }));
};
