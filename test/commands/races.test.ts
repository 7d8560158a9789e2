import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { Conflict } from '../../lib/outcome.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { FakeDependencies } from '../fakes.ts';
import {
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
import { playedOnce } from '../played-once.ts';
import { explore, type Scenario } from './schedule-explorer.ts';

const hour = 3_600_000;
const checklist = checklistOf(
  [gate('t-minus-2h', { role: 't0' }), gate('deployment-window', { role: 'deployment', deadlineSeconds: 3600 }), gate('phase-5')],
  [
    check('reviewed', 't-minus-2h'),
    check('deployed', 'deployment-window', { rule: { kind: 'deployed/2' } }),
    check('later', 'phase-5', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
  ],
);

/** A run behind T0 whose deployment has not started. */
const inTheWindow = playedOnce(async () => {
  const deps = dependenciesOf(checklist, { tickMs: 0 });
  const run = await givenRun(deps);
  await givenOpen(deps, run, 't-minus-2h');
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
  await reconcileGate(deps, { run });
  deps.controls.clock.advance(1000);
  await givenOpen(deps, run, 'deployment-window');
  return { deps, run };
});

const starts =
  (run: string, told: { accepted?: boolean }) =>
  async (deps: FakeDependencies): Promise<void> => {
    const input = { run, state: 'started', environment: 'production', component: 'web', digest: artifact } as const;
    // A lane that was closed under the writer is a conflict: whoever asks again is refused.
    const answer = await reportDeployment(deps, input, ci).catch((fault: unknown) => {
      if (fault instanceof Conflict) return undefined;
      throw fault;
    });
    told.accepted = answer?.ok !== undefined;
  };

const answersAfter = (deps: FakeDependencies): unknown[] => deps.controls.workflow.answers.slice(1).map(({ sent }) => sent);

const looks = async (deps: FakeDependencies, minutes: number): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    deps.controls.clock.advance(90_000);
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
  }
};

describe('every order of', () => {
  test('a cancellation, the start of the deployment and a decider: never both', async () => {
    const setUp = async (): Promise<Scenario> => {
      const { deps, run } = await inTheWindow();
      const started: { accepted?: boolean } = {};
      const cancelled: { accepted?: boolean } = {};
      return {
        deps,
        lanes: ['run'],
        processes: {
          ci: starts(run, started),
          person: async (own) => {
            const answer = await cancelRun(own, { run, reason: 'The customer asked to wait.' }, personIn(own, 'operations-lead'));
            cancelled.accepted = answer.refused === undefined;
          },
          decider: (own) => reconcileGate(own, { run }),
        },
        check: async () => {
          expect(started.accepted && cancelled.accepted, 'whoever is told yes may rely on it').toBe(false);
          await looks(deps, 3);
          const ended = answersAfter(deps).some((sent) => JSON.stringify(sent).includes('"cancelled"'));
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
      const { deps, run } = await inTheWindow();
      deps.controls.clock.advance(hour + 1);
      const started: { accepted?: boolean } = {};
      return {
        deps,
        lanes: ['deployment', 'gate/deployment-window'],
        processes: { ci: starts(run, started), decider: (own) => reconcileGate(own, { run }) },
        check: async () => {
          await looks(deps, 3);
          const ended = answersAfter(deps).some((sent) => JSON.stringify(sent).includes('"expired"'));
          expect(started.accepted && ended, 'a deployment that was let start does not end as not-deployed').toBe(false);
          // Both may have given way to the other; whoever asks again is told the truth.
          if (!started.accepted && !ended) await starts(run, started)(deps);
          await looks(deps, 1);
          expect(started.accepted).toBe(!ended);
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(5);
  }, 60_000);

  test('a report and the end of the run: every event is known to the closing, or accounted for beside it', async () => {
    const cancelled = playedOnce(async () => {
      const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('unit-tests', 'phase-1')]), { tickMs: 0 });
      const run = await givenRun(deps);
      await givenOpen(deps, run, 'phase-1');
      await cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead'));
      return { deps, run };
    });
    const setUp = async (): Promise<Scenario> => {
      const { deps, run } = await cancelled();
      return {
        deps,
        lanes: ['run', 'evidence/', 'gate/'],
        processes: {
          // A run that is being closed takes no more reports: a lane that was closed under the writer is a conflict, and tried again.
          ci: (own) => recordEvidence(own, reportOfRun(run, own, junitReport(1)), ci).catch(() => undefined),
          decider: (own) => reconcileGate(own, { run }),
        },
        check: async () => {
          await looks(deps, 4);
          const events = await deps.trail.read(`run/${run}`, { prefix: '' });
          expect(events.some(isType('run.closed'))).toBe(true);
          const late = await deps.trail.read(`late/${run}`, { prefix: '' });
          expect(verifyScope(events, undefined, late)).toBeUndefined();
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(5);
  }, 60_000);

  test('two reconcilers and one notice: everybody is told once', async () => {
    const told = playedOnce(async () => {
      const rule = { kind: 'notice-sent/1', notice: 'deployment-announced' } as const;
      const deps = dependenciesOf(
        checklistOf([gate('phase-1'), gate('phase-2')], [check('told', 'phase-1', { rule }), check('later', 'phase-2')]),
        {
          tickMs: 0,
        },
      );
      const run = await givenRun(deps);
      await givenOpen(deps, run, 'phase-1');
      return { deps, run };
    });
    const setUp = async (): Promise<Scenario> => {
      const { deps, run } = await told();
      const looksAtIt = (own: FakeDependencies): Promise<unknown> => reconcileGate(own, { run });
      return {
        deps,
        lanes: ['notice', 'gate/'],
        processes: { first: looksAtIt, second: looksAtIt },
        check: async () => {
          await looks(deps, 3);
          const told = deps.controls.mailer.mails.map((mail) => mail.to.address);
          expect(told).toEqual([...new Set(told)]);
          expect(told.length).toBeGreaterThan(2);
          expect(deps.controls.workflow.answers, 'and the gate is released').toHaveLength(1);
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(5);
  }, 60_000);
});
