import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';
import { chosen } from './parameter-words.ts';

export const noticeSent = computedRule({
  kind: 'notice-sent/1',
  description: 'Holdpoint sent a notice, the mail system accepted it, and no mail of it came back.',
  parameters: { notice: z.string() },
  words: { notice: chosen('notice') },
  bounds: {},
  lanes: ['notice'],
  supplier: 'notices',
  sends: ({ notice }) => [notice],
  concernedBy: (rule, event) =>
    (isType('notice.sent')(event) && event.event.data.notice === rule.notice) ||
    (isType('mail.undelivered')(event) && event.event.data.about === rule.notice),
  judge: ({ notice }, { lanes }) => {
    const sent = lanes.notice.filter(isType('notice.sent')).filter(({ event }) => event.data.notice === notice);
    const mailed = new Set(sent.flatMap(({ event }) => event.data.people));
    if (mailed.size === 0) return undefined;
    // A mail that was reported as spam has arrived.
    const missed = lanes.notice
      .filter(isType('mail.undelivered'))
      .filter(({ event: { data } }) => data.about === notice && data.failure !== 'complained' && mailed.has(data.person));
    if (missed.length > 0) {
      const each = new Map(missed.map(({ event: { data } }) => [data.person, data.failure]));
      const named = [...each].map(([person, failure]) => `${person} (${failure})`).join(', ');
      return { verdict: 'fail', reason: `the notice did not reach ${named}: tell them in another way and waive the check with how` };
    }
    const people = mailed.size;
    return { verdict: 'pass', reason: `the mail system accepted the notice to ${counted(people, 'person', 'people')}` };
  },
});
