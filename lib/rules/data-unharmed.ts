import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { excerpt, quoted } from '../canonical-json.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';
import { observedSince, windowIsOver } from './observed.ts';
import { atLeast } from './parameter-words.ts';

/** A checksum job reports whether the data are whole, as observations of kind `data` on Holdpoint's bus or through the API. */
export const dataUnharmed = computedRule({
  kind: 'data-unharmed/1',
  description: 'A checksum job found the data whole since the deployment, and never found them harmed.',
  parameters: { minReports: z.int().min(1) },
  words: { minReports: atLeast('reports of the checksum job') },
  bounds: { minReports: { least: 1 } },
  lanes: ['observation', 'deployment'],
  supplier: 'labels',
  windowed: true,
  concernedBy: (_rule, event) =>
    isType('observation.labelled')(event) || (isType('observation.recorded')(event) && event.event.data.kind === 'data'),
  judge: ({ minReports }, inputs) => {
    const seen = observedSince(inputs).filter(({ kind }) => kind === 'data');
    // Only what people know to be a false report, or can explain, harms no data.
    const harmed = seen.find(({ bad, label }) => bad && (label === undefined || label === 'true'));
    if (harmed !== undefined)
      return { verdict: 'fail', reason: excerpt(`${harmed.observation} reports harmed data in ${quoted(harmed.subject, 200)}`, 300) };
    if (!windowIsOver(inputs)) return undefined;
    // A person's word is no checksum.
    const whole = seen.filter(({ bad, words }) => !bad && words === null).length;
    if (whole < minReports)
      return {
        verdict: 'inconclusive',
        reason: `${counted(whole, 'report')} of a checksum job (observations of kind data) since the deployment; at least ${minReports} expected`,
      };
    return { verdict: 'pass', reason: `${counted(whole, 'report')} of a checksum job since the deployment, all data whole` };
  },
});
