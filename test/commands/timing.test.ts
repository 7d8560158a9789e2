import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
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
  givenRun,
  junitReport,
  personIn,
  reportOfRun,
  startInput,
  twoGates,
} from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { series } from '../report-fixtures.ts';
import { begin, hour, send, toStability, toWindow } from '../story.ts';

const minute = 60_000;

describe('the deployment window', () => {
  test('is overdue an hour after the deployment has started, not after the window opened', async () => {
    const { deps, run, machine } = await toWindow();
    deps.controls.clock.advance(50 * minute);
    await reportDeployment(deps, { run, state: 'started', environment: 'production', component: 'web', digest: artifact }, ci);
    await machine.settle();
    const overdue = async () => (await deps.trail.read(`run/${run}`, { lane: 'gate/deployment-window' })).filter(isType('gate.overdue'));
    for (const [passed, count] of [
      [30, 0],
      [35, 1],
    ] as const) {
      deps.controls.clock.advance(passed * minute);
      await sweep(deps);
      await machine.settle();
      expect(await overdue(), `${passed} minutes later`).toHaveLength(count);
    }
    expect(machine.at(), 'the run stays where its deployment has started').toBe('deployment-window');
  });
});

describe('a planned T0', () => {
  test('allows no mail and no attestation before its window, and no deployment before itself', async () => {
    const rule = { kind: 'notice-sent/1', notice: 'deployment-announced' } as const;
    const backup = check('backup', 't-minus-2h', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } });
    const deps = dependenciesOf(
      checklistOf(
        [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
        [backup, check('notice', 't-minus-2h', { rule }), check('later', 'phase-5')],
      ),
    );
    const t0 = new Date(deps.clock.now().getTime() + 5 * hour).toISOString();
    const run = await givenRun(deps, { plannedT0: t0 });
    const machine = machineOf(deps, run);
    await machine.begin();
    const wait = async (minutes: number): Promise<void> => {
      deps.controls.clock.advance(minutes * minute);
      await sweep(deps);
      await machine.settle();
    };
    const say = () =>
      attest(deps, { request: anew(), run, check: 'backup', statement: 'Taken this minute.' }, personIn(deps, 'technical-lead'));
    await wait(170);
    expect((await say()).refused?.type).toBe('evidence-time');
    expect(deps.controls.mailer.mails).toEqual([]);
    await wait(15);
    expect(deps.controls.mailer.mails.length).toBeGreaterThan(0);
    expect((await say()).ok?.verdict).toBe('pass');
    await wait(60);
    expect(machine.at(), 'an hour before T0').toBe('t-minus-2h');
    await wait(60);
    expect(machine.at(), 'T0').toBe('phase-5');
  });

  test('further ahead than its gate can wait is rejected at the start', async () => {
    const deps = dependenciesOf(checklistOf([gate('t-minus-2h', { role: 't0' })], [check('backup', 't-minus-2h')]));
    const inDays = (days: number) => ({ ...startInput, plannedT0: new Date(deps.clock.now().getTime() + days * 24 * hour).toISOString() });
    expect((await startRun(deps, inDays(8), ci)).refused?.type).toBe('planned-t0');
    expect((await startRun(deps, inDays(6), ci)).refused).toBeUndefined();
  });
});

describe('an attestation of something that has not happened yet', () => {
  test('is rejected until it has happened', async () => {
    const { deps, run } = await toWindow();
    const owner = personIn(deps, 'product-owner');
    const say = () =>
      attest(deps, { request: anew(), run, check: 'user-feedback-monitored', statement: 'Nobody complained so far.' }, owner);
    expect((await say()).refused).toMatchObject({ type: 'evidence-time', expected: 'deployment.finished first' });
    for (const state of ['started', 'finished'] as const)
      await reportDeployment(deps, { run, state, environment: 'production', component: 'web', digest: artifact }, ci);
    expect((await say()).ok?.verdict).toBe('pass');
  });
});

