import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import {
  anew,
  artifact,
  check,
  checklistOf,
  ci,
  dependenciesOf,
  gate,
  givenOpen,
  givenRun,
  junitReport,
  personIn,
  reportOfRun,
} from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { series } from '../report-fixtures.ts';
import { attestAll, hour, observation, proveStability, send, sign, toSignOff, toStability, toWindow } from '../story.ts';

const minute = 60_000;
const day = 24 * hour;

/** What was true when it was judged and is not any more holds the next gate; when it is true again, the gate goes on. */

describe('stability check that regresses after its gate', () => {
  test('an open unplanned restart holds the sign-off', async () => {
    const story = await toSignOff();
    await observation(story, 'restart-late', true, 'restart');
    await story.machine.settle();
    const regs = (await story.deps.trail.read(`run/${story.run}`, { lane: 'gate/stability-24h' })).filter(isType('gate.regressed'));
    expect(regs.length).toBe(1);
    await sign(story);
    expect(story.machine.at()).toBe('sign-off');
  });
});

describe('a T0 gate that settled and regressed', () => {
  test('does not let a deployment start', async () => {
    const checklist = checklistOf(
      [gate('t-minus-2h', { role: 't0' }), gate('deployment-window', { role: 'deployment', deadlineSeconds: 3600 })],
      [check('reviewed', 't-minus-2h'), check('deployed', 'deployment-window', { rule: { kind: 'deployed/2' } })],
    );
    const deps = dependenciesOf(checklist);
    const run = await givenRun(deps);
    await givenOpen(deps, run, 't-minus-2h');
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
    deps.controls.reconciler.requests.splice(0);
    let done = false;
    deps.controls.onCall(async (call, caller, args) => {
      const [stored] = args as [{ event?: { type: string } }];
      if (
        !done &&
        caller === 'reconciler' &&
        call === 'store.query' &&
        deps.controls.store.tables.get(`run/${run}`) &&
        [...(deps.controls.store.tables.get(`run/${run}`)?.values() ?? [])].some((one) => one.event.type === 'gate.settled')
      ) {
        done = true;
        await recordEvidence(deps.controls.as('ci'), reportOfRun(run, deps, junitReport(2, 1), { attempt: 2 }), ci);
      }
      void stored;
    });
    const result = await reconcileGate(deps.controls.as('reconciler'), { run });
    deps.controls.onCall(undefined);
    expect(result.did).toBe('blocked');
    expect(deps.controls.workflow.answers).toEqual([]);
    const told = await reportDeployment(deps, { run, state: 'started', environment: 'production', component: 'web', digest: artifact }, ci);
    expect(told.refused?.type).toBe('deployment-order');
  });
});

