import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, artifact, check, checklistOf, ci, dependenciesOf, gate, givenOpen, givenRun, personIn } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { attestAll, hour, proveStability, toStability, toWindow } from '../story.ts';

const minute = 60_000;
const roles = ['technical-lead', 'operations-lead', 'product-owner'] as const;

/** Mails and the instants at which they are sent: every person gets them, and gets them once. */

describe('the deployment window', () => {
  test('notifies its owner an hour after the start, also when a waiver ends later', async () => {
    const { deps, run, machine } = await toWindow();
    await waive(
      deps,
      {
        request: anew(),
        run,
        check: 'health-checks-passing',
        reason: 'The probe is being moved.',
        until: new Date(deps.clock.now().getTime() + 20 * hour).toISOString(),
      },
      personIn(deps, 'operations-lead'),
    );
    deps.controls.clock.advance(50 * minute);
    await reportDeployment(deps, { run, state: 'started', environment: 'production', component: 'web', digest: artifact }, ci);
    await reportDeployment(deps, { run, state: 'finished', environment: 'production', component: 'web', digest: artifact }, ci);
    await machine.settle();
    const overdue = async () => (await deps.trail.read(`run/${run}`, { lane: 'gate/deployment-window' })).filter(isType('gate.overdue'));
    for (let n = 0; n < 8; n += 1) {
      deps.controls.clock.advance(15 * minute);
      await sweep(deps);
      await machine.settle();
    }
    expect(await overdue()).toHaveLength(1);
  });
});

describe('an observation with a known id', () => {
  test('but the opposite content is another observation, so that a good one cannot hide a bad one', async () => {
    const story = await toStability();
    const seen = {
      run: story.run,
      observation: 'probe-1',
      kind: 'performance',
      subject: 'web',
      summary: 'seen',
      observedAt: story.deps.clock.now().toISOString(),
    } as const;
    const lead = personIn(story.deps, 'operations-lead');
    for (const bad of [false, true, true, false]) expect((await observe(story.deps, { ...seen, bad }, lead)).refused).toBeUndefined();
    const recorded = (await story.deps.trail.read(`run/${story.run}`, { prefix: 'observation' })).filter(isType('observation.recorded'));
    const own = recorded.filter(({ event }) => event.data.observation === seen.observation);
    expect(own.map(({ event }) => event.data.bad)).toEqual([false, true]);
  });
});

describe('an observation that is delivered twice', () => {
  test('regresses no gate after it was explained', async () => {
    const story = await toStability();
    const { deps, run, machine } = story;
    const seen = {
      observation: 'r-1',
      kind: 'restart',
      bad: true,
      subject: 'web',
      summary: 'restarted',
      observedAt: deps.clock.now().toISOString(),
      service: 'shop',
      environment: 'production',
      via: 'bus',
    } as const;
    await feedObservation(deps, seen);
    await labelObservation(
      deps,
      { request: anew(), run, observation: 'r-1', label: 'explained', explanation: 'A planned restart.' },
      personIn(deps, 'operations-lead'),
    );
    await attestAll(story, 'stability-24h');
    deps.controls.clock.advance(30 * hour);
    await proveStability(story);
    await sweep(deps);
    await machine.settle();
    expect(machine.at()).toBe('sign-off');
    await feedObservation(deps, seen);
    expect((await deps.trail.read(`run/${run}`, { lane: 'gate/stability-24h' })).filter(isType('gate.regressed'))).toEqual([]);
  });
});

describe('an address that the mail system rejects', () => {
  test('does not stop the other requests, and does not fill the lane', async () => {
    const { deps, run } = await approvalsWithRejectedMail();
    const mailed = new Set(deps.controls.mailer.mails.filter((m) => m.subject === 'approval-requested').map((m) => m.to.address));
    const lane = await deps.trail.read(`run/${run}`, { lane: 'approval/phase-1' });
    expect([[...mailed].sort(), lane.length < 40]).toEqual([['ole@example.com', 'petra@example.com'], true]);
  });
  test('does not make the others get their mail every minute', async () => {
    const { deps } = await noticeWithRejectedMail();
    const toOle = deps.controls.mailer.mails.filter((m) => m.to.address === 'ole@example.com').length;
    expect(toOle).toBeLessThan(5);
  });
});

const badMailer = (deps: FakeDependencies, bad: string): FakeDependencies => {
  const own = {
    ...deps,
    mailer: {
      send: async (mail: Parameters<FakeDependencies['mailer']['send']>[0]) => {
        if (mail.to.address === bad) throw new Error('MessageRejected');
        return deps.mailer.send(mail);
      },
    },
  };
  return own as FakeDependencies;
};

