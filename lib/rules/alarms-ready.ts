import * as z from 'zod';
import type { AlarmStateFacts } from '../evidence/alarm-state.ts';
import { healthOf } from '../fields.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atMost } from './parameter-words.ts';

type Alarm = AlarmStateFacts['alarms'][number];

export const alarmsReady = evidenceRule({
  kind: 'alarms-ready/1',
  description: 'Every alarm of the service exists, has an action that is enabled, has data, and is not red.',
  evidence: 'alarm-state',
  parameters: {
    /** An alarm that has had no data for longer does not watch anything, in seconds. */
    maxUnknownSeconds: z.number().positive(),
  },
  words: { maxUnknownSeconds: atMost('time of an alarm without data', 's') },
  bounds: { maxUnknownSeconds: { most: 7 * 86_400 } },
  wants: () => "a look of Holdpoint itself at the service's alarms",
  // One report is about all alarms of the stage file, so a later one covers an earlier one if it has them all.
  covers: (later: readonly AlarmStateFacts[], earlier: AlarmStateFacts) =>
    later.some(({ unread, alarms }) => unread === null && earlier.alarms.every(({ name }) => alarms.some((alarm) => alarm.name === name))),
  judge: ({ maxUnknownSeconds }, { at, unread, alarms }: AlarmStateFacts): Judgement => {
    if (unread !== null) return { verdict: 'inconclusive', reason: `the alarms could not be read: ${unread}` };
    if (alarms.length === 0) return { verdict: 'inconclusive', reason: 'the stage file names no alarm of the service' };
    const unknownFor = ({ stateSince }: Alarm): number =>
      stateSince === null ? Number.POSITIVE_INFINITY : (Date.parse(at) - Date.parse(stateSince)) / 1000;
    for (const alarm of alarms) {
      const wrong =
        wrongWith(alarm) ?? (isUnknown(alarm) && unknownFor(alarm) > maxUnknownSeconds ? 'has had no data for too long' : undefined);
      if (wrong !== undefined) return { verdict: 'fail', reason: `of ${counted(alarms.length, 'alarm')} ${alarm.name} ${wrong}` };
    }
    const unknown = alarms.find(isUnknown);
    return unknown === undefined
      ? { verdict: 'pass', reason: `${counted(alarms.length, 'alarm')} looked at: each exists, is enabled, has an action, and is OK` }
      : { verdict: 'inconclusive', reason: `of ${counted(alarms.length, 'alarm')} ${unknown.name} has no data` };
  },
});

const wrongWith = ({ state, actions, actionsEnabled }: Alarm): string | undefined => {
  if (state === null) return 'does not exist';
  if (actions === 0) return 'has no action';
  if (!actionsEnabled) return 'has its actions disabled';
  return healthOf(state) === 'bad' ? 'is red' : undefined;
};

/** What does not exist is wrong, and not unknown. */
const isUnknown = ({ state }: Alarm): boolean => state === null || healthOf(state) === 'unknown';