describe('a waiver of an earlier gate that ended by time', () => {
  test('renewed, releases the T0 gate that it held', async () => {
    const checklist = checklistOf(
      [gate('phase-1'), gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
      [
        check('unit-tests', 'phase-1'),
        check('reviewed', 't-minus-2h', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
        check('later', 'phase-5'),
      ],
    );
    const deps = dependenciesOf(checklist);
    const { run, machine } = await atFirstGate(deps);
    const w = (ms: number) =>
      waive(
        deps,
        {
          request: anew(),
          run,
          check: 'unit-tests',
          reason: 'No machine to run them.',
          until: new Date(deps.clock.now().getTime() + ms).toISOString(),
        },
        personIn(deps, 'technical-lead'),
      );
    await w(hour);
    await machine.settle();
    expect(machine.at()).toBe('t-minus-2h');
    deps.controls.clock.advance(2 * hour);
    await attest(deps, { request: anew(), run, check: 'reviewed', statement: 'I have looked at it.' }, personIn(deps, 'technical-lead'));
    await machine.settle();
    expect(machine.at()).toBe('t-minus-2h');
    await w(day);
    for (let n = 0; n < 5; n += 1) {
      await machine.settle();
      deps.controls.clock.advance(10 * minute);
      await sweep(deps);
    }
    await machine.settle();
    expect(machine.at()).toBe('phase-5');
  });
});

describe('computed judgements of two reconcilers', () => {
  test('whose clocks differ by a second: what was judged last counts', async () => {
    const story = await toStability();
    const { deps, run, machine } = story;
    await attestAll(story, 'stability-24h');
    deps.controls.clock.advance(30 * hour);
    await proveStability(story);
    await observation(story, 'restart-1', true, 'restart');
    await machine.settle();
    await labelObservation(
      deps,
      { request: anew(), run, observation: 'restart-1', label: 'explained', explanation: 'A planned restart.' },
      personIn(deps, 'operations-lead'),
    );
    // The next reconciler's machine is behind.
    deps.controls.clock.advance(-1000);
    await machine.settle();
    for (let n = 0; n < 10; n += 1) {
      deps.controls.clock.advance(hour);
      await sweep(deps);
      deps.controls.reconciler.requests.push({ run });
      await machine.settle();
    }
    expect(machine.at()).toBe('sign-off');
  });
});

describe('a deployment that fails after its window', () => {
  test('is held by a later gate', async () => {
    const story = await toWindow();
    const { deps, run, machine } = story;
    const say = (state: 'started' | 'finished' | 'failed') =>
      reportDeployment(deps, { run, state, environment: 'production', component: 'web', digest: artifact }, ci);
    await say('started');
    await say('finished');
    const finish = deps.clock.now().getTime();
    deps.controls.clock.advance(minute);
    await send(story, 'series', series('health', finish + 1000, 58, 41), { source: 'health' }).catch(() => undefined);
    deps.controls.clock.advance(minute);
    await send(story, 'series', series('health', finish + 1000, 61, 41), { source: 'health' });
    await send(story, 'junit', junitReport(5, 0, 'smoke'), { source: 'smoke' });
    await machine.settle();
    expect(machine.at()).toBe('monitoring-4h');
    expect((await say('started')).refused).toBeUndefined();
    expect((await say('failed')).refused).toBeUndefined();
    await machine.settle();
    deps.controls.clock.advance(4 * hour);
    await send(story, 'series', series('monitoring', finish + 1000, 4 * 3600 + 1, 481), { source: 'monitoring' });
    await attestAll(story, 'monitoring-4h');
    await attestAll(story, 'phase-5');
    await attestAll(story, 'deployment-success');
    expect(machine.at()).not.toBe('stability-24h');
  });
});

describe('an alarm before a second deployment', () => {
  test('is labelled all the same', async () => {
    const story = await toStability();
    const { deps, run, machine } = story;
    await observation(story, 'alarm-1', true, 'alarm');
    deps.controls.clock.advance(minute);
    for (const state of ['started', 'finished'] as const)
      expect(
        (await reportDeployment(deps, { run, state, environment: 'production', component: 'web', digest: artifact }, ci)).refused,
      ).toBeUndefined();
    deps.controls.clock.advance(minute);
    await observation(story, 'fine-1', false);
    await attestAll(story, 'stability-24h');
    deps.controls.clock.advance(30 * hour);
    await sweep(deps);
    await machine.settle();
    expect(machine.at()).toBe('stability-24h');
  });
});

describe('a waiver that served T0 and ended after it', () => {
  test('does not hold the sign-off', async () => {
    const story = await toSignOff(60 * hour);
    expect(story.machine.at()).toBe('sign-off');
    expect((await readRun(story.deps, story.run)).ok?.gates.find(({ id }) => id === 'sign-off')?.state).not.toBe('blocked');
    expect(story.deps.controls.mailer.mails.filter((m) => m.subject === 'approval-requested')).toHaveLength(3);
  });
});

describe('a sign-off sent back for a label', () => {
  test('is asked again when the label has changed', async () => {
    const story = await toStability();
    const { deps, run, machine } = story;
    await observation(story, 'alarm-1', true, 'alarm');
    await observation(story, 'alarm-1-ok', false, 'alarm');
    const label = (l: 'true' | 'explained') =>
      labelObservation(
        deps,
        { request: anew(), run, observation: 'alarm-1', label: l, explanation: 'It was looked at.' },
        personIn(deps, 'operations-lead'),
      );
    await label('explained');
    await attestAll(story, 'stability-24h');
    deps.controls.clock.advance(30 * hour);
    await proveStability(story);
    await sweep(deps);
    await machine.settle();
    expect(machine.at()).toBe('sign-off');
    await sign(story, 'changes-requested');
    deps.controls.mailer.mails.splice(0);
    deps.controls.clock.advance(hour);
    await label('true');
    await machine.settle();
    deps.controls.clock.advance(hour);
    await sweep(deps);
    await machine.settle();
    expect(deps.controls.mailer.mails.filter((m) => m.subject === 'approval-requested')).toHaveLength(3);
  });
});

describe('evidence of before the second deployment', () => {
  test('does not serve checks that must follow it', async () => {
    const { toWindow } = await import('../story.ts');
    const story = await toWindow();
    const { deps, run, machine } = story;
    const say = (state: 'started' | 'finished') =>
      reportDeployment(deps, { run, state, environment: 'production', component: 'web', digest: artifact }, ci);
    await say('started');
    await say('finished');
    const finish = deps.clock.now().getTime();
    deps.controls.clock.advance(2 * minute);
    await send(story, 'series', series('health', finish + 1000, 61, 41), { source: 'health' });
    // Deployed once more before the smoke tests; the health series is of before.
    await say('started');
    await say('finished');
    deps.controls.clock.advance(minute);
    await send(story, 'junit', junitReport(5, 0, 'smoke'), { source: 'smoke' });
    await machine.settle();
    expect(machine.at()).toBe('deployment-window');
  });
});
