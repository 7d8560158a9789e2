import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { excerpt, quoted } from '../canonical-json.ts';
import { observationKinds } from '../fields.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';
import { confirmedAndRed, observedSince, silentFeed, windowIsOver } from './observed.ts';
import { chosen } from './parameter-words.ts';

export const noOpenObservations = computedRule({
  kind: 'no-open-observations/1',
  description: 'Every bad observation of some kinds is labelled or explained when the window ends, and the feed delivered something.',
  parameters: { kinds: z.array(z.enum(observationKinds)).min(1) },
  words: { kinds: chosen('kinds of observations') },
  bounds: {},
  lanes: ['observation', 'deployment'],
  supplier: 'labels',
  windowed: true,
  // A good observation concerns every rule on observations: it shows that the feed is alive.
  concernedBy: ({ kinds }, event) =>
    isType('observation.labelled')(event) ||
    (isType('observation.recorded')(event) && (!event.event.data.bad || kinds.some((kind) => kind === event.event.data.kind))),
  judge: ({ kinds }, inputs) => {
    const seen = observedSince(inputs);
    const bad = seen.filter((one) => one.bad && kinds.some((kind) => kind === one.kind));
    const open = bad.find(({ label }) => label === undefined);
    if (open !== undefined)
      return {
        verdict: 'fail',
        reason: excerpt(`open observation ${open.observation} (${open.kind}) of ${quoted(open.subject, 200)}: label or explain it`, 300),
      };
    const red = confirmedAndRed(bad);
    if (red !== undefined) return red;
    if (!windowIsOver(inputs)) return undefined;
    return (
      silentFeed(seen) ?? {
        verdict: 'pass',
        reason: `${counted(seen.length, 'observation')} in the window, ${bad.length} bad of ${kinds.join(', ')}, none open`,
      }
    );
  },
});
