import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import { stageSchema } from '../../lib/checklist/stage.ts';
import type { Io } from '../../lib/cli/io.ts';
import { childEnv } from '../../lib/local/child-env.ts';
import { localStatus } from '../../lib/local/commands.ts';
import { createStage } from '../../lib/local/demo/create-stage.ts';
import { adoptTarget } from '../../lib/local/demo/preparation.ts';
import type { PublishedVersion } from '../../lib/local/demo/shop-function.ts';
import { buildShop, checkOutShop } from '../../lib/local/demo/shop-source.ts';
import type { DemoStage } from '../../lib/local/demo/stage.ts';
import { attestForService } from '../../lib/local/demo/standing.ts';
import { approveAll, attestGate, component, type Followed, holder, must, read, until } from '../../lib/local/demo/steps.ts';
import { waitFor } from '../../lib/local/demo/waiting.ts';
import { outputOf } from '../../lib/local/deploy.ts';
import { pathsIn, readJson } from '../../lib/local/paths.ts';
import type { RunView } from '../../lib/query/view.ts';
import { copyOfCheckout, node } from './checkout.ts';
import { keptOutput } from './kept-output.ts';
import { leanProfile } from './lean-profile.ts';

/**
 * The orders of events that test/commands/way-back-interleavings.test.ts plays one by one over fakes, raced on the local AWS: its state
 * machine, its queues and its functions decide who comes first, and the trail must hold in each case.
 */
const minute = 60_000;
const kept: ReadonlySet<string> = new Set([
  'monitoring-configured',
  'operations-trained',
  'team-assembled',
  'smoke-tests-run',
  'logging-complete-accessible',
  'documentation-adequate',
  'team-confident',
  'ready-to-declare',
]);
const said = 'Simulated by a test of the order of events';

const checkout = copyOfCheckout();
const folder = join(checkout.folder, '.local');
const holdpoint = (...args: string[]) => node(checkout.folder, ['bin/holdpoint.mjs', ...args], 7 * minute);

const { output, printed } = keptOutput();
const over = new AbortController();
let stage: DemoStage;
let published: PublishedVersion;
let machineArn: string;
let ownEnv: NodeJS.ProcessEnv;

beforeAll(async () => {
  ownEnv = { ...process.env };
  const up = await holdpoint('local', 'up');
  if (up.code !== 0) throw new Error(`no local stage: ${up.err}${up.out}`);
  const { publicUrl, endpoint, outputs } = localStatus({ folder });
  const deployed = readJson(pathsIn(folder).stage, stageSchema);
  if (publicUrl === null || endpoint === null || deployed === undefined) throw new Error('the local stage has no address');
  Object.assign(process.env, childEnv(process.env, folder, endpoint));
  machineArn = outputOf(outputs, 'StateMachineArn');
  const connecting = { since: new Date(), signal: over.signal, io: {} as Io, root: checkout.folder };
  stage = await createStage({ publicUrl, endpoint, stage: deployed, outputs }, connecting);
  await Promise.all([stage.shop.orders.seed(), stage.shop.client.placeOrders(1), adoptTarget(stage, output), putProfile()]);
  const source = checkOutShop(stage.workspace, 1);
  published = await stage.shop.function.publish(await buildShop(stage.workspace, source), 'shop 1.0.0');
  const statement = `${said}: nobody was trained, and nothing was set up.`;
  await attestForService({ stage, output }, [
    { check: 'monitoring-configured', environment: stage.environment, statement },
    { check: 'operations-trained', statement },
  ]);
}, 4 * minute);

afterAll(async () => {
  over.abort(new Error('the tests have ended'));
  await holdpoint('local', 'down');
  process.env = ownEnv;
  checkout.remove();
}, minute);

const personOf = (role: string): Promise<Client> => stage.person(holder(stage, role).id);

const putProfile = async (): Promise<void> => {
  const params = { service: stage.service };
  const body = new TextEncoder().encode(leanProfile(kept));
  const proposed = must('propose the profile', await (await personOf('developer')).proposeProfile({ params, query: {}, body }));
  const { profile, definition } = proposed;
  for (const role of ['technical-lead', 'operations-lead'])
    must('approve the profile', await (await personOf(role)).answerProfile({ params, body: { profile, definition, answer: 'approved' } }));
};

type Release = Followed & { readonly ci: Client };

