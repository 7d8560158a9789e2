import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { givenDrill, goodDrill } from '../environment.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenOpen, givenRun, personIn, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { recordMadeAt } from '../samples.ts';

/** A rehearsal of the rollback proves the check of phase 2: one that Holdpoint recorded, or the record of another. */

const line = baseChecklist.items.find(({ id }) => id === 'rollback-procedure-tested') ?? expect.fail('no such line');
const attested = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
const world = () =>
  dependenciesOf(checklistOf([gate('phase-2')], [line, check('other', 'phase-2', { rule: attested })]), {
    stage: { environments: { shop: ['staging', 'production'] } },
  });

const begun = async (deps: FakeDependencies) => {
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-2');
  await reconcileGate(deps, { run });
  return run;
};
const finding = async (deps: FakeDependencies, run: string) =>
  (await readRun(deps, run)).ok?.gates[0]?.checks.find((one) => one.check === line.id) ?? expect.fail('no check');
const sent = async (deps: FakeDependencies, run: string, changes: Readonly<Record<string, unknown>> = {}) => {
  deps.controls.clock.advance(1000);
  const bytes = recordMadeAt('drill', deps.clock.now(), changes);
  const report = { ...reportOfRun(run, deps, bytes, { source: 'drill' }), type: 'record', contentType: 'application/json' };
  expect((await recordEvidence(deps, { ...report, producerRun: anew() }, ci)).refused).toBeUndefined();
  await reconcileGate(deps, { run });
};

describe('rollback procedure tested', () => {
  test('a drill that Holdpoint recorded proves it, until it is 90 days old', async () => {
    const deps = world();
    await givenDrill(deps);
    const run = await begun(deps);
    expect(await finding(deps, run)).toMatchObject({
      verdict: 'pass',
      basis: 'measured',
      reason: expect.stringMatching(/^the newest drill \(staging, .*met every budget/) as unknown,
    });
    deps.controls.clock.advance(90 * 86_400_000 + 1000);
    await reconcileGate(deps, { run });
    expect((await finding(deps, run)).verdict).not.toBe('pass');
  });

  test('a drill that gets too old while the run waits for T0 is replaced by one that was made meanwhile', async () => {
    const hour = 3_600_000;
    const checklist = checklistOf(
      [gate('phase-2'), gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
      [
        { ...line, maxAgeSeconds: hour / 1000 },
        check('backup', 't-minus-2h', { rule: attested }),
        check('after', 'phase-5', { rule: attested }),
      ],
    );
    const deps = dependenciesOf(checklist, { stage: { environments: { shop: ['staging', 'production'] } } });
    await givenDrill(deps, { ...goodDrill, run: 'drill-1' });
    const { run, machine } = await atFirstGate(deps);
    expect(machine.at()).toBe('t-minus-2h');
    deps.controls.clock.advance(hour + 60_000);
    await attest(deps, { request: anew(), run, check: 'backup', statement: 'Taken this minute.' }, personIn(deps, 'technical-lead'));
    await machine.settle();
    expect(machine.at()).toBe('t-minus-2h');
    expect((await finding(deps, run)).verdict).not.toBe('pass');
    await givenDrill(deps, { ...goodDrill, run: 'drill-2' });
    await reconcileGate(signingFor(['reconciler'], deps), { run });
    await machine.settle();
    expect(machine.at()).toBe('phase-5');
    expect((await finding(deps, run)).verdict).toBe('pass');
  });

  test('a drill that did not end well or exceeded a budget fails it', async () => {
    const deps = world();
    await givenDrill(deps, { ...goodDrill, outcome: 'rolled-back-unverified' });
    const run = await begun(deps);
    expect(await finding(deps, run)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('ended as rolled-back-unverified') as unknown,
    });
  });

  test('without one it is missing, and the record of a rehearsal elsewhere proves it', async () => {
    const deps = world();
    const run = await begun(deps);
    expect((await finding(deps, run)).verdict).toBe('missing');
    await sent(deps, run, { outcome: 'failed' });
    expect(await finding(deps, run)).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('the rollback failed') as unknown });
    await sent(deps, run);
    expect((await finding(deps, run)).verdict).toBe('pass');
  });

  test('an attestation no longer proves it', () => {
    expect(line.rule).toMatchObject({ kind: 'drill-record/1', maxSeconds: 1200, or: 'own-drill' });
  });
});
