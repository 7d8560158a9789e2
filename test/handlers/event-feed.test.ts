import { beforeEach, describe, expect, test } from 'vitest';
import { feed } from '../../lambdas/event-feed.ts';
import { isType } from '../../lib/audit/event.ts';
import { unmappedTerm } from '../../lib/feeds/feed.ts';
import { readRun } from '../../lib/query/run-view.ts';
import type { FakeDependencies } from '../fakes.ts';
import { ci, dependenciesOf, givenRun, twoGates } from '../given.ts';
import { stageOf } from './requests.ts';

let deps: FakeDependencies;
let run: string;
const stage = stageOf();
const fed = (event: unknown) => feed({ deps, stage }, event);
const recorded = async (of = run) =>
  (await deps.trail.read(`run/${of}`, { prefix: 'observation' }))
    .filter(isType('observation.recorded'))
    .map(({ event }) => ({ ...event.data, actor: event.actor.id }))
    .sort((a, b) => Date.parse(a.observedAt) - Date.parse(b.observedAt));

beforeEach(async () => {
  deps = dependenciesOf(twoGates);
  run = await givenRun(deps);
});

/** As our own bus hands it on. */
const reported = (detail: object = {}, changes: object = {}) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'observation.reported',
  source: 'acme.probe',
  account: '111122223333',
  time: '2026-03-02T07:59:00Z',
  region: 'eu-central-1',
  resources: [],
  detail: {
    service: 'shop',
    environment: 'production',
    kind: 'restart',
    bad: true,
    subject: 'task 7',
    summary: 'Out of memory',
    ...detail,
  },
  ...changes,
});

const reason =
  'Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 (02/03/26 07:54:00)] was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).';
/** A change of an alarm as CloudWatch sends it to EventBridge. */
const alarm = (changes: { alarmName?: string; value?: string; timestamp?: string; reason?: string } = {}) => ({
  version: '0',
  id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: '111122223333',
  time: '2026-03-02T07:59:40Z',
  region: 'eu-central-1',
  resources: ['arn:aws:cloudwatch:eu-central-1:111122223333:alarm:shop-production-cpu'],
  detail: {
    alarmName: changes.alarmName ?? 'shop-production-cpu',
    configuration: {
      description: 'Goes into alarm when the processor is too busy',
      metrics: [
        {
          id: '30b6c6b2-a864-43a2-4877-c09a1afc3b87',
          metricStat: {
            metric: { dimensions: { InstanceId: 'i-1' }, name: 'CPUUtilization', namespace: 'AWS/EC2' },
            period: 300,
            stat: 'Average',
          },
          returnData: true,
        },
      ],
    },
    previousState: { reason: 'Threshold Crossed', reasonData: '{}', timestamp: '2026-03-01T13:56:40.985+0000', value: 'OK' },
    state: {
      reason: changes.reason ?? reason,
      reasonData: '{"version":"1.0"}',
      timestamp: changes.timestamp ?? '2026-03-02T07:59:40.985+0000',
      value: changes.value ?? 'ALARM',
    },
  },
});

/** The same as CloudWatch sends it to a topic, and the topic to a function. */
const notified = (...messages: readonly (object | string)[]) => ({
  Records: messages.map((message, n) => ({
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: 'arn:aws:sns:eu-central-1:111122223333:alarms:1',
    Sns: {
      Type: 'Notification',
      MessageId: `message-${n}`,
      TopicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms',
      Subject: 'ALARM: "shop-production-cpu" in EU (Frankfurt)',
      Message: typeof message === 'string' ? message : JSON.stringify(message),
      Timestamp: '2026-03-02T07:59:41.020Z',
    },
  })),
});
const notification = (changes: object = {}) => ({
  AlarmName: 'shop-production-cpu',
  AlarmDescription: null,
  AWSAccountId: '111122223333',
  NewStateValue: 'ALARM',
  NewStateReason: reason,
  StateChangeTime: '2026-03-02T07:59:40.985+0000',
  Region: 'EU (Frankfurt)',
  AlarmArn: 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:shop-production-cpu',
  OldStateValue: 'OK',
  Trigger: { MetricName: 'CPUUtilization', Namespace: 'AWS/EC2', Period: 300 },
  ...changes,
});

