import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { excerpt, quoted } from '../canonical-json.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';
import { confirmedAndRed, observedSince, silentFeed, windowIsOver } from './observed.ts';
import { atMost } from './parameter-words.ts';

export const alarmsLabelled = computedRule({
  kind: 'alarms-labelled/1',
  description: 'Every alarm of the window is labelled true or false, and few are false.',
  parameters: { maxFalse: z.int().min(0) },
  words: { maxFalse: atMost('false alarms') },
  bounds: { maxFalse: { most: 10 } },
  lanes: ['observation', 'deployment'],
  supplier: 'labels',
  windowed: true,
  concernedBy: (_rule, event) =>
    isType('observation.labelled')(event) ||
    (isType('observation.recorded')(event) && (!event.event.data.bad || event.event.data.kind === 'alarm')),
  judge: ({ maxFalse }, inputs) => {
    const seen = observedSince(inputs);
    const alarms = seen.filter((one) => one.kind === 'alarm' && one.bad);
    const open = alarms.find(({ label }) => label === undefined);
    if (open !== undefined)
      return { verdict: 'fail', reason: excerpt(`alarm ${quoted(open.subject, 200)} is not labelled true or false yet`, 300) };
    const red = confirmedAndRed(alarms);
    if (red !== undefined) return red;
    const wrong = alarms.filter(({ label }) => label === 'false').length;
    if (wrong > maxFalse)
      return { verdict: 'fail', reason: `${wrong} of ${counted(alarms.length, 'alarm')} labelled false, at most ${maxFalse} expected` };
    if (!windowIsOver(inputs)) return undefined;
    return (
      silentFeed(seen) ?? {
        verdict: 'pass',
        reason: `${counted(alarms.length, 'alarm')} in the window, every one labelled, ${wrong} false`,
      }
    );
  },
});