const commit = 'd'.repeat(40);
const startRun = async (version: string): Promise<Release> => {
  const ci = await stage.ci();
  const { run } = must(
    'start the run',
    await ci.startRun({
      body: {
        service: stage.service,
        environment: stage.environment,
        version,
        commit,
        artifacts: [{ component, digest: published.digest }],
        changes: [],
        reason: 'To race what happens after a deployment.',
        risk: 'low',
        impact: 'low',
        plannedT0: 'when-released',
      },
    }),
  );
  return { stage, output, run, auditor: await personOf('auditor'), printed: new Set(), ci };
};

const send = async ({ ci, run }: Release, type: 'sarif' | 'junit', body: string): Promise<void> => {
  const query = { source: type, commit, madeAt: new Date().toISOString(), producerRun: randomUUID(), producerAttempt: 1 };
  must(`send ${type}`, await ci.recordEvidence({ params: { run, type }, query, body: new TextEncoder().encode(body) }));
};

const noSecrets = JSON.stringify({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'secretlint', rules: [] } }, invocations: [{ executionSuccessful: true }], results: [] }],
});
const sendSmokeTests = (release: Release): Promise<void> =>
  send(release, 'junit', '<testsuite name="smoke"><testcase classname="smoke" name="reads an order" time="0.1"/></testsuite>');

/** Everything up to T0. */
const toT0 = async (release: Release): Promise<void> => {
  await send(release, 'sarif', noSecrets);
  await approveAll(release, 'go-no-go');
  await until(release, 't-minus-2h', 'open');
  await attestGate(release, 't-minus-2h', { 'team-assembled': `${said}: nobody met.` });
};

/** The deployment, which the gate `deployment-window` watches: it lacks only the smoke tests then. */
const deploy = async (release: Release): Promise<void> => {
  await until(release, 'deployment-window', 'open');
  const { ci, run } = release;
  const report = async (state: 'started' | 'finished'): Promise<unknown> =>
    must(
      `deployment ${state}`,
      await ci.reportDeployment({
        params: { run },
        body: { state, environment: stage.environment, component, digest: published.digest },
      }),
    );
  await report('started');
  await stage.shop.function.shift(published.version, 'live');
  await stage.shop.client.isHealthy();
  await report('finished');
};

const trigger = async (release: Release, role: string, kind: string): Promise<boolean> => {
  const body = { trigger: kind, reason: `${said}: nothing is broken.` };
  return (await (await personOf(role)).triggerRollback({ params: { run: release.run }, body })).problem === undefined;
};
const decide = async (release: Release, role: string, decision: 'roll-back' | 'continue'): Promise<boolean> => {
  const body = { decision, reason: `${said}: the other answer was as good.` };
  return (await (await personOf(role)).decideRollback({ params: { run: release.run }, body })).problem === undefined;
};

const waitUntil = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> =>
  waitFor({ what: () => what, limitMs: 90_000, look, signal: over.signal });
const whenDecidable = (release: Release): Promise<RunView> =>
  waitUntil('the question about the rollback', async () => {
    const view = await read(release);
    return view.rollback?.waits?.for === 'decision' ? view : undefined;
  });
const whenEnded = (release: Release): Promise<RunView> =>
  waitUntil('the end of the run', async () => {
    const view = await read(release);
    return view.outcome === 'running' ? undefined : view;
  });

const eventsOf = async ({ auditor, run }: Release): Promise<readonly { readonly type: string; readonly lane: string }[]> => {
  const all: { readonly type: string; readonly lane: string }[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = cursor === undefined ? {} : { cursor };
    const { events, next } = must('read the events', await auditor.listRunEvents({ params: { run }, query }));
    all.push(...events);
    if (next === null) return all;
    cursor = next;
  }
};

