import * as z from 'zod';
import { isType } from '../../audit/event.ts';
import { excerpt, quoted } from '../../canonical-json.ts';
import { alarmKey } from '../../folds/alarm-identity.ts';
import type { Observed } from '../../folds/observations.ts';
import { counted } from '../../wording.ts';
import { atLeast, atMost } from '../parameter-words.ts';
import { type Measured, machineObservations, triggerRule } from './kind.ts';

/** One alarm that goes red again and again is one alarm. Alarms of one name in two accounts or regions are two. */
export const alarmsCascade = triggerRule({
  kind: 'trigger-alarms-cascade/1',
  description: 'Several alarms with different names went red within a short time.',
  parameters: { minAlarms: z.int().min(2), withinSeconds: z.number().positive() },
  words: { minAlarms: atLeast('alarms'), withinSeconds: atMost('time between the first and the last', 's') },
  bounds: { minAlarms: { least: 2, most: 10 }, withinSeconds: { least: 60, most: 3600 } },
  lanes: ['observation', 'deployment'],
  concernedBy: (_rule, event) => isType('observation.recorded')(event) && event.event.data.bad && event.event.data.kind === 'alarm',
  measure: ({ minAlarms, withinSeconds }, inputs) => {
    const alarms = machineObservations(inputs)
      .filter(({ kind }) => kind === 'alarm')
      .toSorted((a, b) => Date.parse(a.seenAt) - Date.parse(b.seenAt));
    const first = alarms
      .map((last, place) => within(alarms.slice(0, place + 1), last, withinSeconds))
      .find((different) => different.length >= minAlarms);
    return first === undefined ? [] : [found(first, withinSeconds)];
  },
});

/** The latest red of each alarm up to `last`, and no longer before it than `seconds`. */
const within = (upTo: readonly Observed[], last: Observed, seconds: number): readonly Observed[] => {
  const earliest = Date.parse(last.seenAt) - seconds * 1000;
  return [...new Map(upTo.filter(({ seenAt }) => Date.parse(seenAt) >= earliest).map((one) => [alarmKey(one), one])).values()];
};

const found = (alarms: readonly Observed[], seconds: number): Measured => ({
  detail: excerpt(
    `${counted(alarms.length, 'alarm')} red within ${seconds} s: ${alarms.map(({ subject }) => quoted(subject, 80)).join(', ')}`,
    300,
  ),
  evidence: alarms.map(({ event }) => event),
});
