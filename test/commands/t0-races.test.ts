import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenOpen, givenRun, junitReport, personIn, reportOfRun } from '../given.ts';
import { explore, type Scenario } from './schedule-explorer.ts';

const hour = 3_600_000;
const attested = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
const checklist = checklistOf(
  [
    gate('phase-1'),
    gate('go-no-go', { role: 'approval', asks: ['technical-lead'], reports: ['phase-1'], onRejected: 'rejected', rejudges: true }),
    gate('t-minus-2h', { role: 't0' }),
    gate('phase-5'),
  ],
  [
    check('unit-tests', 'phase-1'),
    check('go', 'go-no-go', { kind: 'sign-off', rule: { kind: 'signed/1', role: 'technical-lead' } }),
    check('reviewed', 't-minus-2h'),
    check('later', 'phase-5', { rule: attested }),
  ],
);

type Run = { readonly deps: FakeDependencies; readonly run: string; readonly answer: (own: FakeDependencies) => Promise<unknown> };

/** At go / no-go, where one person was asked. */
const atGo = async (): Promise<Run> => {
  const deps = dependenciesOf(checklist, { tickMs: 0 });
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
  await reconcileGate(deps, { run });
  deps.controls.clock.advance(1000);
  await givenOpen(deps, run, 'go-no-go');
  await reconcileGate(deps, { run });
  const mail = deps.controls.mailer.mails.find(({ subject }) => subject === 'approval-requested');
  const link = (JSON.parse(mail?.text ?? '{}') as { url: string }).url.split('/').at(-1) ?? '';
  const lead = personIn(deps, 'technical-lead');
  const page = (await showApproval(deps, { link }, lead)).ok ?? expect.fail('no page');
  const input = { link, answer: 'approved', confirmation: page.code, report: page.report, note: '' } as const;
  return { deps, run, answer: (own) => answerApproval(own, input, lead) };
};

/** At the T0 gate, with nothing missing. */
const atT0 = async (): Promise<Run> => {
  const found = await atGo();
  const { deps, run } = found;
  await found.answer(deps);
  await reconcileGate(deps, { run });
  deps.controls.clock.advance(1000);
  await givenOpen(deps, run, 't-minus-2h');
  return found;
};

const outcomes = (deps: FakeDependencies): string[] =>
  deps.controls.workflow.answers.map(({ sent }) => ('output' in sent ? (sent.output as { outcome: string }).outcome : 'error'));

const looks = async (deps: FakeDependencies): Promise<void> => {
  for (let minute = 0; minute < 3; minute += 1) {
    deps.controls.clock.advance(90_000);
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
  }
};

const moves =
  (run: string, told: { accepted?: boolean }, plannedT0: string) =>
  async (own: FakeDependencies): Promise<void> => {
    const input = { run, plannedT0, reason: 'The database team is ill.', request: anew() };
    told.accepted = (await rescheduleRun(own, input, personIn(own, 'operations-lead'))).refused === undefined;
  };

const sound = async (deps: FakeDependencies, run: string): Promise<void> => {
  const events = await deps.trail.read(`run/${run}`, { prefix: '' });
  expect(verifyScope(events)).toBeUndefined();
  const { entries } = foldGates(events.filter(({ event }) => event.lane.startsWith('gate/')));
  for (const { settlements } of entries) expect(settlements.filter(({ delivered }) => delivered !== undefined).length).toBeLessThan(2);
};

describe('every order of', () => {
  test('a rescheduling and the settlement of T0: an accepted one keeps the old T0 from coming', async () => {
    const setUp = async (): Promise<Scenario> => {
      const { deps, run } = await atT0();
      const told: { accepted?: boolean } = {};
      const planned = new Date(deps.clock.now().getTime() + 5 * hour).toISOString();
      return {
        deps,
        lanes: ['run', 'gate/t-minus-2h'],
        processes: {
          lead: moves(run, told, planned),
          ci: (own) => recordEvidence(own, reportOfRun(run, own, junitReport(1), { attempt: 2 }), ci),
          decider: (own) => reconcileGate(own, { run }),
        },
        check: async () => {
          await looks(deps);
          const at = outcomes(deps).slice(2);
          expect(at, 'the gate is answered once').toHaveLength(1);
          if (told.accepted) expect(at, 'people sign for the new T0 first').toEqual(['returned']);
          await sound(deps, run);
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(10);
  }, 60_000);

  test('a rescheduling and an answer at go / no-go: what was signed for the old T0 does not let the new one come', async () => {
    const setUp = async (): Promise<Scenario> => {
      const { deps, run, answer } = await atGo();
      const told: { accepted?: boolean } = {};
      const planned = new Date(deps.clock.now().getTime() + hour).toISOString();
      return {
        deps,
        lanes: ['run', 'approval/', 'gate/go-no-go'],
        processes: { lead: moves(run, told, planned), person: answer, decider: (own) => reconcileGate(own, { run }) },
        check: async () => {
          expect(told.accepted).toBe(true);
          await looks(deps);
          const passed = outcomes(deps).slice(1);
          expect(['', 'passed']).toContain(passed.join());
          if (passed.length > 0) {
            // The go was given before T0 was moved: the T0 gate notices, and takes it back.
            deps.controls.clock.advance(1000);
            await givenOpen(deps, run, 't-minus-2h');
            await looks(deps);
            expect(outcomes(deps).slice(2)).toEqual(['returned']);
          } else {
            const rounds = await deps.trail.read(`run/${run}`, { lane: 'approval/go-no-go' });
            expect(rounds.filter(isType('approval.invalidated'))).toHaveLength(1);
          }
          await sound(deps, run);
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(10);
  }, 60_000);
});
