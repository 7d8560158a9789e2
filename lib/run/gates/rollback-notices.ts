import type { Stored } from '../../audit/event.ts';
import type { Gate } from '../../checklist/definition.ts';
import { itemOf } from '../../checklist/definition.ts';
import { foldRollback, isMeasured } from '../../folds/rollback.ts';
import { stepPolicy } from '../../folds/rollback-progress.ts';
import type { RollbackCause } from '../../notification.ts';
import type { Notification, Person } from '../../ports.ts';
import { stopBefore } from '../state/decision-visit.ts';
import { decidingDeputies } from '../state/deputies.ts';
import { fixedTarget } from '../state/environment.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { targetsOf } from '../state/targets.ts';
import { headOf, localInstant, nameOf, recipientsOf, titleOf, whyStopped } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';
import { extensionOf } from './review-cap.ts';
import { planOf } from './rollback-plan.ts';
import { silenceAt } from './way-back.ts';

type Facts = Pick<Reconciliation, 'roster' | 'stage'>;
type Cause = RollbackCause<string>;
type Mail = Extract<Notification, { kind: 'rollback-decision' }>;
/** What a mail asks, and until when: instants before a reader's clock has shown them. */
type Asked = Pick<Mail, 'asks' | 'reminder'> & { readonly because: Cause; readonly dueAt: string; readonly silentAt: string | null };
/** A mailing as `due-notices.ts` has it. */
type Due = {
  readonly notice: string;
  readonly claim: string;
  readonly people: readonly Person[];
  readonly write: (person: Person) => Notification;
};

/** The mails that ask people on the way back: to decide, once more after a minute, and what becomes of the data. */
export const rollbackNotices = (facts: Facts, inputs: GateInputs, entry: Entry, gate: Gate): readonly Due[] => {
  if (gate.role === 'decision') return decisionNotices(facts, inputs, entry);
  if (gate.step !== 'restore-database' || foldRollback(inputs.rollback).data !== undefined) return [];
  const { asksData, backwardCompatible, skip } = planOf(targetsOf(facts, inputs.context), gate.step, inputs.rollback);
  if (!asksData || skip !== undefined) return [];
  const silent = new Date(Date.parse(entry.opened.event.at) + stepPolicy.dataWithinMs).toISOString();
  return [
    notice(facts, inputs, 'data', {
      because: why(facts, inputs, entry),
      asks: 'data',
      reminder: false,
      dueAt: silent,
      silentAt: backwardCompatible ? silent : null,
    }),
  ];
};

const decisionNotices = (facts: Facts, inputs: GateInputs, entry: Entry): readonly Due[] => {
  const { triggers } = foldRollback(inputs.rollback);
  const { budgets, remindAfterSeconds } = inputs.context.checklist.rollback;
  const since = Date.parse(triggers[0]?.event.at ?? entry.opened.event.at);
  const isLate = inputs.now.getTime() - since >= remindAfterSeconds * 1000;
  const silentAt = silenceAt(inputs, entry)?.toISOString() ?? null;
  const dueAt = new Date(since + budgets.decision * 1000).toISOString();
  const asked = { because: why(facts, inputs, entry), asks: 'roll-back', dueAt, silentAt, reminder: false } as const;
  const measured = triggers.find(({ event }) => isMeasured(event.data));
  return [
    notice(facts, inputs, 'decision', asked),
    // People are asked because of something else already, and silence decided nothing: now it may.
    ...(measured !== undefined && (triggers[0] !== measured || wasAsked(inputs, entry))
      ? [notice(facts, inputs, 'decision-silence', { ...asked, because: causeOf(facts, inputs, measured) })]
      : []),
    ...(isLate ? [notice(facts, inputs, 'decision-reminder', { ...asked, reminder: true })] : []),
  ];
};

/** Whether people were asked before any trigger: a sign-off was rejected, or a review has reached its cap. */
const wasAsked = ({ gates }: GateInputs, entry: Entry): boolean => {
  const outcome = stopBefore(gates, entry)?.event.data.outcome;
  return outcome === 'rejected' || outcome === 'capped';
};

const why = (facts: Facts, inputs: GateInputs, entry: Entry): Cause => {
  const [first] = foldRollback(inputs.rollback).triggers;
  if (first !== undefined) return causeOf(facts, inputs, first);
  const interrupted = entry.opened.event.data.interrupted ?? '';
  const said = {
    title: titleOf(inputs.context, interrupted),
    at: stopBefore(inputs.gates, entry)?.event.at ?? entry.opened.event.at,
    detail: whyStopped(facts, inputs.gates, interrupted),
  };
  const extension = extensionOf(inputs, entry);
  return extension === null ? { how: 'rejected', ...said } : { how: 'capped', ...said, ...extension };
};

const causeOf = (facts: Facts, { context }: GateInputs, { event: { at, data } }: Stored<'rollback.triggered'>): Cause => {
  const title = itemOf(context.checklist, data.trigger)?.title ?? data.trigger;
  if (data.by !== null) return { how: 'declared', title, at, by: nameOf(facts, data.by) };
  return isMeasured(data)
    ? { how: 'measured', title, at, detail: data.detail }
    : { how: 'declared', title, at, by: 'somebody with AWS credentials alone' };
};

const targetIn = ({ rollback }: GateInputs): Mail['target'] => {
  const target = fixedTarget(rollback);
  if (target === undefined) return null;
  return target.level === 'withdraw' ? 'withdrawn' : target.version;
};

const localCause = (because: Cause, reader: Pick<Person, 'zone'>): RollbackCause => {
  const at = localInstant(because.at, reader);
  return because.how === 'capped' ? { ...because, at, until: localInstant(because.until, reader) } : { ...because, at };
};

const distinct = (people: readonly Person[]): readonly Person[] => [...new Map(people.map((person) => [person.id, person])).values()];

const notice = (facts: Facts, inputs: GateInputs, id: string, asked: Asked): Due => ({
  notice: `rollback-${id}`,
  claim: `rollback-${id}`,
  people: distinct([
    ...recipientsOf(facts, inputs.context, 'rollback-decision'),
    ...(asked.asks === 'roll-back'
      ? decidingDeputies(facts.roster, { starter: inputs.context.started.event.data.starter, now: inputs.now })
      : []
    ).map(({ deputy }) => deputy),
  ]),
  write: ({ name, zone }) => {
    const head = headOf(facts, inputs.context);
    return {
      kind: 'rollback-decision',
      ...head,
      url: `${head.url}/rollback`,
      name,
      ...asked,
      because: localCause(asked.because, { zone }),
      target: targetIn(inputs),
      dueAt: localInstant(asked.dueAt, { zone }),
      silentAt: asked.silentAt === null ? null : localInstant(asked.silentAt, { zone }),
    };
  },
});
