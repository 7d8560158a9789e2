import { describe, expect, test } from 'vitest';
import { verifyScope } from '../../lib/audit/chain.ts';
import { isType } from '../../lib/audit/event.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { feedObservation, labelObservation, observe } from '../../lib/run/commands/observe.ts';
import { tick } from '../../lib/run/gates/sweep.ts';
import { settleGate } from '../../lib/run/gates/reconcile-gate.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import type { FakeWorld } from '../fakes.ts';
import { anew, artifact, checklistOf, ci, gate, givenOpen, givenRun, line, personIn, startInput, twoGates, worldOf } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { attestAll, hour, toStability, toWindow } from '../story.ts';

const minute = 60_000;
const roles = ['technical-lead', 'operations-lead', 'product-owner'] as const;

/** Mails, pages and instants: nobody is forgotten, nobody is flooded. */

describe('the deployment window', () => {
  test('pages an hour after the start, whatever waiver ends later', async () => {
    const { world, run, machine } = await toWindow();
    await waive(
      world,
      {
        request: anew(),
        run,
        line: 'health-checks-passing',
        reason: 'The probe is being moved.',
        until: new Date(world.clock.now().getTime() + 20 * hour).toISOString(),
      },
      personIn(world, 'operations-lead'),
    );
    world.controls.clock.advance(50 * minute);
    await reportDeployment(world, { run, state: 'started', environment: 'production', component: 'web', digest: artifact }, ci);
    await reportDeployment(world, { run, state: 'finished', environment: 'production', component: 'web', digest: artifact }, ci);
    await machine.settle();
    const overdue = async () => (await world.trail.read(`run/${run}`, { lane: 'gate/deployment-window' })).filter(isType('gate.overdue'));
    for (let n = 0; n < 8; n += 1) {
      world.controls.clock.advance(15 * minute);
      await tick(world);
      await machine.settle();
    }
    expect(await overdue()).toHaveLength(1);
  });
});

describe('an observation with a known id', () => {
  test('that says the contrary is another one: a bad report never vanishes behind a good one', async () => {
    const story = await toStability();
    const seen = {
      run: story.run,
      observation: 'probe-1',
      kind: 'performance',
      subject: 'web',
      summary: 'seen',
      observedAt: story.world.clock.now().toISOString(),
    } as const;
    const lead = personIn(story.world, 'operations-lead');
    for (const bad of [false, true, true, false]) expect((await observe(story.world, { ...seen, bad }, lead)).refused).toBeUndefined();
    const recorded = (await story.world.trail.read(`run/${story.run}`, { lane: 'observation' })).filter(isType('observation.recorded'));
    expect(recorded.map(({ event }) => event.data.bad)).toEqual([false, true]);
  });
});

describe('an observation that is delivered again', () => {
  test('after it was explained, regresses nothing', async () => {
    const story = await toStability();
    const { world, run, machine } = story;
    const seen = {
      observation: 'r-1',
      kind: 'restart',
      bad: true,
      subject: 'web',
      summary: 'restarted',
      observedAt: world.clock.now().toISOString(),
      service: 'shop',
      environment: 'production',
      via: 'bus',
    } as const;
    await feedObservation(world, seen);
    await labelObservation(
      world,
      { request: anew(), run, observation: 'r-1', label: 'explained', explanation: 'A planned restart.' },
      personIn(world, 'operations-lead'),
    );
    await attestAll(story, 'stability-24h');
    world.controls.clock.advance(30 * hour);
    await tick(world);
    await machine.settle();
    expect(machine.at()).toBe('sign-off');
    await feedObservation(world, seen);
    expect((await world.trail.read(`run/${run}`, { lane: 'gate/stability-24h' })).filter(isType('gate.regressed'))).toEqual([]);
  });
});

describe('a mail address that is not taken', () => {
  test('keeps nobody else from being asked, and no lane from being short', async () => {
    const base = await toGoNoGoBadMail();
    const asked = new Set(base.world.controls.mailer.mails.filter((m) => m.subject === 'approval-requested').map((m) => m.to.address));
    const lane = await base.world.trail.read(`run/${base.run}`, { lane: 'approval/phase-1' });
    expect([[...asked].sort(), lane.length < 40]).toEqual([['ole@example.com', 'petra@example.com'], true]);
  });
  test('does not mail the others again every minute', async () => {
    const { world } = await noticeBadMail();
    const toOle = world.controls.mailer.mails.filter((m) => m.to.address === 'ole@example.com').length;
    expect(toOle).toBeLessThan(5);
  });
});

