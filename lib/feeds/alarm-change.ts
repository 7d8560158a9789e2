import { cut, sha256 } from '../canonical-json.ts';
import { ownersOf } from './alarm-owner.ts';
import { childrenOf } from './composite-alarm.ts';
import { type Delivery, nothing, type Services, unmapped } from './feed.ts';

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
};

/**
 * The observations that a change of an alarm stands for: one for each service and environment to which the alarm belongs. The same change has
 * the same id by every feed, so that an alarm that is connected twice counts once. ALARM is bad and OK is good; "insufficient data" proves
 * neither health nor harm, so it is logged and not recorded.
 */
export const alarmDelivery = (stage: Services, via: string, change: AlarmChange): Delivery => {
  const { places, doubt } = ownersOf(stage, change.alarm);
  if (places.length === 0) return unmapped(`alarm ${change.alarm.slice(0, 100)}`);
  if (change.to !== 'ALARM' && change.to !== 'OK')
    return nothing(`alarm ${change.alarm.slice(0, 100)} changed to ${change.to.slice(0, 40)}`);
  const observation = `alarm-${sha256(`${change.alarm}\n${change.to}\n${change.at}`).slice(0, 32)}`;
  const said = `${change.from} to ${change.to}${change.reason === '' ? '' : `: ${change.reason}`}`;
  const note = doubt === undefined ? '' : ` (recorded wherever it fits, because ${doubt})`;
  const children = childrenOf(change.alarm, change.rule, change.reason).map((name) => cut(name, 200));
  return {
    observations: places.map((place) => ({
      ...place,
      via,
      observation,
      kind: 'alarm',
      bad: change.to === 'ALARM',
      subject: cut(change.alarm, 200),
      summary: cut(said, 300 - note.length) + note,
      observedAt: change.at,
      ...(change.suppressed === undefined ? {} : { setAside: cut(`its actions are suppressed: ${change.suppressed}`, 200) }),
      ...(children.length === 0 ? {} : { children }),
    })),
    refused: [],
  };
};
