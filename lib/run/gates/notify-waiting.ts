import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { gateOf } from '../../checklist/definition.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import type { Wait } from './decide.ts';
import { attestationsClaim, heldBackUntil, withChecksAhead } from './due-attestations.ts';
import { type DueNotice, dueNotices, type Waiting } from './due-notices.ts';
import { dueSignals, raiseSignals } from './due-signals.ts';
import { type Accepted, asMailed, headOf, mailPeople, recipientsOf, titleOf } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';

/**
 * Raises the signals and sends the mails that are due while a gate waits. Each mail is claimed first, and recorded in the gate's lane when the mail system has taken
 * it: after a crash, it is sent again, and to a person whose mail was not accepted it is sent later.
 */
export const notifyWaiting = async (deps: Reconciliation, inputs: GateInputs, entry: Entry, decision: Wait): Promise<void> => {
  const due = await readDue(deps, { inputs, entry, decision });
  const heldBack = heldBackUntil(deps, { inputs, entry });
  if (heldBack !== undefined) deps.retryAt(heldBack);
  const overdue =
    decision.overdueSince !== null && entry.overdue === undefined ? [overdueNotice(deps, inputs.context, entry, decision)] : [];
  const signals = dueSignals({ inputs, entry, decision });
  if (due.length + overdue.length + signals.length === 0) return;
  const { context } = inputs;
  let notices = await deps.trail.read(context.scope, { lane: lanes.notice });
  // Before the mails, which may fail.
  notices = await raiseSignals(deps, { inputs, entry, decision }, signals, notices);
  let lane = entry.lane;
  for (const notice of [...due, ...overdue]) {
    const sent = await claimAndSend(deps, context, { notice, entry, notices });
    notices = sent.notices;
    if (sent.accepted.length > 0) lane = await record(deps, context, { notice, entry, lane, accepted: sent.accepted });
  }
};

const readDue = async (deps: Reconciliation, waiting: Waiting): Promise<readonly DueNotice[]> => {
  const due = dueNotices(deps, waiting);
  const gate = gateOf(waiting.inputs.context.checklist, waiting.entry.gate);
  return gate !== undefined && due.some(({ claim }) => claim === attestationsClaim)
    ? dueNotices(deps, { ...waiting, inputs: await withChecksAhead(deps, waiting.inputs, gate) })
    : due;
};

const overdueNotice = (deps: Reconciliation, context: RunContext, entry: Entry, { reasons }: Wait): DueNotice => ({
  notice: overdueId,
  claim: overdueId,
  people: recipientsOf(deps, context, 'gate-overdue'),
  write: ({ name }) => ({
    kind: 'gate-overdue',
    ...headOf(deps, context),
    name,
    gateTitle: titleOf(context, entry.gate),
    reasons: reasons.map((reason) => asMailed(deps, reason)),
  }),
});

const overdueId = 'overdue';

type Sending = { readonly notice: DueNotice; readonly entry: Entry; readonly notices: readonly Stored[] };
type Sent = { readonly accepted: Accepted; readonly notices: readonly Stored[] };

const claimAndSend = async (deps: Reconciliation, context: RunContext, { notice, entry, notices }: Sending): Promise<Sent> => {
  const purpose = `${notice.claim}/${entry.gate}/${entry.opened.event.data.entry}`;
  const lane = await claimMail(deps, context, { purpose, lane: notices });
  if (lane === undefined) return { accepted: [], notices };
  const accepted = await mailPeople(deps, notice.people, notice.write, notice.follows);
  if (accepted.length < notice.people.length) retryClaim(deps, lane, purpose);
  return { accepted, notices: lane };
};

type Recorded = {
  readonly notice: DueNotice;
  readonly entry: Entry;
  readonly lane: readonly Stored[];
  readonly accepted: Accepted;
};

const record = async (
  deps: Reconciliation,
  context: RunContext,
  { notice: { notice }, entry, lane, accepted }: Recorded,
): Promise<readonly Stored[]> => {
  const { gate } = entry;
  const key = entry.opened.event.data.entry;
  const place = { scope: context.scope, lane: lanes.gate(gate), actor: system('reconciler') } as const;
  const people = accepted.map(({ person }) => person.id);
  const { stored } =
    notice === overdueId
      ? await appendToLane(deps, context.parentHash, lane, {
          ...place,
          step: `${key}/overdue`,
          type: 'gate.overdue',
          data: { gate, entry: key, mailed: people },
        })
      : await appendToLane(deps, context.parentHash, lane, {
          ...place,
          step: `${key}/notified/${notice}/${people.join('+')}`,
          type: 'gate.notified',
          data: { entry: key, notice, people },
        });
  return withAppended(deps, lane, stored as Stored);
};
