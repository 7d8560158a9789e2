import { describe, expect, test } from 'vitest';
import { type ObservedResource, resourceFlaws } from '../../lib/checklist/observed-resources.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { readFeed } from '../../lib/feeds/index.ts';

/** Whose a resource is, where others have one of the same name: in other clusters, accounts and regions. */
const [own, other] = ['111122223333', '222233334444'];
const region = 'eu-west-1';
type Entry = Omit<ObservedResource, 'environment'> & { readonly environment?: string };
const service = (name: string, resources: readonly Entry[], targets: object = {}) => ({
  name,
  environments: ['production', 'staging'],
  alarmPrefix: `${name}-`,
  resources: resources.map((one) => ({ environment: 'production', ...one })),
  targets: { production: targetsSchema.parse({ components: [{ component: 'site', platform: { kind: 'reported' } }], ...targets }) },
});
type Service = ReturnType<typeof service>;

const stopped = (cluster: string, name: string, account = own) => ({
  id: 'e-1',
  source: 'aws.ecs',
  'detail-type': 'ECS Task State Change',
  account,
  region,
  time: '2026-03-02T08:00:00Z',
  detail: {
    clusterArn: `arn:aws:ecs:${region}:${account}:cluster/${cluster}`,
    taskArn: `arn:aws:ecs:${region}:${account}:task/${cluster}/0123`,
    group: `service:${name}`,
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
  },
});
const deployed = (arn: string) => ({
  id: 'e-2',
  source: 'aws.ecs',
  'detail-type': 'ECS Deployment State Change',
  account: own,
  region,
  time: '2026-03-02T08:00:00Z',
  resources: [arn],
  detail: { eventName: 'SERVICE_DEPLOYMENT_COMPLETED', deploymentId: 'ecs-svc/1', reason: 'completed' },
});
const moved = (name: string, origin: object = {}) => ({
  id: 'e-3',
  source: 'aws.lambda',
  'detail-type': 'AWS API Call via CloudTrail',
  account: own,
  region,
  time: '2026-03-02T08:00:00Z',
  ...origin,
  detail: {
    eventName: 'UpdateAlias20150331',
    eventID: 'e-3',
    requestParameters: { functionName: name, name: 'live', functionVersion: '8' },
  },
});
const rebooted = (origin: object = {}) => ({
  id: 'e-4',
  source: 'aws.rds',
  'detail-type': 'RDS DB Instance Event',
  account: own,
  region,
  time: '2026-03-02T08:00:00Z',
  ...origin,
  detail: { EventCategories: ['availability'], SourceIdentifier: 'db', Date: '2026-03-02T08:00:00Z', EventID: 'RDS-EVENT-0006' },
});
const fed = (services: Service[], event: object) => {
  const { observations, deployments = [], refused } = readFeed({ services, own: { account: own, region } }, event);
  const places = [...observations, ...deployments].map((one) => `${one.service} ${one.environment}`);
  return { places: [...new Set(places)], refused };
};
const unmapped = [expect.stringMatching(/^UnmappedEvent: .* belongs to no service of this stage$/) as unknown];
const web = { kind: 'ecs-service', name: 'web' } as const;
const onEcs = (cluster: string, more: object = {}) => ({
  components: [{ component: 'web', platform: { kind: 'ecs-service', cluster, service: 'web', ...more } }],
});

describe('an ECS service whose entry names no cluster', () => {
  const arn = `arn:aws:ecs:${region}:${own}`;
  test.each<[string, Service]>([
    ['the targets of its environment', service('shop', [web], onEcs('main'))],
    ['targets that name ARNs', service('shop', [web], onEcs(`${arn}:cluster/main`, { service: `${arn}:service/main/web` }))],
    [
      'what Holdpoint compares at the review',
      service('shop', [web], { restarts: [{ kind: 'ecs-service', cluster: 'main', service: 'web' }] }),
    ],
    ['the one cluster among the entries', service('shop', [web, { kind: 'ecs-cluster', name: 'main' }])],
  ])('has the cluster of %s, and no other', (_, shop) => {
    expect(resourceFlaws({ services: [shop] })).toEqual([]);
    expect(fed([shop], stopped('main', 'web')).places).toEqual(['shop production']);
    expect(fed([shop], stopped('other', 'web'))).toEqual({ places: [], refused: unmapped });
    expect(fed([shop], deployed(`${arn}:service/other/web`))).toEqual({ places: [], refused: unmapped });
  });

  test.each<[string, Service, RegExp]>([
    ['nothing tells it', service('shop', [web]), /the ecs-service web of shop names no cluster, and nothing else tells it/],
    [
      'only another environment does',
      service('shop', [web, { kind: 'ecs-cluster', name: 'main', environment: 'staging' }]),
      /nothing else tells it/,
    ],
    [
      'two clusters may be it',
      service('shop', [web, { kind: 'ecs-cluster', name: 'a' }, { kind: 'ecs-cluster', name: 'b' }]),
      /it may be a\/web or b\/web: name it as cluster\/web/,
    ],
  ])('is refused where %s', (_, shop, why) => {
    expect(resourceFlaws({ services: [shop] })).toEqual([expect.stringMatching(why)]);
  });
});

