import type { AlarmStateFacts } from '../evidence/alarm-state.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';

export const alarmsHeard = evidenceRule({
  kind: 'alarms-heard/1',
  description: "Every time that an alarm of the service went off, by CloudWatch's own history, stands on the run as an observation.",
  evidence: 'alarm-state',
  parameters: {},
  words: {},
  bounds: {},
  wants: () => "a look of Holdpoint itself at the history of the service's alarms",
  appliesTo: (_, { history }: AlarmStateFacts) => history !== null,
  // A history that begins later does not show what an earlier one missed.
  covers: (later: readonly AlarmStateFacts[], earlier: AlarmStateFacts) =>
    later.some(({ history }) => history?.unread === null && history.since <= (earlier.history?.since ?? '')),
  judge: (_, { unread, alarms, history }: AlarmStateFacts) => {
    if (unread === null && alarms.length === 0) return { verdict: 'inconclusive', reason: 'the stage file names no alarm of the service' };
    const why = unread ?? (history === null ? 'nobody asked for it' : history.unread);
    if (history === null || why !== null) return { verdict: 'inconclusive', reason: `the history of the alarms could not be read: ${why}` };
    const [first] = history.unheard;
    const figures = `the alarms went off ${counted(history.wentOff, 'time')} since ${history.since}`;
    return first === undefined
      ? { verdict: 'pass', reason: `${figures}; the run was fed every one` }
      : {
          verdict: 'fail',
          reason: `${figures}; the run was not fed ${history.unheardCount} of them, such as ${first.alarm} at ${first.at}`,
        };
  },
});