describe('a report on our own bus', () => {
  test('is recorded on the open run of its service and environment, once, by the id of the event', async () => {
    expect(await fed(reported())).toEqual({ recorded: 1, alreadyRecorded: 0, runs: [run], unaccounted: 0, refused: [] });
    expect(await recorded()).toEqual([
      {
        observation: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
        via: 'bus',
        kind: 'restart',
        bad: true,
        subject: 'task 7',
        summary: 'Out of memory',
        words: null,
        observedAt: '2026-03-02T07:59:00.000Z',
        actor: 'feed',
      },
    ]);
    expect(await fed(reported())).toEqual({ recorded: 0, alreadyRecorded: 1, runs: [run], unaccounted: 0, refused: [] });
    expect(await recorded()).toHaveLength(1);
  });

  test('keeps the name and the time that its producer gave it', async () => {
    const report = { observation: 'restart-4711', observedAt: '2026-03-02T08:30:00+01:00' };
    await fed(reported(report));
    await fed(reported(report, { id: 'another-delivery' }));
    expect(await recorded()).toMatchObject([{ observation: 'restart-4711', observedAt: '2026-03-02T07:30:00.000Z' }]);
  });

  test('under a known id at another time is another occurrence, however the first one was dated', async () => {
    await fed(reported({ observation: 'restart-web', observedAt: '2020-01-01T00:00:00Z' }));
    await fed(reported({ observation: 'restart-web', observedAt: '2026-03-02T07:30:00Z' }));
    expect(await recorded()).toHaveLength(2);
    const view = (await readRun(deps, run)).ok;
    expect(view?.observations.map(({ observation }) => observation)).toEqual(['restart-web', expect.stringMatching(/^restart-web~\d+$/)]);
  });

  test('is recorded on every open run there, and on no other', async () => {
    const second = await givenRun(deps, { version: '2.0.0' }, { ...ci, token: 'b'.repeat(64) });
    const staging = await givenRun(deps, { environment: 'staging' }, { ...ci, token: 'c'.repeat(64) });
    const done = await fed(reported());
    expect('runs' in done && [...done.runs].sort()).toEqual([run, second].sort());
    expect(await recorded(staging)).toEqual([]);
  });

  test('of the future counts from now', async () => {
    await fed(reported({ observedAt: '2099-01-01T00:00:00Z' }));
    const [seen] = await recorded();
    expect(seen?.observedAt.slice(0, 10)).toBe('2026-03-02');
  });

  test('with half a character or an id that is no name is recorded all the same', async () => {
    expect(await fed(reported({ summary: 'cut \ud83d', subject: '\udc00' }, { id: 'arn:aws:x/y z' }))).toMatchObject({ recorded: 1 });
    expect(await recorded()).toMatchObject([
      { summary: 'cut \u{FFFD}', observation: expect.stringMatching(/^event-[0-9a-f]{32}$/) as unknown },
    ]);
  });

  test('where no run is open is no fault', async () => {
    expect(await fed(reported({ environment: 'staging' }))).toEqual({
      recorded: 0,
      alreadyRecorded: 0,
      runs: [],
      unaccounted: 0,
      refused: [],
    });
  });
});

describe('a change of an alarm', () => {
  test('is recorded as it came from EventBridge', async () => {
    expect(await fed(alarm())).toMatchObject({ recorded: 1, runs: [run] });
    expect(await recorded()).toMatchObject([
      {
        via: 'alarm',
        kind: 'alarm',
        bad: true,
        subject: 'shop-production-cpu',
        summary: `OK to ALARM: ${reason}`,
        observedAt: '2026-03-02T07:59:40.985Z',
      },
    ]);
  });

  test('is the same by way of a topic: an alarm wired to both counts once', async () => {
    await fed(alarm());
    expect(await fed(notified(notification()))).toMatchObject({ recorded: 0, alreadyRecorded: 1 });
    expect(await recorded()).toHaveLength(1);
  });

  test('by way of a topic alone is recorded, too', async () => {
    expect(await fed(notified(notification()))).toMatchObject({ recorded: 1 });
    expect(await recorded()).toMatchObject([{ via: 'sns', bad: true }]);
  });

  test('back to OK is a good sign; the next alarm is another one', async () => {
    await fed(alarm());
    await fed(alarm({ value: 'OK', timestamp: '2026-03-02T08:10:00.000+0000' }));
    await fed(alarm({ timestamp: '2026-03-02T08:20:00.000+0000' }));
    expect((await recorded()).map(({ bad }) => bad)).toEqual([true, false, true]);
  });

  test('to insufficient data is no observation, and recorded as a state that is unknown, once and on each run', async () => {
    const staging = await givenRun(deps, { environment: 'staging' }, { ...ci, token: 'd'.repeat(64) });
    const unknown = alarm({ alarmName: 'shop-cpu', value: 'INSUFFICIENT_DATA' });
    expect(await fed(unknown)).toMatchObject({ recorded: 2, refused: [expect.stringMatching(/^AmbiguousEvent: alarm shop-cpu /)] });
    expect(await fed(unknown)).toMatchObject({ recorded: 0, alreadyRecorded: 2 });
    expect(await recorded()).toEqual([]);
    for (const one of [run, staging]) {
      const lane = await deps.trail.read(`run/${one}`, { prefix: 'observation' });
      expect(lane.filter(isType('alarm.unknown')).map(({ event }) => event.data)).toMatchObject([
        { via: 'alarm', subject: 'shop-cpu', observedAt: '2026-03-02T07:59:40.985Z' },
      ]);
    }
  });

  test('is of the environment that its name names, and of all when it names none', async () => {
    const staging = await givenRun(deps, { environment: 'staging' }, { ...ci, token: 'd'.repeat(64) });
    await fed(alarm({ alarmName: 'shop-staging-cpu' }));
    expect([(await recorded()).length, (await recorded(staging)).length]).toEqual([0, 1]);
    await fed(alarm({ alarmName: 'shop-cpu' }));
    expect([(await recorded()).length, (await recorded(staging)).length]).toEqual([1, 2]);
  });

  test('with a long name and a long reason is cut between characters', async () => {
    const alarmName = `shop-${'\u{1F525}'.repeat(120)}`;
    expect(await fed(alarm({ alarmName, reason: '\u{1F525}'.repeat(400) }))).toMatchObject({ recorded: 1 });
    const [seen] = await recorded();
    expect([seen?.subject.isWellFormed(), seen?.summary.isWellFormed()]).toEqual([true, true]);
  });
});