describe('an event that names no cluster', () => {
  const old = deployed(`arn:aws:ecs:${region}:${own}:service/web`);
  const shop = service('shop', [{ ...web, name: 'main/web' }]);
  const blog = service('blog', [{ ...web, name: 'other/web' }]);
  test('is of the one service of that name', () => {
    expect(fed([shop], old)).toEqual({ places: ['shop production'], refused: [] });
  });

  test('is of all services of that name, and counted', () => {
    expect(fed([shop, blog], old)).toEqual({
      places: ['shop production', 'blog production'],
      refused: [
        'AmbiguousEvent: ecs-deployment web is recorded for shop in production and blog in production, because the event does not name its cluster',
      ],
    });
  });

  test('tells of no component, because the service may be another one', () => {
    const at = { services: [service('shop', [web], onEcs('main'))], own: { account: own, region } };
    const componentOf = (event: object) => readFeed(at, event).deployments?.map(({ component }) => component);
    expect(componentOf(deployed(`arn:aws:ecs:${region}:${own}:service/main/web`))).toEqual(['web']);
    expect(componentOf(old)).toEqual([undefined]);
  });

  test('of AWS Health is read in the same way', () => {
    const health = (entityValue: string) => ({
      ...old,
      source: 'aws.health',
      'detail-type': 'AWS Health Event',
      detail: {
        eventArn: 'arn:x',
        service: 'ECS',
        eventTypeCode: 'AWS_ECS_OPERATIONAL_ISSUE',
        eventTypeCategory: 'issue',
        affectedEntities: [{ entityValue }],
      },
    });
    expect(fed([shop, blog], health('other|web')).places).toEqual(['blog production']);
    expect(fed([shop, blog], health('third|web')).places).toEqual([]);
    const { places, refused } = fed([shop, blog], health('web'));
    expect([places, refused]).toEqual([
      ['shop production', 'blog production'],
      [expect.stringMatching(/^AmbiguousEvent: health AWS_ECS_OPERATIONAL_ISSUE is recorded for shop/)],
    ]);
  });
});

describe('a resource whose entry names no account', () => {
  const onLambda = (more: object = {}) => ({
    components: [{ component: 'api', platform: { kind: 'lambda-alias', function: 'orders', alias: 'live', ...more } }],
  });
  const role = `arn:aws:iam::${other}:role/reader`;
  const there = { account: other };
  test.each<[string, Service, object, object]>([
    ["is in Holdpoint's own", service('shop', [{ kind: 'rds-instance', name: 'db' }]), rebooted(), rebooted(there)],
    [
      'is in that of the role in the targets',
      service('shop', [{ kind: 'lambda-function', name: 'orders' }], onLambda({ role })),
      moved('orders', there),
      moved('orders'),
    ],
    [
      "is in Holdpoint's own where the targets name no role",
      service('shop', [{ kind: 'lambda-function', name: 'orders' }], onLambda()),
      moved('orders'),
      moved('orders', there),
    ],
    [
      'is in that of the ARN in the targets',
      service('shop', [web], onEcs(`arn:aws:ecs:${region}:${other}:cluster/main`)),
      stopped('main', 'web', other),
      stopped('main', 'web'),
    ],
  ])('%s', (_, shop, mine, foreign) => {
    expect(fed([shop], mine).places).toEqual(['shop production']);
    expect(fed([shop], foreign)).toEqual({ places: [], refused: unmapped });
  });

  test('is refused where the stage hears other accounts, unless the targets tell the account', () => {
    const flaws = (...services: readonly Service[]) => resourceFlaws({ services, observedAccounts: [other] });
    const database = { kind: 'rds-instance', name: 'db' } as const;
    expect(flaws(service('shop', [database]))).toEqual([
      'services: the rds-instance db of shop names no account, and the stage also hears 222233334444: add "account", because each may have one of this name',
    ]);
    expect(
      flaws(
        service('shop', [{ ...database, account: own }]),
        service('blog', [{ kind: 'lambda-function', name: 'orders' }], onLambda({ role })),
      ),
    ).toEqual([]);
  });
});

test('a resource whose entry names a region is not that of another region; without one it may be in any', () => {
  const database = { kind: 'rds-instance', name: 'db' } as const;
  const elsewhere = rebooted({ region: 'us-east-1' });
  expect(fed([service('shop', [{ ...database, region }])], rebooted()).places).toEqual(['shop production']);
  expect(fed([service('shop', [{ ...database, region }])], elsewhere)).toEqual({ places: [], refused: unmapped });
  expect(fed([service('shop', [database])], elsewhere).places).toEqual(['shop production']);
});
