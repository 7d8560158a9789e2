import { describe, expect, test } from 'vitest';
import { verifyScope } from '../../lib/audit/chain.ts';
import { isType } from '../../lib/audit/event.ts';
import { Conflict } from '../../lib/outcome.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { tick } from '../../lib/run/gates/sweep.ts';
import { settleGate } from '../../lib/run/gates/reconcile-gate.ts';
import { cancelRun } from '../../lib/run/commands/stop.ts';
import type { FakeWorld } from '../fakes.ts';
import { artifact, checklistOf, ci, gate, givenOpen, givenRun, junitReport, line, personIn, reportOfRun, worldOf } from '../given.ts';
import { explore, type Scenario } from './explorer.ts';

const hour = 3_600_000;
const checklist = checklistOf(
  [
    gate('pre-deployment', { leadSeconds: 7200, rejudges: true }),
    gate('deployment-window', { deadlineSeconds: 3600, onDeadline: 'not-deployed', needs: 'deployment.finished' }),
    gate('phase-5'),
  ],
  [
    line('reviewed', 'pre-deployment'),
    line('deployed', 'deployment-window', { rule: { kind: 'deployed/1' } }),
    line('later', 'phase-5', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
  ],
);

/** A run behind T0 whose deployment has not started. */
const inTheWindow = async (): Promise<{ readonly world: FakeWorld; readonly run: string }> => {
  const world = worldOf(checklist, { tickMs: 0 });
  const run = await givenRun(world);
  await givenOpen(world, run, 'pre-deployment');
  await recordEvidence(world, reportOfRun(run, world, junitReport(1)), ci);
  await settleGate(world, { run, gate: 'pre-deployment' });
  world.controls.clock.advance(1000);
  await givenOpen(world, run, 'deployment-window');
  return { world, run };
};

const starts =
  (run: string, told: { accepted?: boolean }) =>
  async (world: FakeWorld): Promise<void> => {
    const input = { run, state: 'started', environment: 'production', component: 'web', digest: artifact } as const;
    // A lane that was closed under the writer is a conflict: whoever asks again is refused.
    const answer = await reportDeployment(world, input, ci).catch((fault: unknown) => {
      if (fault instanceof Conflict) return undefined;
      throw fault;
    });
    told.accepted = answer?.ok !== undefined;
  };

const answersAfter = (world: FakeWorld): unknown[] => world.controls.workflow.answers.slice(1).map(({ sent }) => sent);

const looks = async (world: FakeWorld, minutes: number): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    world.controls.clock.advance(90_000);
    await tick(world);
    for (const nudge of world.controls.settler.nudges.splice(0)) await settleGate(world, nudge);
  }
};

describe('every order of', () => {
  test('a cancellation, the start of the deployment and a decider: never both', async () => {
    const setUp = async (): Promise<Scenario> => {
      const { world, run } = await inTheWindow();
      const started: { accepted?: boolean } = {};
      const cancelled: { accepted?: boolean } = {};
      return {
        world,
        lanes: ['run'],
        processes: {
          ci: starts(run, started),
          person: async (own) => {
            const answer = await cancelRun(own, { run, reason: 'The customer asked to wait.' }, personIn(own, 'operations-lead'));
            cancelled.accepted = answer.refused === undefined;
          },
          decider: (own) => settleGate(own, { run, gate: 'deployment-window' }),
        },
        check: async () => {
          expect(started.accepted && cancelled.accepted, 'whoever is told yes may rely on it').toBe(false);
          await looks(world, 3);
          const ended = answersAfter(world).some((sent) => JSON.stringify(sent).includes('"cancelled"'));
          if (started.accepted) expect(ended, 'a deployment that was let start is not cancelled').toBe(false);
          if (cancelled.accepted) expect(ended, 'an accepted cancellation ends the run').toBe(true);
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(20);
  }, 60_000);

  test('the start of the deployment and the end of its window: never both', async () => {
    const setUp = async (): Promise<Scenario> => {
      const { world, run } = await inTheWindow();
      world.controls.clock.advance(hour + 1);
      const started: { accepted?: boolean } = {};
      return {
        world,
        lanes: ['deployment', 'gate/deployment-window'],
        processes: { ci: starts(run, started), decider: (own) => settleGate(own, { run, gate: 'deployment-window' }) },
        check: async () => {
          await looks(world, 3);
          const ended = answersAfter(world).some((sent) => JSON.stringify(sent).includes('"expired"'));
          expect(started.accepted && ended, 'a deployment that was let start does not end as not-deployed').toBe(false);
          // Both may have given way to the other; whoever asks again is told the truth.
          if (!started.accepted && !ended) await starts(run, started)(world);
          await looks(world, 1);
          expect(started.accepted).toBe(!ended);
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(5);
  }, 60_000);

  test('a report and the end of the run: every event is known to the closing, or accounted for beside it', async () => {
    const setUp = async (): Promise<Scenario> => {
      const world = worldOf(checklistOf([gate('phase-1')], [line('unit-tests', 'phase-1')]), { tickMs: 0 });
      const run = await givenRun(world);
      await givenOpen(world, run, 'phase-1');
      await cancelRun(world, { run, reason: 'The customer asked to wait.' }, personIn(world, 'operations-lead'));
      return {
        world,
        lanes: ['run', 'evidence/', 'gate/'],
        processes: {
          // A run that is being closed takes no more reports: a lane that was closed under the writer is a conflict, and tried again.
          ci: (own) => recordEvidence(own, reportOfRun(run, own, junitReport(1)), ci).catch(() => undefined),
          decider: (own) => settleGate(own, { run, gate: 'phase-1' }),
        },
        check: async () => {
          await looks(world, 4);
          const events = await world.trail.read(`run/${run}`, { prefix: '' });
          expect(events.some(isType('run.closed'))).toBe(true);
          const late = await world.trail.read(`late/${run}`, { prefix: '' });
          expect(verifyScope(events, undefined, late)).toBeUndefined();
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(5);
  }, 60_000);

  test('two settlers and one notice: everybody is told once', async () => {
    const setUp = async (): Promise<Scenario> => {
      const rule = { kind: 'notice-sent/1', notice: 'deployment-announced' } as const;
      const world = worldOf(
        checklistOf([gate('phase-1'), gate('phase-2')], [line('told', 'phase-1', { rule }), line('later', 'phase-2')]),
        {
          tickMs: 0,
        },
      );
      const run = await givenRun(world);
      await givenOpen(world, run, 'phase-1');
      const looksAtIt = (own: FakeWorld): Promise<unknown> => settleGate(own, { run, gate: 'phase-1' });
      return {
        world,
        lanes: ['notice', 'gate/'],
        processes: { first: looksAtIt, second: looksAtIt },
        check: async () => {
          await looks(world, 3);
          const told = world.controls.mailer.mails.map((mail) => mail.to.address);
          expect(told).toEqual([...new Set(told)]);
          expect(told.length).toBeGreaterThan(2);
          expect(world.controls.workflow.answers, 'and the gate is released').toHaveLength(1);
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(5);
  }, 60_000);
});
