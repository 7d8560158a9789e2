import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { record } from '../../lib/rules/record-within.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import type { StartRun } from '../../lib/run/commands/inputs.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { revokeException } from '../../lib/run/commands/revoke-exception.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenRun, junitReport, personIn, reportOfRun } from '../given.ts';
import { machineOf } from '../machine.ts';
import { recordMadeAt } from '../samples.ts';
import { hour } from '../story.ts';

const day = 24 * hour;
const attested = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
const checklist = checklistOf(
  [
    gate('phase-1'),
    gate('go-no-go', { role: 'approval', asks: ['technical-lead'], reports: ['phase-1'], rejudges: true }),
    gate('phase-2'),
  ],
  [
    check('unit-tests', 'phase-1', { maxWaiverSeconds: (14 * day) / 1000 }),
    check('old-definition', 'phase-1', { rule: attested }),
    check('scripts', 'phase-1', {
      optional: true,
      unless: 'migrations',
      shows: 'migrations',
      rule: record('migration', { environment: 'staging', minScripts: 1 }),
    }),
    check('plan', 'phase-1', { optional: true, unless: 'migrations', rule: attested }),
    check('go', 'go-no-go', { kind: 'sign-off', rule: { kind: 'signed/1', role: 'technical-lead' } }),
    check('later', 'phase-2', { rule: attested }),
  ],
);

let tokens = 0;
const begun = async (deps: FakeDependencies, changes: Partial<StartRun> = {}) => {
  deps.controls.clock.advance(1000);
  const run = await givenRun(deps, changes, { ...ci, token: String(++tokens).padStart(64, '0') });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return { run, machine };
};
const world = () => dependenciesOf(checklist, { environments: { shop: ['production', 'staging'] } } as never);
const lead = (deps: FakeDependencies) => personIn(deps, 'technical-lead');
const in_ = (deps: FakeDependencies, ms: number): string => new Date(deps.clock.now().getTime() + ms).toISOString();
const waiveIn = (deps: FakeDependencies, run: string, { id = 'unit-tests', ms = day } = {}) =>
  waive(deps, { request: anew(), run, check: id, reason: 'No machine to run them on.', until: in_(deps, ms) }, lead(deps));
const revokeIn = (deps: FakeDependencies, run: string, id = 'unit-tests', caller = lead(deps)) =>
  revokeException(deps, { request: anew(), run, check: id, reason: 'There is a machine after all.' }, caller);
const declare = (deps: FakeDependencies, run: string, id: string) =>
  declareNotApplicable(deps, { request: anew(), run, check: id, reason: 'This release changes no data.' }, lead(deps));
const attestIn = (deps: FakeDependencies, run: string, id: string) =>
  attest(deps, { request: anew(), run, check: id, statement: 'I have looked at it today.' }, lead(deps));
const findingOf = async (deps: FakeDependencies, run: string, id = 'unit-tests') =>
  (await readRun(deps, run)).ok?.gates.flatMap(({ checks }) => checks).find((one) => one.check === id) ?? expect.fail(id);
/** Everything of the first gate, with a waiver of the tests. */
const toGo = async (deps: FakeDependencies, { run, machine }: Awaited<ReturnType<typeof begun>>): Promise<void> => {
  for (const id of ['scripts', 'plan']) expect((await declare(deps, run, id)).refused).toBeUndefined();
  await attestIn(deps, run, 'old-definition');
  await waiveIn(deps, run);
  await machine.settle();
};

describe('the end of a waiver', () => {
  test('is capped by the definition of the check, and by 90 days where a definition names nothing', async () => {
    const deps = world();
    const { run } = await begun(deps);
    expect((await waiveIn(deps, run, { ms: 14 * day + hour })).refused).toMatchObject({
      type: 'waiver-not-allowed',
      detail: 'A waiver of the check unit-tests must end in the future, within 14 days.',
    });
    expect((await waiveIn(deps, run, { ms: 14 * day })).ok?.verdict).toBe('waived');
    expect((await waiveIn(deps, run, { id: 'old-definition', ms: 90 * day + hour })).refused?.type).toBe('waiver-not-allowed');
    expect((await waiveIn(deps, run, { id: 'old-definition', ms: 90 * day })).ok?.verdict).toBe('waived');
  });

  test('is limited for every line that may be waived, and most of all where a door stays open', () => {
    for (const { id, group, waivable, maxWaiverSeconds } of baseChecklist.items) {
      expect(maxWaiverSeconds !== undefined, id).toBe(waivable);
      if (group === 'security-review' && waivable) expect(maxWaiverSeconds, id).toBeLessThanOrEqual((14 * day) / 1000);
    }
    expect(baseChecklist.items.find(({ id }) => id === 'no-secrets')?.waivable).toBe(false);
  });
});

