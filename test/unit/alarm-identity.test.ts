import { describe, expect, test } from 'vitest';
import type { DataOf, Stored } from '../../lib/audit/event.ts';
import { alarmDelivery } from '../../lib/feeds/alarm-change.ts';
import { readFeed } from '../../lib/feeds/index.ts';
import { subjectOfAlarm } from '../../lib/fields.ts';
import { childrenOfOthers } from '../../lib/folds/composite-alarms.ts';
import { foldObservations, isRed, unknownAlarms } from '../../lib/folds/observations.ts';
import { outlastedName } from '../../lib/folds/outlasted.ts';
import { alarmsExercised } from '../../lib/rules/alarms-exercised.ts';
import { noAlarmRed } from '../../lib/rules/no-alarm-red.ts';
import { alarmsCascade } from '../../lib/rules/triggers/alarms-cascade.ts';
import { alarm, at, deployment, saidBy, stored } from '../lane-events.ts';

/** Can what is said of one alarm, by one reporter, in one place, end or hide another one? */

const here = '111122223333/eu-central-1';
const there = '111122223333/us-east-1';
const red = (lane: readonly Stored[]): readonly string[] =>
  foldObservations(lane)
    .filter(isRed)
    .map(({ subject, where }) => (where === undefined ? subject : `${subject} ${where}`));
const ok = { bad: false };

describe('an OK ends', () => {
  test.each<[string, readonly Stored[], readonly string[]]>([
    ['the alarm of its name and place', [alarm(2, 'a', { where: here }), alarm(3, 'a', { where: here, ...ok })], []],
    ['none of another name', [alarm(2, 'a'), alarm(3, 'b', ok)], ['a']],
    ['none of its name in another region', [alarm(2, 'a', { where: here }), alarm(3, 'a', { where: there, ...ok })], [`a ${here}`]],
    ['none whose place is known where its own is not', [alarm(2, 'a', { where: here }), alarm(3, 'a', ok)], [`a ${here}`]],
    ['one whose place nobody said', [alarm(2, 'a'), alarm(3, 'a', { where: here, ...ok })], []],
    [
      'of two regions only its own',
      [alarm(2, 'a', { where: here }), alarm(3, 'a', { where: there }), alarm(4, 'a', { where: there, ...ok })],
      [`a ${here}`],
    ],
    ['as CI says it, none that the feed reported', [alarm(2, 'a'), saidBy('ci', alarm(3, 'a', ok))], ['a']],
    ['as CI says it, none that a person reported', [saidBy('person', alarm(2, 'a')), saidBy('ci', alarm(3, 'a', ok))], ['a']],
    ['as CI says it, what CI reported', [saidBy('ci', alarm(2, 'a')), saidBy('ci', alarm(3, 'a', ok))], []],
    ['as a person says it, none that the feed reported', [alarm(2, 'a'), saidBy('person', alarm(3, 'a', ok))], ['a']],
    ['as a person says it, what CI reported', [saidBy('ci', alarm(2, 'a')), saidBy('person', alarm(3, 'a', ok))], []],
    ['as the feed says it, what anybody reported', [saidBy('person', alarm(2, 'a')), saidBy('ci', alarm(2, 'a')), alarm(3, 'a', ok)], []],
    ['nothing that came after it', [alarm(2, 'a', ok), alarm(3, 'a')], ['a']],
  ])('%s', (_, lane, expected) => {
    expect(red(lane)).toEqual(expected);
    expect(red(lane.toReversed()), 'in whatever order they were recorded').toEqual(expected);
  });

  test('at the first that may end it, whoever said something in between', () => {
    const lane = [alarm(2, 'a'), saidBy('ci', alarm(3, 'a', ok)), alarm(4, 'a', ok), alarm(5, 'a', ok)];
    expect(foldObservations(lane).find(({ bad }) => bad)?.clearedAt).toBe(at(4));
  });
});

const unknownOf = (minutes: number, where?: string): Stored =>
  saidBy(
    'feed',
    stored('observation/1', 'alarm.unknown', minutes, {
      observation: `u-${minutes}`,
      via: 'alarm',
      subject: 'a',
      ...(where === undefined ? {} : { where }),
      summary: 'OK to INSUFFICIENT_DATA',
      observedAt: at(minutes),
    }),
  );

test('an unknown state is hidden by no caller and by no alarm of its name elsewhere', () => {
  expect(unknownAlarms([unknownOf(2), saidBy('ci', alarm(3, 'a', ok))])).toEqual(['a']);
  expect(unknownAlarms([unknownOf(2), saidBy('person', alarm(3, 'a', ok))])).toEqual(['a']);
  expect(unknownAlarms([unknownOf(2, here), alarm(3, 'a', { where: there, ...ok })])).toEqual(['a']);
  expect(unknownAlarms([unknownOf(2, here), alarm(3, 'a', { where: here, ...ok })])).toEqual([]);
});

