import type { Stored } from '../../audit/event.ts';
import type { Gate } from '../../checklist/definition.ts';
import { itemOf } from '../../checklist/definition.ts';
import { foldRollback } from '../../folds/rollback.ts';
import { stepPolicy } from '../../folds/rollback-progress.ts';
import type { Notification, Person } from '../../ports.ts';
import { decidingDeputies } from '../state/deputies.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { targetsOf } from '../state/targets.ts';
import { headOf, recipientsOf, titleOf } from './mailing.ts';
import type { Reconciliation } from './reconciliation.ts';
import { planOf } from './rollback-plan.ts';
import { silenceAt } from './way-back.ts';

type Facts = Pick<Reconciliation, 'roster' | 'stage'>;
type Asked = Omit<
  Extract<Notification, { kind: 'rollback-decision' }>,
  'kind' | 'run' | 'service' | 'environment' | 'version' | 'name' | 'url'
>;
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
    notice(facts, inputs, 'data', { ...why(inputs, entry), asks: 'data', reminder: false, silentAt: backwardCompatible ? silent : null }),
  ];
};

const decisionNotices = (facts: Facts, inputs: GateInputs, entry: Entry): readonly Due[] => {
  const because = why(inputs, entry);
  const { triggers } = foldRollback(inputs.rollback);
  const since = Date.parse(triggers[0]?.event.at ?? entry.opened.event.at);
  const isLate = inputs.now.getTime() - since >= inputs.context.checklist.rollback.remindAfterSeconds * 1000;
  const silentAt = silenceAt(inputs, entry)?.toISOString() ?? null;
  const asked = { ...because, asks: 'roll-back', silentAt } as const;
  return [
    notice(facts, inputs, 'decision', { ...asked, reminder: false }),
    // A person had declared a trigger, and silence decided nothing: now it does.
    ...(silentAt !== null && triggers[0]?.event.data.by !== null
      ? [
          notice(facts, inputs, 'decision-silence', {
            ...asked,
            ...whyOf(
              inputs,
              triggers.find(({ event }) => event.data.by === null),
            ),
            reminder: false,
          }),
        ]
      : []),
    ...(isLate ? [notice(facts, inputs, 'decision-reminder', { ...asked, reminder: true })] : []),
  ];
};

const why = (inputs: GateInputs, { opened }: Entry): Pick<Asked, 'because' | 'detail'> =>
  whyOf(inputs, foldRollback(inputs.rollback).triggers[0]) ?? {
    because: `A rejection at ${titleOf(inputs.context, opened.event.data.interrupted ?? '')}`,
    detail: null,
  };

const whyOf = (
  { context }: GateInputs,
  trigger: Stored<'rollback.triggered'> | undefined,
): Pick<Asked, 'because' | 'detail'> | undefined => {
  const data = trigger?.event.data;
  return data && { because: itemOf(context.checklist, data.trigger)?.title ?? data.trigger, detail: data.detail };
};

const distinct = (people: readonly Person[]): readonly Person[] => [...new Map(people.map((person) => [person.id, person])).values()];

const notice = (facts: Facts, { context, now }: GateInputs, id: string, asked: Asked): Due => ({
  notice: `rollback-${id}`,
  claim: `rollback-${id}`,
  people: distinct([
    ...recipientsOf(facts, context, 'rollback-decision'),
    ...(asked.asks === 'roll-back' ? decidingDeputies(facts.roster, { starter: context.started.event.data.starter, now }) : []).map(
      ({ deputy }) => deputy,
    ),
  ]),
  write: ({ name }) => {
    const head = headOf(facts, context);
    return { kind: 'rollback-decision', ...head, url: `${head.url}/rollback`, name, ...asked };
  },
});
