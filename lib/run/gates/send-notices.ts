import { lanes } from '../../audit/lane.ts';
import { eventId } from '../../audit/make-event.ts';
import { checksOf, type Gate } from '../../checklist/definition.ts';
import type { Person } from '../../ports.ts';
import { kindOf } from '../../registry/rules.ts';
import { frozenAt } from '../state/frozen.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { ofType, type RunContext, withAppended } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import { attestationsDue, withChecksAhead } from './due-attestations.ts';
import { attestHeadOf, channel, headOf, localT0, mailPeople, recipientsOf, recordNotice, titleOf } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';
import { freezesOf } from './t0-gate.ts';

/**
 * Sends each notice that a check of this gate is about, once. The event names the people whose mail was accepted. The same mail tells its reader which
 * attestations the gate waits for, so that nobody gets two mails at one moment.
 */
export const sendNotices = async (deps: Reconciliation, inputs: GateInputs, gate: Gate, entry: Entry): Promise<GateInputs> => {
  const wanted = checksOf(inputs.context.checklist, gate.id).flatMap(({ rule }) => (rule === null ? [] : kindOf(rule).sends(rule)));
  let current = inputs;
  for (const notice of wanted) {
    // A T0 that was moved is announced anew; the step of the event names it.
    const step = current.context.rescheduled.length === 0 ? notice : `${notice}/${current.context.plannedT0}`;
    if (current.notice.some(({ event }) => event.id === eventId(current.context.scope, lanes.notice, step))) continue;
    const people = recipientsOf(deps, current.context, 'deployment-announced');
    const claim = { purpose: step, lane: current.notice };
    const lane = people.length === 0 ? undefined : await claimMail(deps, current.context, claim);
    if (lane === undefined) continue;
    const { plannedT0 } = current.context;
    const before = movedFrom(current.context);
    const [due] = attestationsDue(deps, { inputs: await withChecksAhead(deps, current, gate), entry }, gate);
    const owes = ({ id }: Person): boolean => due?.people.some((person) => person.id === id) ?? false;
    const reached = await mailPeople(deps, people, (person) => ({
      kind: 'deployment-announced',
      ...(owes(person) ? attestHeadOf : headOf)(deps, current.context),
      plannedT0: localT0(plannedT0, person),
      movedFrom: before === null ? null : localT0(before, person),
      freezes: frozenAt(freezesOf(deps.stage, current.context), plannedT0, current.now),
      name: person.name,
      owed: due !== undefined && owes(person) ? due.owedBy(person) : null,
    }));
    // The notice is for people: a channel alone is nobody.
    const accepted = reached.filter(({ person }) => person.id !== channel.id);
    if (accepted.length === 0) {
      retryClaim(deps, lane, step);
      continue;
    }
    const informed = accepted.flatMap(({ person }) => (owes(person) ? person.id : []));
    const owed =
      due === undefined || informed.length === 0
        ? {}
        : { owed: { entry: entry.opened.event.data.entry, checks: [...due.checks], people: informed } };
    const stored = await recordNotice(deps, current.context, lane, { notice, accepted, step, ...owed });
    current = { ...current, notice: await withAppended(deps, lane, stored) };
  }
  return current;
};

const movedFrom = ({ started, rescheduled }: RunContext): string | null =>
  rescheduled.length === 0 ? null : (rescheduled.at(-2) ?? started).event.data.plannedT0;

/** Mails operations, once, that the workflow does not open the next gate. `gate`: the last one that was open, or the first of all. */
export const notifyUnopened = async (
  deps: Reconciliation,
  context: RunContext,
  { gate, since }: { readonly gate: string; readonly since: string },
): Promise<void> => {
  const notice = `unopened/${gate}/${since}`;
  const before = await deps.trail.read(context.scope, { lane: lanes.notice });
  if (ofType(before, 'notice.sent').some((stored) => stored.event.data.notice === notice)) return;
  const lane = await claimMail(deps, context, { purpose: notice, lane: before });
  if (lane === undefined) return;
  const reasons = [
    `the workflow has opened no gate since ${since}: look at the execution ${context.run} and at the log of the function gate-opener`,
    'if none opens within three hours, the run ends as an incident',
  ];
  const people = recipientsOf(deps, context, 'gate-overdue');
  const accepted = await mailPeople(deps, people, ({ name }) => ({
    kind: 'gate-overdue',
    ...headOf(deps, context),
    name,
    gateTitle: titleOf(context, gate),
    reasons,
  }));
  if (accepted.length === 0) return retryClaim(deps, lane, notice);
  await recordNotice(deps, context, lane, { notice, accepted });
};
