import type { DataOf } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import type { Ended } from '../../notification.ts';
import { readGates } from '../state/gate-inputs.ts';
import { ofType, type RunContext, readContext } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import { askedNotice, asksFollowUps } from './follow-ups.ts';
import { headOf, mailPeople, recipientsOf, recordNotice, titleOf, whyStopped } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';

/** After this time no mail is sent any more: an address that the mail system goes on rejecting must not keep a run due. Milliseconds. */
const mailedWithinMs = 24 * 3_600_000;

/**
 * Mails, once, how the run ended. It runs when the end is recorded and the trail is closed, so that no mail is sent about an end that does
 * not come about, and no closing waits for a mail. So the claim and the notice stand in the run's late scope.
 */
export const notifyEnd = async (deps: Reconciliation, run: string): Promise<void> => {
  const found = await readContext(deps, run);
  if (found.refused !== undefined) return;
  const context = found.ok;
  const ended = context.ended?.event;
  if (ended === undefined || deps.clock.now().getTime() - Date.parse(ended.at) > mailedWithinMs) return;
  const notice = 'run-ended';
  const scope = scopes.late(run);
  const before = await deps.trail.read(scope, { lane: lanes.notice });
  const asked = asksFollowUps(context, ended.data.outcome) ? await deps.trail.read(context.scope, { lane: lanes.notice }) : [];
  const reached = new Set([
    ...ofType(before, 'notice.sent').flatMap((stored) => stored.event.data.people),
    // The mail that asked about the rollback told it.
    ...ofType(asked, 'notice.sent').flatMap(({ event: { data } }) => (data.notice.startsWith(askedNotice) ? data.people : [])),
  ]);
  const people = recipientsOf(deps, context, notice).filter(({ id }) => !reached.has(id));
  const lane = people.length === 0 ? undefined : await claimMail(deps, context, { purpose: notice, lane: before, scope });
  if (lane === undefined) return;
  const how = await readEnding(deps, context, ended.data);
  const accepted = await mailPeople(deps, people, ({ name }) => ({ kind: notice, ...headOf(deps, context), name, ...how }));
  if (accepted.length < people.length) retryClaim(deps, lane, notice);
  if (accepted.length === 0) return;
  const step = `${notice}/${accepted.map(({ person }) => person.id).join('+')}`;
  await recordNotice(deps, context, lane, { notice, accepted, scope, step });
};

/** How the run ended, as mails say it. */
export const readEnding = async (
  deps: Pick<Reconciliation, 'trail' | 'roster'>,
  context: RunContext,
  { outcome, gate }: Pick<DataOf<'run.ended'>, 'outcome' | 'gate'>,
): Promise<Ended> => ({
  outcome,
  gateTitle: titleOf(context, gate),
  reason: whyStopped(deps, await readGates(deps, context), gate),
});
