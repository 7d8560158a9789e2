import type { DataOf } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { alarmKey } from '../../folds/alarm-identity.ts';
import { lastOfAlarms } from '../../folds/alarm-words.ts';
import { latestPossible } from '../state/clock-skew.ts';
import { system } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import { type FedRecorded, type FeedDependencies, isCrowded, onOpenRuns } from './feed-observation.ts';

type UnknownAlarm = DataOf<'alarm.unknown'> & { readonly service: string; readonly environment: string };

/** Records on every open run there that CloudWatch does not know the state of an alarm. */
export const recordUnknownAlarm = async (
  deps: FeedDependencies,
  { service, environment, ...said }: UnknownAlarm,
): Promise<readonly FedRecorded[]> => {
  const now = deps.clock.now();
  const data = { ...said, observedAt: said.observedAt <= latestPossible(now) ? said.observedAt : now.toISOString() };
  return onOpenRuns(deps, { service, environment }, async (context) => {
    const { observation } = data;
    const lane = await deps.trail.read(context.scope, { lane: lanes.observation(observation) });
    // In a crowded lane it is recorded only where the alarm's last word is another one.
    const last = isCrowded(lane) ? lastOfAlarms(lane).get(alarmKey(data)) : undefined;
    if (last?.health === 'unknown') return { event: last.event, observation, alreadyRecorded: true };
    const { stored, adopted } = await appendToRun(deps, context, {
      draft: {
        scope: context.scope,
        lane: lanes.observation(observation),
        step: `unknown/${observation}/${said.observedAt}`,
        type: 'alarm.unknown',
        actor: system('feed'),
        data,
      },
      lane,
      followUp: noFollowUp,
    });
    return { event: stored.event.id, observation, alreadyRecorded: adopted };
  });
};