test('a composite alarm stands for the alarms of its own account and region', () => {
  const all = { kind: 'alarm' as const, subject: 'all', where: here, children: ['a'] } satisfies Partial<DataOf<'observation.recorded'>>;
  expect(foldObservations([alarm(2, 'a', { where: there }), alarm(2, 'all', all)]).map(({ setAside }) => setAside)).toEqual([
    undefined,
    undefined,
  ]);
  expect(foldObservations([alarm(2, 'a', { where: here }), alarm(2, 'all', all)])[0]?.setAside).toBe(
    'the composite alarm all stands for it',
  );
  expect(childrenOfOthers([{ ...all, subject: 'a', children: ['all'] }, all]).size, 'a circle').toBe(0);
});

test('alarms of one name in several places are several, also for the cascade', () => {
  const measured = (lane: readonly Stored[]) =>
    alarmsCascade.measure(alarmsCascade.of({ minAlarms: 3, withinSeconds: 300 }), { deployment, observation: lane, measurement: [] })
      .length;
  const places = [here, there, '444455556666/eu-central-1'];
  expect(measured(places.map((where) => alarm(2, 'a', { where })))).toBe(1);
  expect(measured(places.map(() => alarm(2, 'a', { where: here })))).toBe(0);
  expect(new Set([...places, undefined].map((where) => outlastedName({ subject: 'a', where }, at(5)))).size).toBe(4);
});

describe('what CI says of alarms', () => {
  const inputs = (observation: readonly Stored[]) =>
    ({
      release: { artifacts: [{ component: 'web', digest: 'sha256:1' }], alarms: [] },
      lanes: { deployment, observation },
      now: new Date(at(60)),
      finding: () => undefined,
    }) as never;

  test('is no state of health for T0', () => {
    const judged = (lane: readonly Stored[]) => noAlarmRed.judge(noAlarmRed.of({ look: 'alarms-ready' }), inputs(lane))?.verdict;
    expect(judged([saidBy('ci', alarm(2, 'a', ok))])).toBe('inconclusive');
    expect(judged([saidBy('person', alarm(2, 'a', ok))])).toBe('pass');
    expect(judged([alarm(2, 'a', ok)])).toBe('pass');
    expect(judged([saidBy('ci', alarm(2, 'a'))])).toBe('fail');
  });

  test('verifies no alarm', () => {
    const judged = (lane: readonly Stored[]) => alarmsExercised.judge(alarmsExercised.of({ minAlarms: 1 }), inputs(lane))?.verdict;
    expect(judged([saidBy('ci', alarm(2, 'a')), saidBy('ci', alarm(3, 'a', ok))])).toBeUndefined();
    expect(judged([alarm(2, 'a'), alarm(3, 'a', ok)])).toBe('pass');
  });
});

describe('the feeds name an alarm with its account and region', () => {
  const stage = { services: [{ name: 'shop', alarmPrefix: 'shop-', environments: ['production'] }] } as never;
  const arn = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:shop-errors';
  const event = (resources?: readonly string[]) => ({
    id: 'e-1',
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    ...(resources === undefined ? {} : { resources }),
    detail: { alarmName: 'shop-errors', state: { value: 'ALARM', timestamp: at(2) } },
  });
  const notification = (more: object) => ({
    Records: [
      {
        Sns: {
          MessageId: 'm-1',
          Message: JSON.stringify({ AlarmName: 'shop-errors', NewStateValue: 'ALARM', StateChangeTime: at(2), ...more }),
        },
      },
    ],
  });
  const fed = (given: unknown) =>
    readFeed(stage, given).observations.map(({ where, subject, observation }) => ({ where, subject, observation }));

  test('the same by EventBridge and by SNS, under one id', () => {
    const [one] = fed(event([arn]));
    expect(one).toMatchObject({ where: here, subject: 'shop-errors' });
    expect(fed(notification({ AlarmArn: arn }))).toEqual([one]);
    expect(fed(event([arn.replace('eu-central-1', 'us-east-1')]))[0]).not.toEqual(one);
  });

  test.each([[undefined], [[]], [['arn:aws:s3:::bucket']], [['nonsense']]])('without a place where the event has none: %j', (resources) => {
    expect(fed(event(resources))).toEqual([expect.objectContaining({ where: undefined, subject: 'shop-errors' })]);
  });

  test('two long names that begin alike stay two', () => {
    const [first, second] = ['x', 'y'].map((end) => `shop-${'a'.repeat(240)}${end}`) as [string, string];
    expect(new Set([first, second].map(subjectOfAlarm)).size).toBe(2);
    expect(subjectOfAlarm(first)).toHaveLength(200);
    expect(subjectOfAlarm('b'.repeat(200))).toBe('b'.repeat(200));
    const change = { from: 'OK', reason: '', at: at(2) };
    const subjects = [first, second].map(
      (name) => alarmDelivery(stage, 'alarm', { ...change, alarm: name, to: 'ALARM' }).observations[0]?.subject,
    );
    expect(subjects).toEqual([first, second].map(subjectOfAlarm));
  });
});
