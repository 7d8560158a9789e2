import { describe, expect, test } from 'vitest';
import { act } from '../../lib/actuators/act.ts';
import type { Order } from '../../lib/actuators/order.ts';
import type { Reply } from '../../lib/actuators/ports.ts';
import { type Actuator, type AwsPlace, type Targets, targetsSchema } from '../../lib/checklist/targets.ts';
import { type FakePlatforms, fakePlatforms } from '../fakes/platforms.ts';
import { fakeClock, fakeRandom } from '../fakes/services.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const alias = (name: string) => ({ kind: 'lambda-alias', function: name, alias: 'live' }) as const;
const at = '2026-03-02T08:00:00.000Z';

/** `web` starts after `api`, and `api` after `jobs`, a service of ECS. */
const components: Targets['components'] = targetsSchema.parse({
  components: [
    { component: 'web', platform: alias('web'), startsAfter: ['api'] },
    { component: 'api', platform: { ...alias('api'), role: 'arn:aws:iam::444455556666:role/back' }, startsAfter: ['jobs'] },
    { component: 'jobs', platform: { kind: 'ecs-service', cluster: 'shop', service: 'jobs' } },
  ],
}).components;
const running = (component: string, reference: string | null) => ({ component, digest: digest(component.slice(-1)), reference });
const order = (changes: Partial<Order> = {}): Order => ({
  run: 'r1',
  attempt: { step: 'revert-version', action: 'do', attempt: 1 },
  requestedAt: at,
  service: 'shop',
  environment: 'production',
  released: new Map(['web', 'api', 'jobs'].map((component) => [component, digest('f')])),
  components,
  target: {
    run: 'r0',
    version: '1.2.2',
    level: 'production-stable',
    components: [running('web', '7'), running('api', '3'), running('jobs', 'jobs:12')],
  },
  ...changes,
});
const step = (name: string, action: 'do' | 'undo' = 'do'): Partial<Order> => ({ attempt: { step: name, action, attempt: 1 } });

const world = (): FakePlatforms => {
  const platforms = fakePlatforms(() => new Date('2026-03-02T08:00:05.000Z'));
  platforms.aliasesOf.set('web:live', { version: '8', split: false, revision: 1 });
  platforms.aliasesOf.set('api:live', { version: '4', split: false, revision: 1 });
  platforms.code.set('web:7', digest('b'));
  platforms.code.set('api:3', digest('i'));
  platforms.servicesOf.set('shop/jobs', {
    taskDefinition: 'arn:aws:ecs:eu-central-1:1:task-definition/jobs:13',
    deployedAt: '2026-03-01T08:00:00.000Z',
  });
  return platforms;
};

const slept: number[] = [];
const carry = (platforms: FakePlatforms, given: Order, actuator: Actuator = { kind: 'platform' }) => {
  const clock = fakeClock(at, 1);
  slept.splice(0);
  const sleep = async (milliseconds: number): Promise<void> => {
    slept.push(milliseconds);
    clock.advance(milliseconds);
  };
  return act({ platforms, clock, random: fakeRandom('x'), sleep }, given, actuator);
};

