import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { computedRule } from './kind.ts';

export const noticeSent = computedRule({
  kind: 'notice-sent/1',
  description: 'Holdpoint sent a notice, and the mail system accepted it.',
  parameters: { notice: z.string() },
  bounds: {},
  lanes: ['notice'],
  sends: ({ notice }) => [notice],
  concernedBy: (rule, event) => isType('notice.sent')(event) && event.event.data.notice === rule.notice,
  judge: ({ notice }, { lanes }) => {
    const sent = lanes.notice.filter(isType('notice.sent')).filter(({ event }) => event.data.notice === notice);
    const people = new Set(sent.flatMap(({ event }) => event.data.people)).size;
    if (people === 0) return undefined;
    return { verdict: 'pass', reason: `the mail system accepted the notice to ${people} ${people === 1 ? 'person' : 'people'}` };
  },
});
