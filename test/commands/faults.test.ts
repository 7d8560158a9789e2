import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import type { When } from '../fakes/watched.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn, reportOfRun, startInput } from '../given.ts';
import { machineOf } from '../machine.ts';

/** One gate with a report, one with three signatures, and the end: every kind of write that a run makes. */
const checklist = checklistOf(
  [
    gate('phase-1'),
    gate('go-no-go', {
      role: 'approval',
      asks: ['technical-lead', 'operations-lead', 'product-owner'],
      reports: ['phase-1'],
      rejudges: true,
    }),
    gate('phase-2'),
  ],
  [
    check('unit-tests', 'phase-1'),
    check('trained', 'phase-1', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
    check('go-technical-lead', 'go-no-go', { kind: 'sign-off', rule: { kind: 'signed/1', role: 'technical-lead' } }),
    check('later', 'phase-2'),
  ],
);

const writes =
  /^(store\.insert|evidence\.put|due\.(put|done|moveDeadline)|tokens\.put|index\.(put|putLink|claim)|people\.keep|workflow\.|reconciler\.request|mailer\.send|schedules\.at|definitions\.publish)$/;

/** Counts the writes, and breaks one of them, before or after it persisted. */
const breaking = (deps: FakeDependencies, place: number, when: When): { count: () => number } => {
  let seen = 0;
  deps.controls.onCall((call) => {
    if (!writes.test(call)) return;
    seen += 1;
    if (seen === place) deps.controls.failNext(call, when);
  });
  return { count: () => seen };
};

/** CI, Lambda and a person all do the same after a fault: they retry once. */
const retried = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch {
    return work();
  }
};

const playWithFault = async (place: number, when: When): Promise<{ deps: FakeDependencies; run: string; at: string; writes: number }> => {
  const deps = dependenciesOf(checklist);
  const broken = breaking(deps, place, when);
  const started = await retried(() => startRun(deps, startInput, ci));
  // A repeated start with the same token may be refused; the workflow then knows which run was started.
  const run = started.ok?.run ?? [...deps.controls.workflow.executions.values()][0]?.run ?? '';
  const machine = machineOf(deps, run);
  await retried(() => machine.begin());
  await retried(() => machine.settle());
  const bytes = junitReport(3);
  const madeAt = deps.clock.now().toISOString();
  await retried(() => recordEvidence(deps, { ...reportOfRun(run, deps, bytes), madeAt }, ci));
  await retried(() =>
    attest(deps, { request: anew(), run, check: 'trained', statement: 'Everybody was trained.' }, personIn(deps, 'technical-lead')),
  );
  await retried(() => machine.settle());
  for (let minute = 0; minute < 4; minute += 1) {
    deps.controls.clock.advance(90_000);
    await retried(() => sweep(deps));
    await retried(() => machine.settle());
  }
  return { deps, run, at: machine.at(), writes: broken.count() };
};

describe('a fault at any write, before or after it persisted', () => {
  test('does not change where the run arrives, loses no event and doubles none', async () => {
    const clean = await playWithFault(0, 'before');
    expect(clean.at).toBe('go-no-go');
    const kinds = (events: readonly { event: { lane: string; type: string } }[]): string[] =>
      events
        .map(({ event }) => `${event.lane} ${event.type}`)
        .filter(
          (kind) =>
            !kind.includes('evidence/attestation') &&
            !kind.includes('check/phase-1/trained') &&
            !kind.startsWith('approval/') &&
            // A mail that was interrupted is repeated while its gate waits, and not after that.
            !/mail\.claimed|gate\.notified/.test(kind),
        )
        .sort();
    const expected = kinds(await clean.deps.trail.read(`run/${clean.run}`, { prefix: '' }));
    for (const when of ['before', 'after'] as const) {
      for (let place = 1; place <= clean.writes; place += 1) {
        const { deps, run, at } = await playWithFault(place, when);
        const what = `write ${place} failing ${when} it persisted`;
        expect(at, what).toBe('go-no-go');
        const events = await deps.trail.read(`run/${run}`, { prefix: '' });
        expect(verifyScope(events), what).toBeUndefined();
        expect(new Set(events.map(({ event }) => event.id)).size, what).toBe(events.length);
        expect(kinds(events), what).toEqual(expected);
        expect(
          events
            .filter(isType('approval.mailed'))
            .map(({ event }) => event.data.role)
            .sort(),
          `${what}: every role is asked once`,
        ).toEqual(['operations-lead', 'product-owner', 'technical-lead']);
        expect(deps.controls.workflow.answers.length, what).toBe(1);
      }
    }
  }, 60_000);
});
