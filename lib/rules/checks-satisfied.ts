import * as z from 'zod';
import { cut } from '../canonical-json.ts';
import { satisfies } from '../verdict.ts';
import { computedRule } from './kind.ts';

export const checksSatisfied = computedRule({
  kind: 'checks-satisfied/1',
  description: 'Every check that it names is satisfied.',
  parameters: { checks: z.array(z.string()).min(1) },
  bounds: {},
  lanes: [],
  refersTo: ({ checks }) => checks,
  concernedBy: ({ checks }, { event }) => 'check' in event.data && checks.includes(event.data.check),
  judge: ({ checks }, { finding }) => {
    const open = checks.map((id) => ({ id, found: finding(id) })).filter(({ found }) => found === undefined || !satisfies(found.verdict));
    if (open.length === 0)
      return { verdict: 'pass', reason: cut(`${checks.length} of ${checks.length} checks are satisfied: ${checks.join(', ')}`, 300) };
    const failing = open.find(({ found }) => found?.verdict === 'fail');
    if (failing === undefined) return undefined;
    return { verdict: 'fail', reason: cut(`the check ${failing.id} fails: ${failing.found?.reason ?? ''}`, 300) };
  },
});