describe('a revocation', () => {
  test('makes the check fail again at once, and takes the gate back that rested on the waiver', async () => {
    const deps = world();
    const story = await begun(deps);
    await recordEvidence(deps, reportOfRun(story.run, deps, junitReport(2, 1)), ci);
    await toGo(deps, story);
    expect(story.machine.at()).toBe('go-no-go');
    const revoked = await revokeIn(deps, story.run, 'unit-tests', personIn(deps, 'operations-lead'));
    expect(revoked.ok).toMatchObject({ verdict: 'fail', reason: expect.stringMatching(/revoked the exception$/) as unknown });
    await story.machine.settle();
    const view = (await readRun(deps, story.run)).ok;
    expect(view).toMatchObject({ gate: 'go-no-go', outcome: 'blocked' });
    expect(view?.gates[1]?.reasons.join()).toContain('Title of unit-tests');
    expect((await waiveIn(deps, story.run)).ok?.verdict, 'a new waiver counts').toBe('waived');
  });

  test('of a declaration makes the check missing; an earlier waiver does not come back', async () => {
    const deps = world();
    const { run } = await begun(deps);
    await waiveIn(deps, run, { id: 'plan' });
    await declare(deps, run, 'plan');
    expect((await findingOf(deps, run, 'plan')).verdict).toBe('not-applicable');
    expect((await revokeIn(deps, run, 'plan')).ok?.verdict).toBe('missing');
    expect((await revokeIn(deps, run, 'plan')).refused?.type).toBe('nothing-to-revoke');
  });

  test('of nothing is refused, and the same request twice is one revocation', async () => {
    const deps = world();
    const { run } = await begun(deps);
    expect((await revokeIn(deps, run)).refused?.type).toBe('nothing-to-revoke');
    await waiveIn(deps, run);
    const once = { request: anew(), run, check: 'unit-tests', reason: 'There is a machine after all.' };
    const first = await revokeException(deps, once, lead(deps));
    expect(await revokeException(deps, once, lead(deps))).toMatchObject({ ok: { event: first.ok?.event, alreadyRecorded: true } });
  });

  test('may be made by the starter, with an old sign-in, and by nobody who does not sign', async () => {
    const deps = world();
    const { run } = await begun(deps);
    await waiveIn(deps, run);
    const caller = { ...lead(deps), signedInAt: new Date(deps.clock.now().getTime() - day) };
    expect((await revokeIn(deps, run, 'unit-tests', { ...caller, roles: ['auditor'] as never })).refused?.type).toBe('role-missing');
    expect((await revokeIn(deps, run, 'unit-tests', { ...caller, id: ci.person ?? '' })).refused).toBeUndefined();
  });
});

describe('a decision that was made and not sent yet', () => {
  /** Does something while the reconciler stands between the settlement of a gate and its answer to the workflow. */
  const between = async (deps: FakeDependencies, run: string, act: () => Promise<unknown>) => {
    const settled = (): boolean =>
      [...(deps.controls.store.tables.get(`run/${run}`)?.values() ?? [])].some(({ event }) => event.type === 'gate.settled');
    let done = false;
    deps.controls.onCall(async (call, caller) => {
      if (done || caller !== 'reconciler' || call !== 'store.query' || !settled()) return;
      done = true;
      await act();
    });
    const result = await reconcileGate(deps.controls.as('reconciler'), { run });
    deps.controls.onCall(undefined);
    expect(done).toBe(true);
    return result.did;
  };
  const ready = async (deps: FakeDependencies) => {
    const { run } = await begun(deps);
    for (const id of ['scripts', 'plan']) await declare(deps, run, id);
    await attestIn(deps, run, 'old-definition');
    await waiveIn(deps, run, { ms: hour });
    deps.controls.reconciler.requests.splice(0);
    return run;
  };

  test('is blocked by a waiver that ends meanwhile', async () => {
    const deps = world();
    const run = await ready(deps);
    expect(await between(deps, run, async () => deps.controls.clock.advance(hour + 1))).not.toBe('delivered');
    expect(deps.controls.workflow.answers).toEqual([]);
    expect((await findingOf(deps, run)).reason).toMatch(/the waiver of p-.* ended at/);
  });

  test('is blocked by a revocation', async () => {
    const deps = world();
    const run = await ready(deps);
    expect(await between(deps, run, () => revokeIn(deps.controls.as('people') as never, run))).not.toBe('delivered');
    expect(deps.controls.workflow.answers).toEqual([]);
  });
});

