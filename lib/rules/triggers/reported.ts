import * as z from 'zod';
import { isType } from '../../audit/event.ts';
import { excerpt, quoted } from '../../canonical-json.ts';
import { observationKinds } from '../../fields.ts';
import { chosen } from '../parameter-words.ts';
import { machineObservations, triggerRule } from './kind.ts';

/** One report is enough: a checksum job that found harmed data, a scanner that found a vulnerability. */
export const reportedTrigger = triggerRule({
  kind: 'trigger-reported/1',
  description: 'A machine reported a bad observation of one of these kinds since the deployment began.',
  parameters: { kinds: z.array(z.enum(observationKinds)).min(1) },
  words: { kinds: chosen('kinds of observations') },
  bounds: {},
  lanes: ['observation', 'deployment'],
  concernedBy: ({ kinds }, event) =>
    isType('observation.recorded')(event) && event.event.data.bad && kinds.some((kind) => kind === event.event.data.kind),
  measure: ({ kinds }, inputs) =>
    machineObservations(inputs)
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ event, observation, kind, subject }) => ({
        detail: excerpt(`${observation} (${kind}) of ${quoted(subject, 200)}`, 300),
        evidence: [event],
      })),
});
