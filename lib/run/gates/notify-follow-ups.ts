import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type FollowUp, foldFollowUps, followUpTitle, isReview } from '../../folds/follow-ups.ts';
import { signerRoles } from '../../roles.ts';
import { ofType, type RunContext, readContext, withAppended } from '../state/run-context.ts';
import { claimMail, retryClaim } from './claim-mail.ts';
import { askedNotice, asksFollowUps, readFollowUps } from './follow-ups.ts';
import { headOf, localInstant, mailPeople, recipientsOf, recordNotice } from './mailing.ts';
import { readEnding } from './notify-end.ts';
import type { Reconciliation } from './reconciliation.ts';

/** A follow-up that is overdue raises its alarm so often. Milliseconds. */
const overdueAgainMs = 86_400_000;

type Times = { readonly remindAt: number; readonly limitAt: number; readonly now: number };

/**
 * Mails what a run that was rolled back still has to answer: when it is asked, once more as a reminder, and when it is overdue, which raises an
 * alarm, too. Returns what the trail waits for, and when to look again; undefined where it waits for nothing.
 */
export const attendFollowUps = async (
  deps: Reconciliation,
  run: string,
): Promise<{ readonly reasons: readonly string[]; readonly next: Date } | undefined> => {
  const found = await readContext(deps, run);
  if (found.refused !== undefined) return undefined;
  const context = found.ok;
  const ended = context.ended?.event;
  const { followUps: limits } = context.checklist.rollback;
  if (ended === undefined || limits === undefined || context.closed || !asksFollowUps(context, ended.data.outcome)) return undefined;
  const all = foldFollowUps(await readFollowUps(deps, context));
  const open = all.filter(({ answered }) => answered === undefined);
  const since = Date.parse(open[0]?.opened.event.at ?? ended.at);
  const times = {
    remindAt: since + limits.remindAfterSeconds * 1000,
    limitAt: since + limits.limitSeconds * 1000,
    now: deps.clock.now().getTime(),
  };
  if (times.now >= times.limitAt) deps.signal('FollowUpOverdue');
  if (open.length > 0) await mailDue(deps, context, { all, open, times });
  const reasons = open.length === 0 ? [environmentKept] : open.map(followUpTitle);
  return { reasons, next: nextLook(times) };
};

/** Nothing is left to be answered but what runs: an escalated rollback keeps its environment until that is known. */
const environmentKept = 'the environment is kept until what runs is read back, or a person frees it';

const nextLook = ({ remindAt, limitAt, now }: Times): Date => new Date([remindAt, limitAt].find((at) => at > now) ?? now + overdueAgainMs);

type Material = { readonly all: readonly FollowUp[]; readonly open: readonly FollowUp[]; readonly times: Times };
type Due = { readonly notice: string; readonly why: 'asked' | 'reminder' | 'overdue' };

/** Another follow-up that is opened later is another asking: their number names it. */
const dueOf = ({ all, times: { now, remindAt, limitAt } }: Material): readonly Due[] => [
  { notice: `${askedNotice}${all.length}`, why: 'asked' },
  ...(now >= limitAt ? [{ notice: 'follow-ups-overdue', why: 'overdue' } as const] : []),
  ...(now >= remindAt && now < limitAt ? [{ notice: 'follow-ups-reminder', why: 'reminder' } as const] : []),
];

const mailDue = async (deps: Reconciliation, context: RunContext, material: Material): Promise<void> => {
  let lane = await deps.trail.read(context.scope, { lane: lanes.notice });
  for (const due of dueOf(material)) lane = await mail(deps, context, { due, lane, ...material });
};

type Mailing = Material & { readonly due: Due; readonly lane: readonly Stored[] };

/** To everybody whom this notice has not reached yet. Returns the notice lane as it is now. */
const mail = async (deps: Reconciliation, context: RunContext, { due, open, times, lane }: Mailing): Promise<readonly Stored[]> => {
  const { notice, why } = due;
  const reached = new Set(ofType(lane, 'notice.sent').flatMap(({ event: { data } }) => (data.notice === notice ? data.people : [])));
  const reviewers = open.some(isReview) ? signerRoles : [];
  const people = recipientsOf(deps, context, 'follow-ups-due', reviewers).filter(({ id }) => !reached.has(id));
  const claimed = people.length === 0 ? undefined : await claimMail(deps, context, { purpose: notice, lane });
  if (claimed === undefined) return lane;
  const head = headOf(deps, context);
  const knowing = new Set(
    ofType(lane, 'notice.sent').flatMap(({ event: { data } }) => (data.notice.startsWith(askedNotice) ? data.people : [])),
  );
  const isNews = why === 'asked' && people.some(({ id }) => !knowing.has(id));
  const ended = isNews && context.ended !== undefined ? await readEnding(deps, context, context.ended.event.data) : null;
  const accepted = await mailPeople(deps, people, ({ id, name, zone }) => ({
    kind: 'follow-ups-due',
    ...head,
    url: `${head.url}/rollback`,
    name,
    why,
    ended: knowing.has(id) ? null : ended,
    items: open.map(({ followUp, ...one }) => ({ id: followUp, title: followUpTitle(one) })),
    dueAt: localInstant(new Date(times.limitAt).toISOString(), { zone }),
  }));
  if (accepted.length < people.length) retryClaim(deps, claimed, notice);
  if (accepted.length === 0) return claimed;
  const step = `${notice}/${accepted.map(({ person }) => person.id).join('+')}`;
  return withAppended(deps, claimed, await recordNotice(deps, context, claimed, { notice, accepted, step }));
};