describe('the third waiver of a line in runs one after the other', () => {
  const rowOf = async (deps: FakeDependencies, run: string) =>
    (await deps.trail.read(`run/${run}`, { lane: 'check/phase-1/unit-tests' })).filter(isType('check.waived')).at(-1)?.event.data.inARow ??
    1;

  test('is flagged in the view, in the report that people sign and in its exceptions', async () => {
    const deps = world();
    for (const n of [1, 2]) {
      const earlier = await begun(deps);
      await waiveIn(deps, earlier.run);
      expect(await rowOf(deps, earlier.run)).toBe(n);
      expect((await findingOf(deps, earlier.run)).reason).not.toContain('in a row');
    }
    const story = await begun(deps);
    await toGo(deps, story);
    expect((await findingOf(deps, story.run)).reason).toMatch(/; waived in 3 runs in a row$/);
    const mail = deps.controls.mailer.mails.findLast(({ subject }) => subject === 'approval-requested') ?? expect.fail('no mail');
    const link = (JSON.parse(mail.text) as { url: string }).url.split('/').at(-1) ?? '';
    const page = (await showApproval(deps, { link }, lead(deps))).ok ?? expect.fail('no page');
    const reported = page.gates.flatMap(({ checks }) => checks).find((one) => one.check === 'unit-tests');
    const excepted = page.exceptions.checks.find(({ finding }) => finding.check === 'unit-tests')?.finding;
    for (const finding of [reported, excepted]) expect(finding?.reason).toContain('waived in 3 runs in a row');
  });

  test.each<[string, (deps: FakeDependencies, run: string) => Promise<unknown>]>([
    ['passed', (deps, run) => recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci)],
    ['was waived, and the waiver was revoked', async (deps, run) => [await waiveIn(deps, run), await revokeIn(deps, run)]],
    [
      'was waived, and the check passed later',
      async (deps, run) => [await waiveIn(deps, run), await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci)],
    ],
  ])('is none when in the run between the check %s', async (_, between) => {
    const deps = world();
    for (let n = 0; n < 2; n += 1) await waiveIn(deps, (await begun(deps)).run);
    await between(deps, (await begun(deps)).run);
    const { run } = await begun(deps);
    await waiveIn(deps, run);
    expect(await rowOf(deps, run)).toBe(1);
  });

  test.each<[string, (deps: FakeDependencies, run: string) => Promise<unknown>]>([
    ['was not asked for yet', async () => undefined],
    ['failed and was not waived', (deps, run) => recordEvidence(deps, reportOfRun(run, deps, junitReport(1, 1)), ci)],
  ])('is not interrupted by a run in which the check %s', async (_, between) => {
    const deps = world();
    for (let n = 0; n < 2; n += 1) await waiveIn(deps, (await begun(deps)).run);
    for (let n = 0; n < 4; n += 1) await between(deps, (await begun(deps)).run);
    const { run } = await begun(deps);
    await waiveIn(deps, run);
    expect(await rowOf(deps, run)).toBe(3);
  });

  test('costs the read of one lane of one run, however long the row is', async () => {
    const deps = world();
    const costs: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const { run } = await begun(deps);
      const before = deps.controls.calls.length;
      await waiveIn(deps, run);
      costs.push(deps.controls.calls.length - before);
      expect(await rowOf(deps, run)).toBe(n + 1);
    }
    expect(new Set(costs.slice(1)).size).toBe(1);
  });
});

describe('not applicable', () => {
  const migrationRecord = (deps: FakeDependencies, ended: string): Uint8Array =>
    recordMadeAt('migration', deps.clock.now(), {
      environment: 'staging',
      scripts: [{ name: '014', up: { ended, seconds: 1 }, down: { ended: 'done', seconds: 1 } }],
    });
  const sent = (deps: FakeDependencies, run: string, ended: string) =>
    recordEvidence(
      deps,
      { ...reportOfRun(run, deps, migrationRecord(deps, ended)), type: 'record', contentType: 'application/json', source: 'migration' },
      ci,
    );

  test('is refused for data migration when the start named migration scripts', async () => {
    const deps = world();
    const { run } = await begun(deps, { migrations: ['db/014-add-status.sql'] });
    for (const id of ['scripts', 'plan'])
      expect((await declare(deps, run, id)).refused).toMatchObject({ type: 'not-applicable-not-allowed', got: 'db/014-add-status.sql' });
    expect((await readRun(deps, run)).ok?.migrations).toEqual(['db/014-add-status.sql']);
  });

  test('is refused for data migration once evidence about it was sent, and one that stands counts no more for that check', async () => {
    const deps = world();
    const { run } = await begun(deps);
    expect((await declare(deps, run, 'scripts')).ok?.verdict).toBe('not-applicable');
    expect((await sent(deps, run, 'failed')).refused).toBeUndefined();
    expect(await findingOf(deps, run, 'scripts')).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/evidence was sent, so that "not applicable" .* does not count/) as unknown,
    });
    expect((await declare(deps, run, 'plan')).refused).toMatchObject({
      type: 'not-applicable-not-allowed',
      got: 'evidence that the check scripts has judged',
    });
  });

  test('is asked of every line of data migration', () => {
    for (const { id, group, unless } of baseChecklist.items) expect(unless, id).toBe(group === 'data-migration' ? 'migrations' : undefined);
  });
});
