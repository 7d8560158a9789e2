import { beforeEach, describe, expect, test } from 'vitest';
import { feed } from '../../lambdas/event-feed.ts';
import { isType } from '../../lib/audit/event.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { deploy, enter, releaseChecklist, runAtT0, toReview } from '../commands/environment-runs.ts';
import { givenEnded, givenTarget } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { artifact, ci, contextOf, dependenciesOf } from '../given.ts';
import { prove, request } from '../rollback-given.ts';
import { stageOf } from './requests.ts';

/** What platforms tell of changes of production: which a run accounts for, and which nobody does. */
const account = '111122223333';
const minute = 60_000;
const targets = targetsSchema.parse({
  components: [{ component: 'web', platform: { kind: 'ecs-service', cluster: 'shop', service: 'web' } }],
});
const stage = stageOf({
  services: stageOf().services.map((one) =>
    one.name === 'shop'
      ? {
          ...one,
          targets: { production: targets },
          resources: [
            { kind: 'ecs-service' as const, name: 'shop/web', environment: 'production' },
            { kind: 'codedeploy-application' as const, name: 'shop-app', environment: 'production' },
            { kind: 'lambda-function' as const, name: 'shop-api', environment: 'production' },
          ],
        }
      : one,
  ),
});

type At = { readonly id?: string; readonly at: number };
const time = (at: number): string => new Date(at).toISOString();
const ecs = (eventName: string, { id = 'ecs-svc/1', at }: At) => ({
  id: `${id}/${eventName}`,
  source: 'aws.ecs',
  'detail-type': 'ECS Deployment State Change',
  account,
  region: 'eu-west-1',
  time: time(at),
  resources: [`arn:aws:ecs:eu-west-1:${account}:service/shop/web`],
  detail: { eventName, deploymentId: id, reason: 'ECS deployment in progress.' },
});
const codeDeploy = (state: string, { id = 'd-1', at }: At) => ({
  id: `${id}/${state}`,
  source: 'aws.codedeploy',
  'detail-type': 'CodeDeploy Deployment State-change Notification',
  account,
  region: 'eu-west-1',
  time: time(at),
  detail: { application: 'shop-app', deploymentGroup: 'live', deploymentId: id, state },
});
const lambda = (eventName: string, { id = eventName, at }: At, parameters: object = {}, answer: object | null = null) => ({
  id,
  source: 'aws.lambda',
  'detail-type': 'AWS API Call via CloudTrail',
  account,
  region: 'eu-west-1',
  time: time(at),
  detail: { eventName, eventID: id, requestParameters: { functionName: 'shop-api', ...parameters }, responseElements: answer },
});
const updateCode = (digest: string, at: At) =>
  lambda('UpdateFunctionCode20150331v2', at, {}, { codeSha256: Buffer.from(digest.slice(7), 'hex').toString('base64') });

let deps: FakeDependencies;
let run: string;
const now = (): number => deps.clock.now().getTime();
const wait = (minutes: number): void => void deps.controls.clock.advance(minutes * minute);
const unaccounted = async (event: unknown): Promise<number> => {
  const said = await feed({ deps, stage, own: { account, region: 'eu-west-1' } }, event);
  if ('declined' in said) throw new Error(said.declined);
  return said.unaccounted;
};
const seen = async () =>
  (await deps.trail.read(`run/${run}`, { lane: 'deployment' })).filter(isType('deployment.seen')).map(({ event }) => event.data);

beforeEach(async () => {
  deps = dependenciesOf(releaseChecklist(), { tickMs: 1 });
  await givenTarget(deps);
  run = await runAtT0(deps);
});

describe('a hotfix by hand during the review', () => {
  beforeEach(async () => {
    await toReview(deps, run);
    wait(30);
  });

  test.each<[string, (at: number) => unknown]>([
    ['a deployment of ECS', (at) => ecs('SERVICE_DEPLOYMENT_IN_PROGRESS', { at })],
    ['the end of one that nobody saw begin', (at) => ecs('SERVICE_DEPLOYMENT_COMPLETED', { at })],
    ['CodeDeploy', (at) => codeDeploy('START', { at })],
    ['another version behind the alias', (at) => lambda('UpdateAlias20150331', { at }, { name: 'live', functionVersion: '8' })],
    ['another configuration', (at) => lambda('UpdateFunctionConfiguration20150331v2', { at })],
    ['code that no run released', (at) => updateCode(artifact.replaceAll('b', 'd'), { at })],
    ['the code of the version before', (at) => updateCode(artifact.replaceAll('b', 'c'), { at })],
  ])('is recorded: %s', async (_how, event) => {
    expect(await unaccounted(event(now()))).toBe(1);
    expect(await unaccounted(event(now()))).toBe(0);
    expect(await deps.trail.read('environment/shop/production', { lane: 'unaccounted' })).toHaveLength(1);
    expect(await seen()).toEqual([]);
  });

  test('is none where the same code is uploaded that is live', async () => {
    expect(await unaccounted(updateCode(artifact, { at: now() }))).toBe(0);
  });
});

