import { cut, sha256 } from '../canonical-json.ts';
import { healthOf, subjectOfAlarm } from '../fields.ts';
import { ownersOf } from './alarm-owner.ts';
import { childrenOf } from './composite-alarm.ts';
import { ambiguous, type Delivery, type Origin, type Services, unmapped } from './feed.ts';

/** A change of a CloudWatch alarm's state, from whichever feed. */
export type AlarmChange = {
  readonly alarm: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly at: string;
  /** Of a composite alarm: its rule, which names the alarms that it stands for. */
  readonly rule?: string | undefined;
  /** Set when another alarm suppresses the actions of this one: why. */
  readonly suppressed?: string | undefined;
  /** Its ARN, where the source has it: it tells account and region. */
  readonly arn?: string | undefined;
};

/** `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:shop-errors` is an alarm of `111122223333` in `eu-central-1`. */
const originIn = (arn = ''): Origin | undefined => {
  const [, region, account] = /^arn:[\w-]+:cloudwatch:([a-z0-9-]+):(\d{12}):alarm:/.exec(arn) ?? [];
  return account === undefined ? undefined : { account, region };
};

/**
 * What a change of an alarm stands for, in each service and environment to which the alarm belongs: an observation, or that its state is
 * unknown. The same change has the same id by every feed, so that an alarm that is connected twice counts once.
 */
export const alarmDelivery = (stage: Services, via: string, change: AlarmChange): Delivery => {
  const from = originIn(change.arn);
  const { places, doubt } = ownersOf(stage, change.alarm, from);
  const named = `alarm ${change.alarm.slice(0, 100)}`;
  if (places.length === 0) return unmapped(named);
  const placed = from === undefined ? {} : { where: `${from.account}/${from.region}` };
  const refused = places.length < 2 ? [] : ambiguous(named, places, doubt);
  const health = healthOf(change.to);
  const observation = `alarm-${sha256([change.alarm, change.to, change.at, ...Object.values(placed)].join('\n')).slice(0, 32)}`;
  const said = `${cut(change.from, 40)} to ${cut(change.to, 40)}${change.reason === '' ? '' : `: ${change.reason}`}`;
  const note = doubt === undefined ? '' : ` (recorded wherever it fits, because ${doubt})`;
  const summary = cut(said, 300 - note.length) + note;
  const seen = { via, observation, subject: subjectOfAlarm(change.alarm), ...placed, summary, observedAt: change.at };
  if (health === 'unknown') return { observations: [], unknown: places.map((place) => ({ ...place, ...seen })), refused };
  const children = childrenOf(change.alarm, change.rule, change.reason).map(subjectOfAlarm);
  return {
    observations: places.map((place) => ({
      ...place,
      ...seen,
      kind: 'alarm',
      bad: health === 'bad',
      ...(change.suppressed === undefined ? {} : { setAside: cut(`its actions are suppressed: ${change.suppressed}`, 200) }),
      ...(children.length === 0 ? {} : { children }),
    })),
    refused,
  };
};
