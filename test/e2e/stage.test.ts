import { randomUUID } from 'node:crypto';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { approveAll, attestGate, component, must, read, until } from '../../lib/local/demo/steps.ts';
import { playBlocked } from './blocked-demo.ts';
import { playCap, shortCap } from './capped-review.ts';
import { executionOf } from './executions.ts';
import { sendLargeReport } from './large-report.ts';
import { leanStage, type Release } from './lean-stage.ts';

/**
 * What is seen on a local AWS of its own, one for all of it, because it takes half a minute to come up. First the orders of events that
 * test/commands/way-back-interleavings.test.ts plays one by one over fakes, raced: the state machine, the queues and the functions decide who
 * comes first, and the trail must hold in each case.
 */
const minute = 60_000;
const said = 'Simulated by a test of the order of events';

const lean = leanStage({ said, environments: ['production', 'staging'], deviations: [shortCap] });
const { startRun, deploy, trigger, sendSmokeTests, personOf, waitUntil, whenDecidable, whenEnded } = lean;

/** Everything up to T0. */
const toT0 = async (release: Release): Promise<void> => {
  await lean.sendScan(release);
  await approveAll(release, 'go-no-go');
  await lean.attestLast(release, ['team-assembled']);
};

const decide = async (release: Release, role: string, decision: 'roll-back' | 'continue'): Promise<boolean> => {
  const body = { decision, reason: `${said}: the other answer was as good.` };
  return (await (await personOf(role)).decideRollback({ params: { run: release.run }, body })).problem === undefined;
};

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
    const numberOf = (type: string): number => own.filter((event) => event.type === type).length;
    expect(numberOf('gate.delivered'), `answers of ${id}`).toBeLessThanOrEqual(numberOf('gate.opened'));
    // What came between an answer and its second reading took the answer back, and the trail says so.
    expect(numberOf('gate.settled'), `settlements of ${id}`).toBeLessThanOrEqual(numberOf('gate.opened') + numberOf('gate.regressed'));
  }
  const executionArn = executionOf(lean, release.run);
  expect(await new SFNClient({}).send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'FAILED',
    error: 'rolled-back',
  });
  expect([await lean.stage.shop.client.isHealthy(), await lean.stage.shop.client.readsOrder()]).toEqual([true, true]);
};

const holderOf = async ({ auditor }: Release): Promise<string | undefined> => {
  const params = { service: lean.stage.service, environment: lean.stage.environment };
  return must('read the environment', await auditor.readEnvironment({ params })).holder?.run;
};

// Both wait most of the time, each in an environment of its own.
describe.concurrent('after the deployment, on the local AWS', () => {
  test('two triggers, the answer of the gate, a cancellation and two decisions at once, while a newer run waits at T0; then that one', {
    timeout: 6 * minute,
  }, async ({ onTestFailed }) => {
    onTestFailed(async () => console.error([...lean.printed, ...(await lean.whereRunsStand())].join('\n')));
    const first = await startRun('1.0.0-first');
    await toT0(first);
    await deploy(first);
    const before = await lean.stage.shop.function.read('live');
    expect(before.digest).toBe(lean.published.digest);
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
    const detail = { ...seen, service: lean.stage.service, environment: lean.stage.environment };
    const [declared] = await Promise.all([
      trigger(second, 'technical-lead', 'security-vulnerability-discovered'),
      attestGate(second, 'monitoring-4h', { 'logging-complete-accessible': `${said}: nobody has looked.` }),
      lean.stage.emit(detail),
      lean.stage.emit(detail),
    ]);
    expect(declared).toBe(true);
    await whenDecidable(second);
    expect(await decide(second, 'operations-lead', 'roll-back')).toBe(true);
    await expectTakenBack(second, { triggers: 2, continued: 1 });
    expect((await read(second)).observations.filter(({ observation }) => observation === seen.observation)).toHaveLength(1);
    await waitUntil('the environment', async () => ((await holderOf(second)) === undefined ? true : undefined));
    expect((await lean.stage.shop.function.read('live')).digest).not.toBe(lean.published.digest);
  });

  test('incidents extend a review until its cap; people continue, and at the next cap they roll back', {
    timeout: 6 * minute,
  }, async ({ onTestFailed }) => {
    onTestFailed(async () => console.error([...lean.printed, ...(await lean.whereRunsStand())].join('\n')));
    await playCap(lean, await startRun('1.0.0-capped', 'staging'), said);
  });
});

// In this order: the demo registers the profile by which the large report is judged.
test('npm start is blocked at phase 1 when a unit test of the shop fails, and names that test', { timeout: 4 * minute }, () =>
  playBlocked(lean),
);
test('a report of more than 4 MB is uploaded and judged, and refused by its parser when it is cut off', { timeout: minute }, () =>
  sendLargeReport(lean),
);
