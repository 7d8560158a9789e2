import type { AwsPlace, Targets } from '../checklist/targets.ts';
import type { AlarmStateReport } from '../evidence/alarm-state.ts';
import { healthOf } from '../fields.ts';
import type { CloudWatchReader } from './ports.ts';

export type AlarmDependencies = { readonly clock: { now(): Date }; readonly cloudwatch: CloudWatchReader };

/** Whether the run has an observation of the alarm near that instant. */
export type Heard = (alarm: string, at: string) => boolean;

/** The state of every alarm of the environment, as CloudWatch gives it. */
export const readAlarms = async (
  deps: AlarmDependencies,
  { alarms: names, cloudwatch: place = {} }: Pick<Targets, 'alarms' | 'cloudwatch'>,
  compared?: { readonly since: string; readonly heard: Heard },
): Promise<AlarmStateReport> => {
  const found = names.length === 0 ? { alarms: [] } : await deps.cloudwatch.alarms(place, names);
  const known = new Map('failed' in found ? [] : found.alarms.map((alarm) => [alarm.name, alarm]));
  return {
    schema: 'holdpoint.alarm-state/1',
    at: deps.clock.now().toISOString(),
    unread: 'failed' in found ? found.failed : null,
    alarms: names.map((name) => known.get(name) ?? { name, state: null, stateSince: null, actionsEnabled: false, actions: 0 }),
    history: compared === undefined ? null : await readHistory(deps, place, names, compared),
  };
};

const readHistory = async (
  deps: AlarmDependencies,
  place: AwsPlace,
  names: readonly string[],
  { since, heard }: { readonly since: string; readonly heard: Heard },
): Promise<AlarmStateReport['history']> => {
  const wentOff: NonNullable<AlarmStateReport['history']>['wentOff'] = [];
  let unread: string | null = null;
  for (const alarm of names) {
    const read = await deps.cloudwatch.history(place, alarm, since);
    if ('failed' in read) unread ??= `${alarm}: ${read.failed}`;
    else
      for (const { at, to } of read.changes)
        if (healthOf(to) === 'bad' && at >= since) wentOff.push({ alarm, at, heard: heard(alarm, at) });
  }
  return { since, unread, wentOff };
};
