import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import type { End } from '../../audit/events/run.ts';
import { lanes } from '../../audit/lane.ts';
import { type FollowUp, foldFollowUps } from '../../folds/follow-ups.ts';
import type { Dependencies } from '../../ports.ts';
import { changesEnvironment, environmentScope, readHolding } from '../state/environment.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';

/** What keeps the trail of a rolled-back run open: its cause, and a review of each power that was used. */

/** How the names of the mails begin that ask what is open. The first of them says how the run ended, too. */
export const askedNotice = 'follow-ups/';

type Opening = DataOf<'follow-up.opened'>;
type Reader = Pick<Dependencies, 'trail'>;

/** The ends after which something is asked. */
const rollbackEnds: readonly End[] = ['rolled-back', 'rolled-back-unverified', 'rollback-escalated'];

/** A run whose checklist knows no follow-ups closes at once, and nobody has to learn from a rehearsal. */
export const asksFollowUps = ({ checklist, started }: Pick<RunContext, 'checklist' | 'started'>, end: End): boolean =>
  checklist.rollback.followUps !== undefined && started.event.data.drill === undefined && rollbackEnds.includes(end);

/** What must be answered, from what was recorded. The same events give the same list, so that nothing is asked twice. Pure. */
export const followUpsFor = (
  { own, run }: Pick<RunContext, 'own' | 'run'>,
  { rollback, claim }: { readonly rollback: readonly Stored[]; readonly claim: readonly Stored[] },
): readonly Opening[] => [
  { followUp: 'cause', kind: 'rollback-cause', about: null, subject: null, usedBy: [] },
  ...own.filter(isType('freeze.override-approved')).map(({ event: { id, data } }) => {
    const request = own.filter(isType('freeze.override-requested')).find(({ event }) => event.id === data.request)?.event.data.by;
    return review('freeze-override', id, { subject: data.freeze, usedBy: [...(request === undefined ? [] : [request]), data.by] });
  }),
  ...rollback
    .filter(isSaidWithAws)
    .map((stored) => review('aws-credentials', stored.event.id, { subject: saidWithAws(stored), usedBy: mayHaveUsed(own, stored) })),
  ...rollback
    .filter(isType('rollback.step-handled'))
    .filter((stored) => stored.event.data.choice === 'by-hand' && !isSaidWithAws(stored))
    .map(({ event: { id, data } }) => review('step-by-hand', id, { subject: data.step, usedBy: [data.by] })),
  ...claim.filter(isType('environment.freed')).flatMap(({ event: { id, data } }) => {
    const { by } = data;
    return data.run !== run || by === null ? [] : review('environment-freed', id, { subject: null, usedBy: [by] });
  }),
];

/** Lambda does not say who invoked the function, so anybody may review it, except the starter where people would have excluded them. */
const mayHaveUsed = (own: readonly Stored[], stored: Stored): string[] => {
  const starter = own.find(isType('run.started'))?.event.data.starter;
  return isType('rollback.data-decided')(stored) && starter !== undefined && starter !== null ? [starter] : [];
};

const isSaidWithAws = ({ event: { actor } }: Stored): boolean => actor.kind === 'system' && actor.id === 'declarer';

/** What was declared, decided or chosen, for the title of its review. */
const saidWithAws = (stored: Stored): string => {
  if (isType('rollback.triggered')(stored)) return stored.event.data.trigger;
  if (isType('rollback.data-decided')(stored)) return `data: ${stored.event.data.choice}`;
  if (isType('rollback.step-handled')(stored)) return `${stored.event.data.step}: ${stored.event.data.choice}`;
  return isType('rollback.decided')(stored) ? stored.event.data.decision : stored.event.type;
};

/** Named by kind and event: another reconciler that finds another power at the same moment takes no name away. */
const review = (
  kind: Exclude<Opening['kind'], 'rollback-cause'>,
  event: string,
  { subject, usedBy }: Pick<Opening, 'subject' | 'usedBy'>,
): Opening => ({ followUp: `${kind}-${event.slice(0, 8)}`, kind, about: event, subject, usedBy });

export const readFollowUps = (deps: Reader, context: RunContext): Promise<readonly Stored[]> =>
  deps.trail.read(context.scope, { lane: lanes.followUp });

/** What is asked, and whether the run keeps its environment: then the trail says in the end who freed it, or that it was read back. */
export type Asked = { readonly followUps: readonly FollowUp[]; readonly keeps: boolean };

/**
 * Opens each follow-up once. `lane`: as it was read. Who holds the environment is read first and once, so that a person who frees it is either
 * asked about it here, or the run still keeps it.
 */
export const openFollowUps = async (deps: Reader, context: RunContext, lane: readonly Stored[]): Promise<Asked> => {
  const { run } = context;
  const reading = changesEnvironment(context) ? await readHolding(deps, environmentScope(context), run) : undefined;
  const rollback = await deps.trail.read(context.scope, { lane: lanes.rollback });
  let known = lane;
  for (const data of followUpsFor(context, { rollback, claim: reading?.lane ?? [] })) {
    const { stored } = await appendToLane(deps, context.parentHash, known, {
      scope: context.scope,
      lane: lanes.followUp,
      step: `opened/${data.kind}/${data.about ?? ''}`,
      type: 'follow-up.opened',
      actor: system('reconciler'),
      data,
    });
    known = await withAppended(deps, known, stored);
  }
  const { holding } = reading ?? {};
  return { followUps: foldFollowUps(known), keeps: holding?.how === 'kept' && holding.run === run };
};

/** As the closing names them; undefined while one is not answered, or the environment is kept. */
export const closedFollowUps = ({ followUps, keeps }: Asked): NonNullable<DataOf<'run.closed'>['followUps']> | undefined => {
  const answered = followUps.flatMap(({ followUp, kind, opened, answered: by }) =>
    by === undefined
      ? []
      : { followUp, kind, opened: opened.event.id, answered: by.event.id, answer: by.event.data.answer, by: by.event.data.by },
  );
  return answered.length === followUps.length && !keeps ? answered : undefined;
};
