import { beforeEach, describe, expect, test } from 'vitest';
import { feed } from '../../lambdas/event-feed.ts';
import { isType } from '../../lib/audit/event.ts';
import { feeds } from '../../lib/feeds/index.ts';
import type { FakeDependencies } from '../fakes.ts';
import { dependenciesOf, givenRun, twoGates } from '../given.ts';
import { stageOf } from './requests.ts';

/** Events of other accounts, of resources that nobody named, and of senders that pretend to be AWS. */
const [own, listed, foreign] = ['111122223333', '222233334444', '999999999999'];
const resources = [
  { kind: 'ecs-service' as const, name: 'main/web', environment: 'production', account: own },
  { kind: 'ecs-service' as const, name: 'main/elsewhere', environment: 'production', account: listed },
];
const stage = stageOf({ services: stageOf().services.map((one) => (one.name === 'shop' ? { ...one, resources } : one)) });
const at = '2026-03-02T07:59:00Z';

const stopped = (service: string, account: string | undefined, more: object = {}) => ({
  id: 'e-1',
  source: 'aws.ecs',
  'detail-type': 'ECS Task State Change',
  account,
  region: 'eu-west-1',
  time: at,
  resources: [],
  detail: {
    clusterArn: `arn:aws:ecs:eu-west-1:${account}:cluster/main`,
    taskArn: `arn:aws:ecs:eu-west-1:${account}:task/main/0123`,
    group: `service:${service}`,
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    containers: [{ name: 'web', exitCode: 1 }],
  },
  ...more,
});
const reported = (detail: object, more: object = {}) => ({
  id: 'e-2',
  source: 'checksum-job',
  'detail-type': 'observation.reported',
  account: listed,
  time: at,
  detail: { service: 'shop', environment: 'production', kind: 'restart', bad: true, subject: 'web', summary: 'restarted', ...detail },
  ...more,
});

let deps: FakeDependencies;
let run: string;
const observed = async () =>
  (await deps.trail.read(`run/${run}`, { prefix: 'observation' })).filter(isType('observation.recorded')).map(({ event }) => event.data);
const said = async (event: unknown): Promise<string> => {
  const answer = await feed({ deps, stage }, event);
  return 'declined' in answer ? `declined: ${answer.declined}` : `recorded ${answer.recorded}`;
};

beforeEach(async () => {
  deps = dependenciesOf(twoGates, { tickMs: 1 });
  run = await givenRun(deps);
});

describe('an event of AWS', () => {
  test.each([
    ['of the account that the stage file names', stopped('web', own), 'recorded 1'],
    ['of another account that it names', stopped('elsewhere', listed), 'recorded 1'],
    ['of an account that it does not name', stopped('web', foreign), 'declined: UnmappedEvent: ecs-task web'],
    ['of a resource of the same name in another account that it names', stopped('web', listed), 'declined: UnmappedEvent: ecs-task web'],
    ['of a resource that nobody named', stopped('worker', listed), 'declined: UnmappedEvent: ecs-task worker'],
    [
      'that names no account',
      stopped('web', undefined),
      'declined: UnmappedEvent: an event ECS Task State Change has a form that is not known',
    ],
  ])('%s: %s', async (_which, event, expected) => {
    expect(await said(event)).toContain(expected);
    expect(await observed()).toHaveLength(expected === 'recorded 1' ? 1 : 0);
  });
});

describe('who pretends to be AWS', () => {
  test.each([
    ['by the kind of its event', stopped('web', own, { source: 'acme.ecs' })],
    ['by a source that begins like it', stopped('web', own, { source: 'aws.ecs.acme' })],
    ['without a source', stopped('web', own, { source: undefined })],
    [
      'as an alarm that is OK again',
      {
        ...stopped('web', own),
        source: 'acme',
        'detail-type': 'CloudWatch Alarm State Change',
        detail: { alarmName: 'shop-errors', state: { value: 'OK', timestamp: at } },
      },
    ],
    ['as a notification beside another event', { ...stopped('web', own, { source: 'acme' }), Records: [] }],
  ])('is declined: %s', async (_how, event) => {
    expect(await said(event)).toMatch(/^declined: /);
    expect(await observed()).toEqual([]);
  });

  test('is let through by no rule: each but the one of our own events asks for the source of AWS, which EventBridge gives to AWS alone', () => {
    for (const { wiring, via } of feeds) {
      if (wiring.kind !== 'rule') continue;
      for (const bus of wiring.buses)
        for (const { source, detailType } of wiring.patterns(stage, bus))
          if (via === 'bus') expect(detailType).toEqual(['observation.reported']);
          else
            expect(
              source?.every((one) => /^aws\.[a-z]+$/.test(one)),
              via,
            ).toBe(true);
    }
  });
});

describe('a producer on our own bus', () => {
  test.each([
    ['of a service that the stage has', {}, 'recorded 1'],
    ['of a service that it does not have', { service: 'unknown' }, 'declined: UnmappedEvent: an observation of service unknown'],
    [
      'of an environment that the service does not have',
      { environment: 'elsewhere' },
      'declined: UnmappedEvent: an observation of service shop',
    ],
    ['of a service that is called like a member of each object', { service: 'constructor' }, 'declined: UnmappedEvent'],
  ])('reports %s: %j', async (_what, detail, expected) => {
    expect(await said(reported(detail))).toContain(expected);
  });

  test('takes no name from what AWS reports: neither hides the other, in either order', async () => {
    await said(stopped('web', own));
    const [first] = await observed();
    const name = first?.observation ?? '';
    expect(await said(reported({ observation: name, bad: false, subject: first?.subject }))).toBe('recorded 1');
    const planned = (await observed()).filter(({ bad }) => bad);
    expect(planned).toMatchObject([{ observation: name, via: 'ecs-task' }]);

    deps = dependenciesOf(twoGates, { tickMs: 1 });
    run = await givenRun(deps);
    await said(reported({ observation: name, bad: false, subject: first?.subject }));
    expect(await said(stopped('web', own))).toBe('recorded 1');
    expect((await observed()).map(({ bad, via }) => [bad, via])).toContainEqual([true, 'ecs-task']);
  });

  test('sets nothing aside, and cannot say that AWS reported it', async () => {
    await said(reported({ setAside: 'planned', via: 'ecs-task', where: `${own}/eu-west-1`, children: ['shop-errors'] }));
    expect(await observed()).toMatchObject([{ via: 'bus', bad: true }]);
    const [only] = await observed();
    for (const member of ['setAside', 'where', 'children']) expect(only).not.toHaveProperty(member);
  });
});
