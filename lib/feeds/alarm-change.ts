import { sha256 } from '../canonical-json.ts';
import { type Delivery, nothing, type Services } from './feed.ts';

/** A change of a CloudWatch alarm's state, from whichever feed. */
export type AlarmChange = {
  readonly alarm: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly at: string;
};

/**
 * The observations that a change of an alarm stands for: one for each environment of the service that owns the alarm. The same change has the
 * same id by every feed, so that an alarm that is connected twice counts once. ALARM is bad and OK is good; "insufficient data" proves
 * neither health nor harm, so it is logged and not recorded.
 */
export const alarmDelivery = (stage: Services, via: string, change: AlarmChange): Delivery => {
  const owners = stage.services
    .filter((candidate) => change.alarm.startsWith(candidate.alarmPrefix))
    .sort((a, b) => b.alarmPrefix.length - a.alarmPrefix.length);
  const service = owners[0];
  if (service === undefined) return nothing(`alarm ${change.alarm.slice(0, 100)} belongs to no service of this stage`);
  if (change.to !== 'ALARM' && change.to !== 'OK')
    return nothing(`alarm ${change.alarm.slice(0, 100)} changed to ${change.to.slice(0, 40)}`);
  const observation = `alarm-${sha256(`${change.alarm}\n${change.to}\n${change.at}`).slice(0, 32)}`;
  const summary = `${change.from} to ${change.to}${change.reason === '' ? '' : `: ${change.reason}`}`;
  return {
    observations: environmentsOf(service, change.alarm).map((environment) => ({
      service: service.name,
      environment,
      via,
      observation,
      kind: 'alarm',
      bad: change.to === 'ALARM',
      subject: cut(change.alarm, 200),
      summary: cut(summary, 300),
      observedAt: change.at,
    })),
    refused: [],
  };
};

/** An audit event takes well-formed text only, and a cut can split a surrogate pair. */
const cut = (text: string, length: number): string => text.slice(0, length).toWellFormed();

/** The environment whose name is a word of the alarm's name. No such name: all of them, because one alarm too many is better than one missed. */
const environmentsOf = (service: Services['services'][number], alarm: string): readonly string[] => {
  const words = alarm.toLowerCase().split(/[^a-z0-9]+/);
  const named = service.environments.filter((environment) => words.includes(environment.toLowerCase()));
  return named.length === 0 ? service.environments : named;
};
