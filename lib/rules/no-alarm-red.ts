import * as z from 'zod';
import { isType, type Stored } from '../audit/event.ts';
import { excerpt, quoted } from '../canonical-json.ts';
import { foldObservations, isRed, type Observed, unknownAlarms } from '../folds/observations.ts';
import { type Judgement, satisfies } from '../verdict.ts';
import { counted } from '../wording.ts';
import { computedRule, type RunInputs } from './kind.ts';
import { checksNamed } from './parameter-words.ts';

const description = 'No alarm of the service is red that people have not labelled false or explained.';
const concernedBy = (event: Stored): boolean =>
  isType('observation.labelled')(event) || (isType('observation.recorded')(event) && event.event.data.kind === 'alarm');

const alarmsIn = (lane: readonly Stored[]): readonly Observed[] => foldObservations(lane).filter(({ kind }) => kind === 'alarm');

/** An alarm after T0 is about the release, and judged by the checks and triggers behind it: so both kinds are `lasting`. */
const redIn = (alarms: readonly Observed[]): Judgement | undefined => {
  const red = alarms.filter((alarm) => isRed(alarm) && (alarm.label ?? 'true') === 'true');
  const [first] = red;
  if (first === undefined) return undefined;
  return {
    verdict: 'fail',
    reason: excerpt(
      `${counted(red.length, 'alarm is', 'alarms are')} red before anything was deployed, such as ${quoted(first.subject, 120)}: mend its cause, or label it false or explained with a reason`,
      300,
    ),
  };
};

const whatMends = 'let it have data, or say by its treatMissingData what missing data means; else waive this check with a reason';

const reported = (count: number): string => `${counted(count, 'alarm state was', 'alarm states were')} reported`;

/** The first form, which takes silence for health. It stays for the runs that pinned it. */
export const noAlarmReported = computedRule({
  kind: 'no-alarm-red/1',
  description,
  parameters: {},
  words: {},
  bounds: {},
  lanes: ['observation'],
  supplier: 'labels',
  lasting: true,
  concernedBy: (_rule, event) => concernedBy(event),
  judge: (_rule, { lanes }) => {
    const alarms = alarmsIn(lanes.observation);
    return redIn(alarms) ?? { verdict: 'pass', reason: `${reported(alarms.length)}, and no alarm is red` };
  },
});

/**
 * The feed hears of changes only, and only while a run is open: of an alarm that went red before the start it says nothing, and silence is no
 * state. Where the stage names alarms, what Holdpoint itself has read of them decides: `look` is the check that judges it.
 */
export const noAlarmRed = computedRule({
  kind: 'no-alarm-red/2',
  description: `${description} Holdpoint has read their states, or the feed has reported some.`,
  parameters: { look: z.string() },
  words: { look: checksNamed('the check whose look decides') },
  bounds: {},
  lanes: ['observation'],
  lasting: true,
  supplier: 'labels',
  refersTo: ({ look }) => [look],
  concernedBy: ({ look }, event) =>
    concernedBy(event) || isType('alarm.unknown')(event) || ('check' in event.event.data && event.event.data.check === look),
  judge: ({ look }, inputs) => {
    const alarms = alarmsIn(inputs.lanes.observation);
    const red = redIn(alarms);
    if (red !== undefined) return red;
    const read = readStates(look, inputs);
    if (read !== undefined) return read;
    const [unknown] = unknownAlarms(inputs.lanes.observation);
    if (unknown !== undefined)
      return {
        verdict: 'inconclusive',
        reason: excerpt(`CloudWatch does not know the state of ${quoted(unknown, 120)}: ${whatMends}`, 300),
      };
    // What was set aside while it was red is no state that says anything about health, nor is what CI says of its own release.
    const states = alarms.filter(({ bad, setAside, reporter }) => reporter !== 'ci' && (!bad || setAside === undefined)).length;
    if (states > 0) return { verdict: 'pass', reason: `${reported(states)}, and no alarm is red` };
    return {
      verdict: 'inconclusive',
      reason:
        'no alarm state is known: name the alarms of the service in the stage file (targets, alarms), so that Holdpoint reads them, or waive this check with a reason',
    };
  },
});

/** What the look at the alarms of the stage file comes to; undefined where the stage names none, or people have made an exception of it. */
const readStates = (look: string, { release: { alarms = [] }, finding }: RunInputs): Judgement | undefined => {
  const found = alarms.length === 0 ? undefined : finding(look);
  if (found === undefined || (found.verdict !== 'pass' && satisfies(found.verdict))) return undefined;
  if (found.verdict === 'pass')
    return { verdict: 'pass', reason: excerpt(`Holdpoint has read the alarms of the stage file: ${found.reason}`, 300) };
  return {
    verdict: found.verdict === 'fail' ? 'fail' : 'inconclusive',
    reason: excerpt(`what Holdpoint reads of the alarms of the stage file does not show that none is red: ${found.reason}`, 300),
  };
};