describe('what is not understood', () => {
  test.each([
    ['nothing', undefined, /undefined/],
    ['a text', 'boo', /string/],
    ['another event', { id: '1', 'detail-type': 'EC2 Instance State-change Notification', source: 'aws.ec2', detail: {} }, /EC2 Instance/],
    ['a report without a verdict', reported({ bad: undefined }), /observation\.reported/],
    ['a report of an unknown kind', reported({ kind: 'horoscope' }), /observation\.reported/],
    ['a report under a name that Holdpoint uses itself', reported({ observation: 'outlasted-0123456789abcdef' }), /observation\.reported/],
    ['a report with an invalid time', reported({ observedAt: 'yesterday' }), /observation\.reported/],
    ['a report of the year 10000', reported({ observedAt: '9999-12-31T23:59:59-23:00' }), /observation\.reported/],
    ['an alarm of before the first year', alarm({ timestamp: '0000-01-01T00:00:00+01:00' }), /CloudWatch Alarm/],
    ['a report of an unknown service', reported({ service: 'nobody' }), /service nobody/],
    ['a report of an environment that is not here', reported({ environment: 'moon' }), /environment moon/],
    ['an alarm of no service', alarm({ alarmName: 'other-cpu' }), /belongs to no service/],
    ['an alarm whose name has the prefix inside', alarm({ alarmName: 'my-shop-cpu' }), /belongs to no service/],
    ['an alarm without a time', alarm({ timestamp: 'soon' }), /CloudWatch Alarm/],
    ['a notification of something else', notified('Your bucket is ready'), /message-0/],
    ['an empty delivery', { Records: [] }, /object/],
  ])('%s is declined with a reason, counted, and changes nothing', async (_, event, reply) => {
    const done = await fed(event);
    const said = 'declined' in done ? done.declined : '';
    expect(said).toMatch(reply);
    expect(said).toContain(unmappedTerm);
    expect(await recorded()).toEqual([]);
  });

  test('keeps nothing else of the same delivery from being recorded', async () => {
    const done = await fed(notified('nonsense', notification(), notification({ AlarmName: 'other' })));
    expect(done).toMatchObject({
      recorded: 1,
      refused: [
        expect.stringMatching(new RegExp(`${unmappedTerm}.*message-0`)) as unknown,
        expect.stringMatching(new RegExp(`${unmappedTerm}.*other`)) as unknown,
      ],
    });
  });
});

test('a fault is thrown, so that the delivery comes again and is then done once', async () => {
  deps.controls.failNext('store.insert', 'before', new Error('no table'));
  await expect(fed(alarm())).rejects.toThrow('no table');
  expect(await fed(alarm())).toMatchObject({ recorded: 1 });
  deps.controls.failNext('reconciler.request', 'before');
  await fed(alarm({ timestamp: '2026-03-02T08:20:00.000+0000' })).catch(() => undefined);
  await fed(alarm({ timestamp: '2026-03-02T08:20:00.000+0000' }));
  expect(await recorded()).toHaveLength(2);
});