describe('an observation in the future', () => {
  const seen = {
    observation: 'o-1',
    kind: 'incident',
    bad: true,
    subject: 'web',
    summary: 'down',
    observedAt: '2099-01-01T00:00:00.000Z',
  } as const;

  test('is rejected when a caller reports it', async () => {
    const { deps, run } = await toStability();
    const answer = await observe(deps, { ...seen, run }, personIn(deps, 'operations-lead'));
    expect(answer.refused?.type).toBe('evidence-time');
    expect((await deps.trail.read(`run/${run}`, { lane: 'refusal' })).map(({ event }) => event.type)).toEqual(['request.refused']);
  });

  test('makes a series inconclusive: a point in the future cannot have been measured', async () => {
    const story = await toWindow();
    for (const state of ['started', 'finished'] as const)
      await reportDeployment(story.deps, { run: story.run, state, environment: 'production', component: 'web', digest: artifact }, ci);
    const from = story.deps.clock.now().getTime();
    const sent = await send(story, 'series', series('monitoring', from, 4 * 3600, 481), { source: 'monitoring' });
    expect(new Set(sent.judged.map(({ verdict }) => verdict))).toEqual(new Set(['inconclusive']));
  });

  test('of a feed counts as now, so that it cannot postpone the review', async () => {
    const { deps, run } = await toStability();
    await feedObservation(deps, { ...seen, service: 'shop', environment: 'production', via: 'bus' });
    const observation = (await readRun(deps, run)).ok?.observations.find((one) => one.observation === seen.observation);
    expect(Date.parse(observation?.observedAt ?? '')).toBeLessThanOrEqual(deps.clock.now().getTime() + hour);
  });
});

describe('the feed', () => {
  test('records on every run that accepts it, and fails for one that does not', async () => {
    const deps = dependenciesOf(twoGates);
    const broken = await givenRun(deps);
    const sound = await givenRun(deps, { version: '2.0.0' }, { ...ci, token: sha256('token-2') });
    const lane = [...(deps.controls.store.tables.get(`run/${broken}`) ?? [])].find(([key]) => key.startsWith('run#'));
    if (lane === undefined) throw new Error('the run has no first event');
    deps.controls.store.tables.get(`run/${broken}`)?.set(lane[0], { ...lane[1], bytes: lane[1].bytes.replace('shop', 'shoq') });
    const seen = {
      observation: 'o-1',
      kind: 'alarm',
      bad: true,
      subject: 'web',
      summary: 'down',
      observedAt: '2026-03-02T08:00:00.000Z',
    } as const;
    await expect(feedObservation(deps, { ...seen, service: 'shop', environment: 'production', via: 'bus' })).rejects.toMatchObject({
      name: 'IntegrityFault',
    });
    expect(await deps.trail.read(`run/${sound}`, { prefix: 'observation' })).toHaveLength(1);
  });
});

describe('the sweep', () => {
  test('calls the reconciler once for a run that has waited 30 hours at its 24-hour review, not once per gate that has passed', async () => {
    const { deps, run } = await toStability();
    deps.controls.clock.advance(30 * hour);
    expect(await sweep(deps)).toMatchObject({ requested: 1 });
    expect(deps.controls.reconciler.requests).toMatchObject([{ run, item: { kind: 'deadline' } }]);
  });

  test('requests the other reconciliations when one request fails, and then fails itself', async () => {
    const deps = dependenciesOf(twoGates);
    for (const n of [1, 2, 3]) await deps.due.put({ at: `2026-03-02T07:00:0${n}.000Z`, run: `run-${n}`, kind: 'recheck', id: '' });
    deps.controls.failNext('reconciler.request', 'before');
    await expect(sweep(deps)).rejects.toThrow('planned');
    expect(deps.controls.reconciler.requests.map(({ run }) => run).sort()).toHaveLength(2);
  });

  test('reaches every item, however many before it fail again and again', async () => {
    const deps = dependenciesOf(twoGates);
    const late = (n: number): string => new Date(Date.parse('2026-03-02T07:00:00.000Z') + n).toISOString();
    for (let n = 0; n < 1200; n += 1) await deps.due.put({ at: late(n), run: `run-${n}`, kind: 'recheck', id: '' });
    expect(await sweep(deps)).toMatchObject({ requested: 1200 });
    expect(deps.controls.reconciler.requests.at(-1)?.run).toBe('run-1199');
  });
});

describe('a due item', () => {
  const item = { at: '2026-03-02T07:00:00.000Z', run: '20260302-070000-0000000000', kind: 'recheck', id: '' } as const;

  test('of an unknown run is deleted', async () => {
    const deps = dependenciesOf(twoGates);
    await deps.due.put(item);
    expect((await reconcileGate(deps, { run: item.run, item })).did).toBe('unknown-run');
    expect(await deps.due.list(deps.clock.now(), 10)).toEqual([]);
  });

  test('of a run whose checklist is lost is a fault, and stays until the checklist is restored', async () => {
    const deps = dependenciesOf(twoGates);
    const run = await givenRun(deps);
    const due = { ...item, run };
    await deps.due.put(due);
    const lost = { ...deps, definitions: { ...deps.definitions, read: async () => undefined } };
    await expect(reconcileGate(lost, { run, item: due })).rejects.toThrow('is not in the evidence store');
    expect(await deps.due.list(deps.clock.now(), 10)).toEqual([due]);
  });
});

