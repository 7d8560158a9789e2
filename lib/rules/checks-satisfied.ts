import * as z from 'zod';
import { cut } from '../canonical-json.ts';
import { satisfies } from '../verdict.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';
import { checksNamed } from './parameter-words.ts';

export const checksSatisfied = computedRule({
  kind: 'checks-satisfied/1',
  description: 'Every check that it names is satisfied.',
  parameters: { checks: z.array(z.string()).min(1) },
  words: { checks: checksNamed('checks') },
  bounds: {},
  lanes: [],
  supplier: 'checks',
  refersTo: ({ checks }) => checks,
  concernedBy: ({ checks }, { event }) => 'check' in event.data && checks.includes(event.data.check),
  judge: ({ checks }, { finding }) => {
    const named = checks.map((id) => {
      const found = finding(id);
      return { title: found?.title ?? id, found };
    });
    // A check in observe never blocks and never counts as a pass. When all are, nothing is proved.
    const counting = named.filter(({ found }) => found?.mode !== 'observe');
    if (counting.length === 0)
      return { verdict: 'inconclusive', reason: cut(`all of them are only observed: ${named.map(({ title }) => title).join('; ')}`, 300) };
    const open = counting.filter(({ found }) => found === undefined || !satisfies(found.verdict));
    const observed = counting.length === named.length ? '' : `, ${named.length - counting.length} only observed`;
    if (open.length === 0)
      return {
        verdict: 'pass',
        reason: cut(
          `${counting.length} of ${counted(counting.length, 'check is', 'checks are')} satisfied${observed}: ${counting.map(({ title }) => title).join('; ')}`,
          300,
        ),
      };
    const failing = open.find(({ found }) => found?.verdict === 'fail');
    if (failing === undefined) return undefined;
    return { verdict: 'fail', reason: cut(`${failing.title} fails: ${failing.found?.reason ?? ''}`, 300) };
  },
});