describe('the platform reverts', () => {
  test('in the reverse order of the start, in other accounts by the role, and a second time it calls nothing', async () => {
    const platforms = world();
    expect(await carry(platforms, order())).toEqual({
      done: 'web: the alias live names version 7, and named version 8 before; api: the alias live names version 3, and named version 4 before; jobs: the service is being deployed with jobs:12',
    });
    const calls = ['web:live -> 7', 'arn:aws:iam::444455556666:role/back api:live -> 3', 'shop/jobs -> jobs:12'];
    expect(platforms.calls).toEqual(calls);
    platforms.servicesOf.set('shop/jobs', { taskDefinition: 'arn:aws:ecs:eu-central-1:1:task-definition/jobs:12', deployedAt: at });
    expect(await carry(platforms, order())).toHaveProperty('done');
    expect(platforms.calls).toEqual(calls);
  });

  test('by the role of the actuator, where another one only reads', async () => {
    const platforms = world();
    const [web, ...rest] = components;
    if (web?.platform.kind !== 'lambda-alias') return expect.fail('the first component is a function');
    const roles = { role: 'arn:aws:iam::444455556666:role/observer', actuatorRole: 'arn:aws:iam::444455556666:role/actuator' };
    await carry(platforms, order({ components: [{ ...web, platform: { ...web.platform, ...roles } }, ...rest] }));
    expect(platforms.calls[0]).toBe('arn:aws:iam::444455556666:role/actuator web:live -> 7');
  });

  test('an alias that gives the wanted version only a part of the requests', async () => {
    const platforms = world();
    platforms.aliasesOf.set('web:live', { version: '7', split: true, revision: 1 });
    await carry(platforms, order());
    expect(platforms.calls[0]).toBe('web:live -> 7');
  });

  test('nothing when the version has other code than the target', async () => {
    const platforms = world();
    platforms.code.set('web:7', digest('0'));
    expect(await carry(platforms, order())).toEqual({
      failed: `web: version 7 has the code ${digest('0')}, and the rollback goes back to ${digest('b')}; not touched: api, jobs`,
    });
    expect(platforms.calls).toEqual([]);
  });

  test('nothing unless every component can be set back', async () => {
    const reported = targetsSchema.parse({ components: [...components, { component: 'app', platform: { kind: 'reported' } }] }).components;
    const cases: readonly (readonly [Partial<Order>, string])[] = [
      [{ target: undefined }, 'the trail names no version to go back to'],
      [
        { components: reported, released: new Map([['app', digest('f')]]) },
        'nothing was changed. app: its platform is only reported, so a person must do it',
      ],
      [
        { target: { run: null, version: '1', level: 'adopted', components: [running('web', null), running('api', '3')] } },
        'nothing was changed. web: nobody knows how its platform names version 1; jobs: version 1 has no such component',
      ],
    ];
    for (const [changes, failed] of cases) {
      const platforms = world();
      expect(await carry(platforms, order(changes))).toEqual({ failed });
      expect(platforms.calls).toEqual([]);
    }
  });

  test('only what the run released, where the stage file says where all of it runs', async () => {
    const platforms = world();
    const released = new Map([['api', digest('f')]]);
    const target = { run: 'r0', version: '1.2.2', level: 'production-stable', components: [running('api', '3')] } as const;
    expect(await carry(platforms, order({ released, target: { ...target, components: [...target.components] } }))).toEqual({
      done: 'api: the alias live names version 3, and named version 4 before',
    });
    const calls = ['arn:aws:iam::444455556666:role/back api:live -> 3'];
    expect(platforms.calls).toEqual(calls);
    const besides = order({ released: new Map([...released, ['batch', digest('f')]]) });
    expect(await carry(platforms, besides)).toEqual({ failed: 'nothing was changed. batch: the stage file does not say where it runs' });
    expect(platforms.calls).toEqual(calls);
  });

  test('what stands before a failure, and says what it did not touch', async () => {
    const platforms = world();
    platforms.aliasesOf.delete('api:live');
    expect(await carry(platforms, order())).toEqual({
      failed:
        'web: the alias live names version 7, and named version 8 before; api: the alias live was not set: there is no alias live; not touched: jobs',
    });
  });

  test('again while the platform is busy, reading the alias anew after a lost race', async () => {
    const platforms = world();
    const read = platforms.aliases.read;
    let raced = false;
    const aliases = {
      ...platforms.aliases,
      read: async (...given: Parameters<typeof read>) => {
        const found = await read(...given);
        const own = platforms.aliasesOf.get('web:live');
        if (!raced && own !== undefined) own.revision += 1;
        raced = true;
        return found;
      },
    };
    platforms.next.push({ busy: 'TooManyRequestsException' });
    expect(await carry({ ...platforms, aliases }, order())).toHaveProperty('done');
    expect(slept).toHaveLength(2);
  });

  test('for a minute at most, however many calls are busy', async () => {
    const platforms = world();
    platforms.next.push(...Array.from({ length: 500 }, (): Reply<never> => ({ busy: 'ServiceException' })));
    expect(await carry(platforms, order())).toEqual({
      failed: 'web: version 7 cannot be read: ServiceException, for as long as a minute; not touched: api, jobs',
    });
    const waited = slept.reduce((sum, one) => sum + one, 0);
    expect(waited).toBeGreaterThan(45_000);
    expect(waited).toBeLessThanOrEqual(60_000);
  });
});