describe('concurrent starts with one token', () => {
  test('for two releases: one succeeds, the other is rejected because the token is spent', async () => {
    const deps = dependenciesOf(twoGates);
    const other = { ...startInput, version: '2.0.0', commit: 'c'.repeat(40) };
    const answers = await Promise.all([startInput, other, startInput].map((input) => startRun(deps, input, ci)));
    const [run] = answers.flatMap(({ ok }) => ok?.run ?? []);
    const [started] = await deps.trail.read(`run/${run}`, { lane: 'run' });
    const version = started?.event.type === 'run.started' ? started.event.data.version : '';
    expect(answers.map(({ ok, refused }) => ok !== undefined || refused?.type)).toEqual(
      [startInput, other, startInput].map((input) => input.version === version || 'token-spent'),
    );
  });

  test('in an environment that the stage does not have are rejected, because no feed would reach the run', async () => {
    const started = await startRun(dependenciesOf(twoGates), { ...startInput, environment: 'prodution' }, ci);
    expect(started.refused).toMatchObject({ type: 'environment-unknown', expected: 'production or staging' });
  });
});

describe('a rejected start', () => {
  test('is recorded in a scope of its day and caller, once a minute', async () => {
    const deps = dependenciesOf(twoGates);
    await givenRun(deps);
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await startRun(deps, startInput, { ...ci, person: null })).refused?.type).toBe('starter-unmapped');
      expect((await startRun(deps, { ...startInput, version: '9.9.9' }, ci)).refused?.type).toBe('token-spent');
      expect((await startRun(deps, { ...startInput, service: 'mail' }, ci)).refused?.type).toBe('role-missing');
    }
    const refused = await deps.trail.read(`refused/2026-03-02/${ci.id}`, { prefix: '' });
    expect(
      refused.map(({ event }) => (event.type === 'request.refused' ? `${event.data.action} ${event.data.type}` : event.type)).sort(),
    ).toEqual(['start mail role-missing', 'start shop starter-unmapped', 'start shop token-spent']);
  });
});

describe('an execution that is gone', () => {
  const days = 24 * hour;

  test('by the hard stop of the incident gate ends the run in the trail, too', async () => {
    const { deps, run, machine } = await begin();
    await machine.breakOff();
    await machine.settle();
    expect(machine.at()).toBe('incident');
    await machine.breakOff();
    expect(machine.at()).toBe('end incident');
    deps.controls.clock.advance(15 * days + 11 * minute);
    await sweep(deps);
    await machine.settle();
    const view = (await readRun(deps, run)).ok;
    expect([view?.outcome, view?.closed]).toEqual(['incident', true]);
    expect(
      (await deps.trail.read(`run/${run}`, { lane: 'gate/incident' })).filter(isType('gate.delivered')).map(({ event }) => event.data.how),
    ).toEqual(['execution-over']);
  });

  test('while a gate waits ends the run; one that still runs, or was answered, does not', async () => {
    const deps = dependenciesOf(twoGates);
    const { run } = await atFirstGate(deps);
    const reportEnded = () => reconcileGate(deps, { run, executionEnded: true });
    expect((await reportEnded()).did, 'it runs').toBe('waiting');
    deps.controls.workflow.end(`execution/${run}`);
    expect((await reportEnded()).did).toBe('closed');
    expect((await readRun(deps, run)).ok?.outcome).toBe('incident');
    const stopped = await begin();
    await cancelRun(stopped.deps, { run: stopped.run, reason: 'The customer asked to wait.' }, personIn(stopped.deps, 'operations-lead'));
    await stopped.machine.settle();
    await reconcileGate(stopped.deps, { run: stopped.run, executionEnded: true });
    expect((await readRun(stopped.deps, stopped.run)).ok?.outcome).toBe('cancelled');
  });

  test('when an answer is sent ends the run as an incident, without a fault', async () => {
    const deps = dependenciesOf(twoGates);
    const { run, machine } = await atFirstGate(deps);
    // Somebody stopped the execution.
    for (const token of deps.controls.tokens.items.values()) deps.controls.workflow.close(token.token);
    deps.controls.workflow.end(`execution/${run}`);
    await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
    await machine.settle();
    const view = (await readRun(deps, run)).ok;
    expect([view?.outcome, view?.closed]).toEqual(['incident', true]);
  });
});