const reconcileForAnHour = async (deps: FakeDependencies, own: FakeDependencies) => {
  for (let n = 0; n < 60; n += 1) {
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(own, request).catch(() => undefined);
    deps.controls.clock.advance(minute);
    await sweep(deps);
  }
};

const approvalsWithRejectedMail = async () => {
  const roles = ['technical-lead', 'operations-lead', 'product-owner'] as const;
  const deps = dependenciesOf(
    checklistOf(
      [gate('phase-1', { role: 'approval', asks: [...roles] }), gate('phase-2')],
      [
        ...roles.map((role) => check(`s-${role}`, 'phase-1', { rule: { kind: 'signed/1', role }, kind: 'sign-off' })),
        check('b', 'phase-2'),
      ],
    ),
  );
  const run = await givenRun(deps);
  const own = badMailer(deps, 'tove@example.com');
  await givenOpen(deps, run, 'phase-1');
  await reconcileForAnHour(deps, own);
  return { deps, run };
};

const noticeWithRejectedMail = async () => {
  const deps = dependenciesOf(
    checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [check('notice', 'phase-1', { rule: { kind: 'notice-sent/1', notice: 'deployment-announced' } }), check('b', 'phase-2')],
    ),
  );
  const run = await givenRun(deps);
  const own = badMailer(deps, 'petra@example.com');
  await givenOpen(deps, run, 'phase-1');
  await reconcileForAnHour(deps, own);
  return { deps };
};

describe('two reconcilers that request approvals', () => {
  test('record no step twice', async () => {
    const deps = dependenciesOf(
      checklistOf(
        [gate('phase-1', { role: 'approval', asks: [...roles] }), gate('phase-2')],
        [
          ...roles.map((role) => check(`s-${role}`, 'phase-1', { rule: { kind: 'signed/1', role }, kind: 'sign-off' })),
          check('b', 'phase-2'),
        ],
      ),
    );
    const run = await givenRun(deps);
    await givenOpen(deps, run, 'phase-1');
    deps.controls.reconciler.requests.splice(0);
    // The first reconciler's mail takes more than a minute; then it goes on while the second one is between its reading and its request.
    let goOn: () => void = () => undefined;
    let stalled: () => void = () => undefined;
    const isStalled = new Promise<void>((done) => {
      stalled = done;
    });
    let sends = 0;
    let raced = false;
    let writes = 0;
    deps.controls.onCall(async (call, caller) => {
      if (caller === 'first' && call === 'mailer.send') sends += 1;
      if (caller === 'first' && call === 'mailer.send' && sends === 1) {
        stalled();
        await new Promise<void>((go) => {
          goOn = go;
        });
      }
      // It writes two more events (the mail, the next request) and waits again in the next mail.
      if (caller === 'first' && call === 'mailer.send' && sends === 2) {
        writes = 1;
        await new Promise<void>((go) => {
          goOn = go;
        });
      }
      if (caller === 'second' && call === 'index.putLink' && !raced) {
        raced = true;
        goOn();
        for (let n = 0; n < 200 && writes === 0; n += 1) await new Promise((go) => setTimeout(go, 1));
      }
    });
    const first = reconcileGate(deps.controls.as('first'), { run });
    await isStalled;
    deps.controls.clock.advance(61_000);
    await reconcileGate(deps.controls.as('second'), { run });
    goOn();
    await first;
    deps.controls.onCall(undefined);
    const events = await deps.trail.read(`run/${run}`, { prefix: '' });
    expect(verifyScope(events)).toBeUndefined();
  });
});

describe('a sweep whose clock is ahead of the reconciler’s', () => {
  test('does not lose a deadline', async () => {
    const deps = dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [check('a', 'phase-1'), check('b', 'phase-2')]));
    const { run, machine } = await atFirstGate(deps);
    const due = (await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).find(isType('gate.opened'))?.event.data.due ?? '';
    const ahead = { ...deps, clock: { now: () => new Date(Date.parse(due) + 1) } };
    deps.controls.clock.set(new Date(Date.parse(due) - 20).toISOString());
    await sweep(ahead);
    await machine.settle();
    for (let n = 0; n < 30; n += 1) {
      deps.controls.clock.advance(minute);
      await sweep(deps);
      await machine.settle();
    }
    expect(machine.at()).toBe('end expired');
  });
});