const badMailer = (world: FakeWorld, bad: string): FakeWorld => {
  const own = {
    ...world,
    mailer: {
      send: async (mail: Parameters<FakeWorld['mailer']['send']>[0]) => {
        if (mail.to.address === bad) throw new Error('MessageRejected');
        return world.mailer.send(mail);
      },
    },
  };
  return own as FakeWorld;
};

const anHourOfLooks = async (world: FakeWorld, own: FakeWorld) => {
  for (let n = 0; n < 60; n += 1) {
    for (const nudge of world.controls.settler.nudges.splice(0)) await settleGate(own, nudge).catch(() => undefined);
    world.controls.clock.advance(minute);
    await tick(world);
  }
};

const toGoNoGoBadMail = async () => {
  const roles = ['technical-lead', 'operations-lead', 'product-owner'] as const;
  const world = worldOf(
    checklistOf(
      [gate('phase-1', { asks: [...roles] }), gate('phase-2')],
      [...roles.map((role) => line(`s-${role}`, 'phase-1', { rule: { kind: 'signed/1', role }, kind: 'sign-off' })), line('b', 'phase-2')],
    ),
  );
  const run = await givenRun(world);
  const own = badMailer(world, 'tove@example.com');
  await givenOpen(world, run, 'phase-1');
  await anHourOfLooks(world, own);
  return { world, run };
};

const noticeBadMail = async () => {
  const world = worldOf(
    checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [line('told', 'phase-1', { rule: { kind: 'notice-sent/1', notice: 'deployment-announced' } }), line('b', 'phase-2')],
    ),
  );
  const run = await givenRun(world);
  const own = badMailer(world, 'petra@example.com');
  await givenOpen(world, run, 'phase-1');
  await anHourOfLooks(world, own);
  return { world, run, machine: undefined };
};

describe('two settlers that ask', () => {
  test('record no step twice', async () => {
    const world = worldOf(
      checklistOf(
        [gate('phase-1', { asks: [...roles] }), gate('phase-2')],
        [
          ...roles.map((role) => line(`s-${role}`, 'phase-1', { rule: { kind: 'signed/1', role }, kind: 'sign-off' })),
          line('b', 'phase-2'),
        ],
      ),
    );
    const run = await givenRun(world);
    await givenOpen(world, run, 'phase-1');
    world.controls.settler.nudges.splice(0);
    // The first settler's mail takes more than a minute; then it goes on while the second one is between its reading and its request.
    let goOn: () => void = () => undefined;
    let stalled: () => void = () => undefined;
    const isStalled = new Promise<void>((done) => {
      stalled = done;
    });
    let sends = 0;
    let raced = false;
    let writes = 0;
    world.controls.onCall(async (call, caller) => {
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
    const first = settleGate(world.controls.as('first'), { run, gate: 'phase-1' });
    await isStalled;
    world.controls.clock.advance(61_000);
    await settleGate(world.controls.as('second'), { run, gate: 'phase-1' });
    goOn();
    await first;
    world.controls.onCall(undefined);
    const events = await world.trail.read(`run/${run}`, { prefix: '' });
    expect(verifyScope(events)).toBeUndefined();
  });
});

describe('a pulse whose clock is ahead of the settler’s', () => {
  test('loses no instant', async () => {
    const world = worldOf(checklistOf([gate('phase-1'), gate('phase-2')], [line('a', 'phase-1'), line('b', 'phase-2')]));
    const { run, machine } = await atFirstGate(world);
    const due = (await world.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).find(isType('gate.opened'))?.event.data.due ?? '';
    const ahead = { ...world, clock: { now: () => new Date(Date.parse(due) + 1) } };
    world.controls.clock.set(new Date(Date.parse(due) - 20).toISOString());
    await tick(ahead);
    await machine.settle();
    for (let n = 0; n < 30; n += 1) {
      world.controls.clock.advance(minute);
      await tick(world);
      await machine.settle();
    }
    expect(machine.at()).toBe('end expired');
  });
});

describe('refused starts', () => {
  test('of one caller are capped in a minute', async () => {
    const world = worldOf(twoGates, { tickMs: 0 });
    await givenRun(world);
    for (let n = 0; n < 200; n += 1) await startRun(world, { ...startInput, service: `guess-${n}` }, ci);
    expect((await world.trail.read('installation', { prefix: 'refusal/' })).length).toBeLessThan(50);
  });
});
