import { isType } from '../audit/event.ts';
import { counted, excerpt, quoted } from '../canonical-json.ts';
import { foldObservations, isRed } from '../folds/observations.ts';
import { computedRule } from './kind.ts';

export const noAlarmRed = computedRule({
  kind: 'no-alarm-red/1',
  description: 'No alarm of the service is red that people have not labelled false or explained.',
  parameters: {},
  bounds: {},
  lanes: ['observation'],
  supplier: 'labels',
  // An alarm after T0 is about the release, and judged by the checks and triggers behind it.
  lasting: true,
  concernedBy: (_rule, event) =>
    isType('observation.labelled')(event) || (isType('observation.recorded')(event) && event.event.data.kind === 'alarm'),
  judge: (_rule, { lanes }) => {
    const alarms = foldObservations(lanes.observation).filter(({ kind }) => kind === 'alarm');
    const red = alarms.filter((alarm) => isRed(alarm) && (alarm.label ?? 'true') === 'true');
    const [first] = red;
    if (first === undefined)
      return { verdict: 'pass', reason: `${counted(alarms.length, 'alarm state was', 'alarm states were')} reported, and no alarm is red` };
    return {
      verdict: 'fail',
      reason: excerpt(
        `${counted(red.length, 'alarm is', 'alarms are')} red before anything was deployed, such as ${quoted(first.subject, 120)}: mend its cause, or label it false or explained with a reason`,
        300,
      ),
    };
  },
});
