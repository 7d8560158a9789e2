import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { budgets } from '../audit/events/rollback.ts';
import { budgetsOf, tookOf } from '../folds/rollback-budgets.ts';
import { computedRule } from './kind.ts';
import { atMost, chosen } from './parameter-words.ts';

export const withinBudget = computedRule({
  kind: 'within-budget/1',
  description: 'A part of the rollback took less than its budget, by the times of the events that the server recorded.',
  parameters: { budget: z.enum(budgets), limitSeconds: z.int().positive() },
  // A stage may tighten a budget, and never loosen it.
  words: { budget: chosen('part of the rollback'), limitSeconds: atMost('budget', 's') },
  bounds: { limitSeconds: { most: 1200 } },
  lanes: ['rollback'],
  supplier: 'rollback',
  concernedBy: (_rule, event) => isType('rollback.step-proved')(event) || isType('rollback.decided')(event),
  judge: ({ budget, limitSeconds }, { lanes, now }) => {
    const found = budgetsOf(lanes.rollback).find((one) => one.budget === budget);
    if (found === undefined) return undefined;
    const { seconds, met } = tookOf(found, limitSeconds, now);
    const figures = `${seconds.toFixed(1)} s, the budget is ${limitSeconds} s`;
    if (!met) return { verdict: 'fail', reason: figures };
    return found.until === null ? undefined : { verdict: 'pass', reason: figures };
  },
});
