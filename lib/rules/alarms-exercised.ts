import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { excerpt } from '../canonical-json.ts';
import { subjectOfAlarm } from '../fields.ts';
import { firstFinishedAt } from '../folds/deployment.ts';
import { foldObservations } from '../folds/observations.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';
import { atLeast } from './parameter-words.ts';

/**
 * Every alarm that the stage named when the run started is asked for, one after the other or together; of a stage that names none, so many
 * as the rule says. An alarm is verified when it went to ALARM and back since the deployment, and Holdpoint heard both. An announced test
 * counts here, although it counts for no trigger and no label. One that is red says nothing about this check: the checks of the reviews ask
 * about it. What callers say of an alarm shows nothing here, because Holdpoint did not hear the alarm.
 */
export const alarmsExercised = computedRule({
  kind: 'alarms-exercised/1',
  description: 'Every named alarm of the service went red and OK again since the deployment, and the feed heard it.',
  parameters: { minAlarms: z.int().min(1) },
  words: { minAlarms: atLeast('alarms') },
  bounds: { minAlarms: { least: 1 } },
  lanes: ['observation', 'deployment'],
  supplier: 'alarms',
  concernedBy: (_rule, event) => isType('observation.recorded')(event) && event.event.data.kind === 'alarm',
  judge: ({ minAlarms }, { lanes, release: { artifacts, alarms = [] } }) => {
    const since = firstFinishedAt(lanes.deployment, artifacts);
    if (since === undefined) return undefined;
    const heard = foldObservations(lanes.observation).filter(
      ({ kind, bad, seenAt, reporter }) => kind === 'alarm' && bad && reporter === 'feed' && seenAt >= since,
    );
    const verified = new Set(heard.filter(({ clearedAt }) => clearedAt !== undefined).map(({ subject }) => subject));
    const named = alarms.map(subjectOfAlarm);
    const left = named.filter((name) => !verified.has(name));
    // Nobody has tested an alarm yet: the window has just begun, and nothing is wrong.
    if (verified.size === 0) return undefined;
    const figures = `${counted(verified.size, 'alarm')} heard since the deployment, red and OK again`;
    if (left.length > 0)
      return {
        verdict: 'inconclusive',
        reason: excerpt(`${figures}; ${left.length} of the ${named.length} that the stage names not yet: ${left.join(', ')}`, 300),
      };
    return verified.size < minAlarms
      ? { verdict: 'inconclusive', reason: `${figures}; at least ${minAlarms} expected` }
      : { verdict: 'pass', reason: figures };
  },
});