/** What holds after each rollback, whoever came first. */
const expectTakenBack = async (
  release: Release,
  { triggers, continued }: { readonly triggers: number; readonly continued: number },
): Promise<void> => {
  const view = await whenEnded(release);
  expect([view.outcome, view.rollback?.continued]).toEqual(['rolled-back', continued]);
  expect(view.rollback?.requestsStopped).toBe(false);
  expect(view.rollback?.budgets.map(({ met }) => met)).toEqual([true, true, true, true]);
  const events = await eventsOf(release);
  const counted = (type: string): number => events.filter((event) => event.type === type).length;
  expect([counted('run.ended'), counted('rollback.triggered')]).toEqual([1, triggers]);
  for (const { id } of view.gates) {
    const own = events.filter(({ lane }) => lane === `gate/${id}`);
    const [opened, settled] = ['gate.opened', 'gate.settled'].map((type) => own.filter((event) => event.type === type).length);
    expect(settled, `answers of ${id}`).toBeLessThanOrEqual(opened ?? 0);
  }
  const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:${release.run}`;
  expect(await new SFNClient({}).send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'FAILED',
    error: 'rolled-back',
  });
  expect([await stage.shop.client.isHealthy(), await stage.shop.client.readsOrder()]).toEqual([true, true]);
};

const holderOf = async ({ auditor }: Release): Promise<string | undefined> => {
  const params = { service: stage.service, environment: stage.environment };
  return must('read the environment', await auditor.readEnvironment({ params })).holder?.run;
};

describe('after the deployment, on the local AWS', () => {
  test('two triggers, the answer of the gate, a cancellation and two decisions at once, while a newer run waits at T0; then that one', {
    timeout: 6 * minute,
  }, async () => {
    onTestFailed(() => console.error(printed.join('\n')));
    const first = await startRun('1.0.0-first');
    await toT0(first);
    await deploy(first);
    const before = await stage.shop.function.read('live');
    expect(before.digest).toBe(published.digest);
    const second = await startRun('1.0.0-second');
    const preparing = toT0(second);
    // Awaited below: a failure before that is the one to see.
    preparing.catch(() => undefined);

    const cancelling = (await personOf('operations-lead')).cancelRun({ params: { run: first.run }, body: { reason: `${said}.` } });
    const [one, other, , cancelled] = await Promise.all([
      trigger(first, 'operations-lead', 'data-corruption-detected'),
      trigger(first, 'technical-lead', 'security-vulnerability-discovered'),
      sendSmokeTests(first),
      cancelling,
    ]);
    expect([one, other]).toEqual([true, true]);
    expect(cancelled.problem?.type).toMatch(/cancel-after-deployment$/);

    await whenDecidable(first);
    const decisions = await Promise.all([decide(first, 'operations-lead', 'roll-back'), decide(first, 'technical-lead', 'continue')]);
    expect(decisions.filter(Boolean)).toHaveLength(1);
    // The first decision counts. After the other one, the gate goes on, and so does a further trigger.
    if (decisions[1] === true) {
      await waitUntil('the way back to the gate', async () => ((await read(first)).rollback?.waits === null ? true : undefined));
      expect(await trigger(first, 'operations-lead', 'data-corruption-detected')).toBe(true);
      await whenDecidable(first);
      expect(await decide(first, 'operations-lead', 'roll-back')).toBe(true);
    }
    await preparing;
    // The environment was never of both.
    await waitUntil('the end of the first run', async () => {
      // In this order: a run that runs afterwards held it before.
      const held = await holderOf(first);
      if ((await read(first)).outcome !== 'running') return true;
      expect(held).toBe(first.run);
      return undefined;
    });
    await expectTakenBack(first, decisions[1] === true ? { triggers: 3, continued: 1 } : { triggers: 2, continued: 0 });

    await deploy(second);
    expect(await holderOf(second)).toBe(second.run);
    expect(await trigger(second, 'operations-lead', 'data-corruption-detected')).toBe(true);
    await whenDecidable(second);
    // What arrives while people decide is kept.
    await sendSmokeTests(second);
    expect(await decide(second, 'technical-lead', 'continue')).toBe(true);
    await until(second, 'deployment-window');
    await until(second, 'monitoring-4h', 'open');

    const seen = { observation: `seen-${randomUUID()}`, kind: 'other', bad: true, subject: component, summary: `${said}.` };
    const detail = { ...seen, service: stage.service, environment: stage.environment };
    const [declared] = await Promise.all([
      trigger(second, 'technical-lead', 'security-vulnerability-discovered'),
      attestGate(second, 'monitoring-4h', { 'logging-complete-accessible': `${said}: nobody has looked.` }),
      stage.emit(detail),
      stage.emit(detail),
    ]);
    expect(declared).toBe(true);
    await whenDecidable(second);
    expect(await decide(second, 'operations-lead', 'roll-back')).toBe(true);
    await expectTakenBack(second, { triggers: 2, continued: 1 });
    expect((await read(second)).observations.filter(({ observation }) => observation === seen.observation)).toHaveLength(1);
    await waitUntil('the environment', async () => ((await holderOf(second)) === undefined ? true : undefined));
    expect((await stage.shop.function.read('live')).digest).not.toBe(published.digest);
  });
});
