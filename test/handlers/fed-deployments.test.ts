import { beforeEach, describe, expect, test } from 'vitest';
import { feed } from '../../lambdas/event-feed.ts';
import { isType } from '../../lib/audit/event.ts';
import type { FakeDependencies } from '../fakes.ts';
import { dependenciesOf, givenRun, twoGates } from '../given.ts';
import { stageOf } from './requests.ts';

let deps: FakeDependencies;
let run: string;
const stage = stageOf();
const recorded = async () =>
  (await deps.trail.read(`run/${run}`, { prefix: 'observation' }))
    .filter(isType('observation.recorded'))
    .map(({ event }) => ({ ...event.data, actor: event.actor.id }));

beforeEach(async () => {
  deps = dependenciesOf(twoGates);
  run = await givenRun(deps);
});

describe('an event of a resource of the service', () => {
  const resources = [{ kind: 'codedeploy-application' as const, name: 'shop-app', environment: 'production' }];
  const withResources = { ...stage, services: stage.services.map((one) => (one.name === 'shop' ? { ...one, resources } : one)) };
  const deployed = (application: string, state = 'SUCCESS') => ({
    id: 'e1',
    source: 'aws.codedeploy',
    'detail-type': 'CodeDeploy Deployment State-change Notification',
    account: '111122223333',
    time: '2026-03-02T07:59:00Z',
    detail: { application, deploymentGroup: 'live', deploymentId: 'd-1', state },
  });

  const changes = () => deps.trail.read('environment/shop/production', { lane: 'unaccounted' });

  test('is recorded once on the open run, and once in its environment, because no run holds that', async () => {
    const parts = { deps, stage: withResources };
    expect(await feed(parts, deployed('shop-app'))).toMatchObject({ recorded: 1, runs: [run], unaccounted: 1 });
    expect(await feed(parts, deployed('shop-app'))).toMatchObject({ recorded: 0, alreadyRecorded: 1, unaccounted: 0 });
    expect(await feed(parts, deployed('shop-app', 'START'))).toMatchObject({ recorded: 0, unaccounted: 0 });
    expect((await changes()).map(({ event }) => event.data)).toMatchObject([{ what: 'CodeDeploy deployment d-1 of shop-app' }]);
    expect(await recorded()).toMatchObject([{ via: 'codedeploy', kind: 'deployment', bad: false, actor: 'feed' }]);
  });

  test('of nobody is declined in words that are counted', async () => {
    expect(await feed({ deps, stage: withResources }, deployed('other'))).toEqual({
      declined: 'UnmappedEvent: codedeploy other live belongs to no service of this stage',
    });
  });

  test('is a fault when the change cannot be recorded, so that the delivery comes again', async () => {
    deps.controls.onCall((call) => {
      if (call === 'store.insert') throw new Error('no table');
    });
    await expect(feed({ deps, stage: withResources }, deployed('shop-app'))).rejects.toThrow('no table');
  });
});