describe('the platform restarts', () => {
  test('services in the order of the start, once for an attempt; a function has nothing to restart', async () => {
    const platforms = world();
    const first = await carry(platforms, order(step('restart-services')));
    expect(first).toEqual({
      done: expect.stringMatching(/^jobs: its tasks are being replaced; api: nothing to restart: .+; web: nothing to restart: /),
    });
    expect(await carry(platforms, order(step('restart-services')))).toEqual({
      done: expect.stringContaining('jobs: its tasks are being replaced already'),
    });
    expect(platforms.calls).toEqual(['shop/jobs -> new deployment']);
  });

  test.each([
    ['stop-requests', 'do'],
    ['restore-database', 'do'],
    ['revert-version', 'undo'],
  ] as const)('and cannot %s (%s)', async (name, action) => {
    const platforms = world();
    expect(await carry(platforms, order(step(name, action)))).toEqual({
      failed: `a platform cannot carry out ${action} ${name}: name a function, an event or a person in the stage file`,
    });
    expect(platforms.calls).toEqual([]);
  });
});

describe('a function', () => {
  const actuator: Actuator = { kind: 'lambda', function: 'close-shop' };

  test('gets the whole order, with the components in the order in which they are taken back', async () => {
    const platforms = world();
    platforms.answers.set('close-shop', { ok: true, detail: 'closed\nfor everybody', more: 1 });
    const given = order({ ...step('stop-requests', 'undo'), released: new Map([['web', digest('f')]]) });
    expect(await carry(platforms, given, actuator)).toEqual({ done: 'close-shop: closed for everybody' });
    expect(platforms.requests).toEqual([
      {
        name: 'close-shop',
        request: {
          holdpoint: 1,
          run: 'r1',
          step: 'stop-requests',
          action: 'undo',
          attempt: 1,
          service: 'shop',
          environment: 'production',
          components: [
            { component: 'web', digest: digest('f') },
            { component: 'api', digest: null },
            { component: 'jobs', digest: null },
          ],
          target: order().target,
        },
      },
    ]);
  });

  test('of another account is invoked where the stage file says', async () => {
    const place = { role: 'arn:aws:iam::444455556666:role/back', externalId: 'secret-of-both', region: 'us-east-1' };
    const places: AwsPlace[] = [];
    const invoke: FakePlatforms['functions']['invoke'] = async (given) => {
      places.push(given);
      return { ok: { ok: true } };
    };
    await carry({ ...world(), functions: { invoke } }, order(step('stop-requests')), { ...actuator, ...place });
    expect(places).toMatchObject([place]);
  });

  test.each([
    [{ ok: false, detail: 'the queue is full' }, 'it answered that it failed: the queue is full'],
    [{ ok: 'true' }, 'it did not answer { "ok": true }'],
    [{ ok: true, detail: 7 }, 'it did not answer { "ok": true }'],
    [null, 'it did not answer { "ok": true }'],
    ['ok', 'it did not answer { "ok": true }'],
    [{}, 'it did not answer { "ok": true }'],
  ])('that answers %j has failed', async (answer, why) => {
    const platforms = world();
    platforms.answers.set('close-shop', answer);
    expect(await carry(platforms, order(step('stop-requests')), actuator)).toEqual({ failed: `close-shop: ${why}` });
  });

  test('cannot fill an event, or speak in the name of a person', async () => {
    const platforms = world();
    platforms.answers.set('close-shop', { ok: true, detail: `p-technical1 ${'x'.repeat(5000)}` });
    const carried = await carry(platforms, order(step('stop-requests')), actuator);
    expect(JSON.stringify(carried).length).toBeLessThan(320);
    expect(JSON.stringify(carried)).not.toContain('p-technical1');
  });
});

describe('what others carry out', () => {
  test('is asked for by one event with the same id for each try of an attempt', async () => {
    const platforms = world();
    for (let tries = 0; tries < 2; tries += 1)
      expect(await carry(platforms, order(step('stop-requests')), { kind: 'event' })).toEqual({ asked: 'a listener of the bus' });
    expect(platforms.events).toHaveLength(2);
    expect(new Set(platforms.events.map(({ id }) => id))).toEqual(new Set(['r1/stop-requests/do/1']));
    expect(platforms.events[0]).toMatchObject({
      type: 'rollback.step-requested',
      subject: 'r1',
      time: at,
      data: { step: 'stop-requests' },
    });
  });

  test('has failed when the bus does not take the event', async () => {
    const platforms = world();
    platforms.next.push({ refused: 'AccessDenied' });
    expect(await carry(platforms, order(step('stop-requests')), { kind: 'event' })).toEqual({
      failed: 'the event was not taken by the bus: AccessDenied',
    });
  });

  test('waits for a person without any call', async () => {
    const platforms = world();
    expect(await carry(platforms, order(), { kind: 'person' })).toEqual({ asked: 'a person' });
    expect([platforms.calls, platforms.events, platforms.requests]).toEqual([[], [], []]);
  });
});