describe("a run's own changes", () => {
  test('count as its own while it deploys, also when they are told after its end and in another order', async () => {
    await deploy(deps, run);
    const at = now();
    wait(30);
    expect(await unaccounted(ecs('SERVICE_DEPLOYMENT_COMPLETED', { at: at + 20_000 }))).toBe(0);
    expect(await unaccounted(ecs('SERVICE_DEPLOYMENT_IN_PROGRESS', { at }))).toBe(0);
    expect(await unaccounted(ecs('SERVICE_DEPLOYMENT_IN_PROGRESS', { at }))).toBe(0);
    expect(await seen()).toMatchObject([
      { component: 'web', live: true, during: 'deployment', seenAt: time(at + 20_000) },
      { component: 'web', live: false, during: 'deployment', seenAt: time(at) },
    ]);
    await givenEnded(deps, await contextOf(deps, run), 'not-stable');
    wait(30);
    expect(await unaccounted(codeDeploy('SUCCESS', { at }))).toBe(0);
    expect(await unaccounted(codeDeploy('SUCCESS', { id: 'd-2', at: now() }))).toBe(1);
  });

  test('include the late end of a deployment that began in time', async () => {
    await deploy(deps, run);
    expect(await unaccounted(codeDeploy('START', { at: now() }))).toBe(0);
    wait(60);
    expect(await unaccounted(codeDeploy('SUCCESS', { at: now() }))).toBe(0);
    expect(await unaccounted(codeDeploy('SUCCESS', { id: 'd-2', at: now() }))).toBe(1);
  });

  test('end with the last component: what is told minutes later happened without the run, and before the admission it did not begin', async () => {
    const before = now();
    wait(10);
    await deploy(deps, run);
    const end = now();
    wait(30);
    const alias = (id: string, at: number) => lambda('UpdateAlias20150331', { id, at }, { name: 'live', functionVersion: '8' });
    expect(await unaccounted(alias('e-1', end + minute))).toBe(0);
    expect(await unaccounted(alias('e-2', end + 3 * minute))).toBe(1);
    expect(await unaccounted(alias('e-3', before))).toBe(1);
  });

  test('begin again when CI reports another start', async () => {
    await deploy(deps, run);
    wait(30);
    const again = { run, environment: 'production', component: 'web', digest: artifact } as const;
    await reportDeployment(deps, { ...again, state: 'started' }, ci);
    wait(5);
    expect(await unaccounted(lambda('UpdateFunctionConfiguration20150331v2', { at: now() }))).toBe(0);
    await reportDeployment(deps, { ...again, state: 'failed' }, ci);
    wait(5);
    expect(await unaccounted(lambda('UpdateFunctionConfiguration20150331v2', { id: 'later', at: now() }))).toBe(1);
  });

  test('count while the rollback carries out steps, and no longer once they are proved', async () => {
    await toReview(deps, run);
    wait(30);
    const step = { step: 'revert-version', action: 'do', attempt: 1 } as const;
    await request(deps, run, step, 'person');
    wait(10);
    expect(await unaccounted(ecs('SERVICE_DEPLOYMENT_IN_PROGRESS', { at: now() })), 'a person takes their time').toBe(0);
    await deps.trail.append(
      {
        scope: `run/${run}`,
        lane: 'rollback',
        step: 'answered',
        type: 'rollback.step-done',
        actor: { kind: 'system', id: 'actuator' },
        data: { ...step, detail: 'done' },
      },
      { parentHash: (await contextOf(deps, run)).parentHash },
    );
    await deps.trail.append(
      {
        scope: `run/${run}`,
        lane: 'rollback',
        step: 'proof',
        type: 'rollback.proof-requested',
        actor: { kind: 'system', id: 'reconciler' },
        data: { ...step, proof: 1 },
      },
      { parentHash: (await contextOf(deps, run)).parentHash },
    );
    await prove(deps, run, step, true);
    wait(10);
    expect(await unaccounted(ecs('SERVICE_DEPLOYMENT_COMPLETED', { at: now() })), 'the end of the same deployment').toBe(0);
    expect(await unaccounted(ecs('SERVICE_DEPLOYMENT_IN_PROGRESS', { id: 'ecs-svc/2', at: now() }))).toBe(1);
    expect((await seen()).map(({ during }) => during)).toEqual(['rollback', 'rollback']);
  });

  test('do not include other code', async () => {
    await enter(deps, run, 'deployment-window');
    await reportDeployment(deps, { run, state: 'started', environment: 'production', component: 'web', digest: artifact }, ci);
    await reconcileGate(deps, { run });
    expect(await unaccounted(updateCode(artifact.replaceAll('b', 'd'), { at: now() }))).toBe(1);
    expect(await unaccounted(updateCode(artifact, { id: 'own', at: now() }))).toBe(0);
  });
});
