import { isType } from '../audit/event.ts';
import { rollbackStepIds, rollbackStepSchema } from '../audit/events/rollback.ts';
import { excerpt } from '../canonical-json.ts';
import { foldRollback, resultOfStep } from '../folds/rollback.ts';
import { needsPeople } from '../folds/rollback-progress.ts';
import { computedRule } from './kind.ts';
import { checksNamed } from './parameter-words.ts';

export const stepProved = computedRule({
  kind: 'step-proved/1',
  description:
    'A step of the rollback was carried out and then proved from outside, or the stage file says that the service does not need it.',
  parameters: { step: rollbackStepSchema },
  words: { step: checksNamed('step') },
  bounds: {},
  lanes: ['rollback'],
  supplier: 'rollback',
  concernedBy: ({ step }, { event: { data } }) => 'step' in data && (data.step === step || data.step === rollbackStepIds[0]),
  judge: ({ step }, { lanes, now }) => {
    const rollback = foldRollback(lanes.rollback);
    const result = resultOfStep(rollback, step);
    if (result !== undefined) {
      const verdict = result.outcome === 'done' ? 'pass' : 'not-applicable';
      return { verdict, reason: excerpt(result.reason, 300) };
    }
    const asks = needsPeople(rollback, step, now);
    return asks === undefined ? undefined : { verdict: 'fail', reason: excerpt(asks, 300) };
  },
});

export const rollbackVerified = computedRule({
  kind: 'rollback-verified/1',
  description: 'Every step of the rollback is proved or not needed, and requests are accepted again.',
  parameters: {},
  words: {},
  bounds: {},
  lanes: ['rollback'],
  supplier: 'rollback',
  concernedBy: (_rule, event) => isType('rollback.step-proved')(event) || isType('rollback.step-skipped')(event),
  judge: (_rule, { lanes }) => {
    const rollback = foldRollback(lanes.rollback);
    const open = rollbackStepIds.find((step) => resultOfStep(rollback, step) === undefined);
    if (open !== undefined) return { verdict: 'fail', reason: `the step ${open} is not proved` };
    return { verdict: 'pass', reason: 'every step is proved or not needed, and requests are accepted' };
  },
});
