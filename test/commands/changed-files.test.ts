import { describe, expect, test } from 'vitest';
import { readRun } from '../../lib/query/run-view.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { record } from '../../lib/rules/record-within.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, personIn, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { recordMadeAt } from '../samples.ts';

/** The files that changed, compared with the coverage of the release at the gate of the coverage. */

const rule = coverageAtLeast.of({
  metric: 'lines',
  floorPct: 70,
  per: 'feature',
  features: [{ id: 'shop', paths: ['src/**'] }],
  changed: 'listed',
});
const attested = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
const checklist = checklistOf(
  [gate('phase-1'), gate('phase-2')],
  [
    check('scripts', 'phase-1', {
      optional: true,
      unless: 'migrations',
      shows: 'migrations',
      rule: record('migration', { environment: 'staging', minScripts: 1, migrations: ['db/migrations/**'] }),
    }),
    check('plan', 'phase-1', { optional: true, unless: 'migrations', rule: attested }),
    check('covered', 'phase-1', { rule }),
    check('later', 'phase-1', { rule: { kind: 'junit-passes/1', evidence: 'junit', minTests: 1 } }),
  ],
);
const withGlobs = (migrations?: readonly string[]) => ({
  ...checklist,
  items: checklist.items.map((item) =>
    item.id === 'scripts'
      ? {
          ...item,
          rule: record('migration', { environment: 'staging', minScripts: 1, ...(migrations === undefined ? {} : { migrations }) }),
        }
      : item,
  ),
});
/** As without a profile: no check says which files migrate data. */
const withoutGlobs = withGlobs();
const world = async (using = checklist) => {
  const deps = dependenciesOf(using);
  return { deps, ...(await atFirstGate(deps)) };
};

const send = async (deps: FakeDependencies, run: string, type: string, bytes: Uint8Array) => {
  deps.controls.clock.advance(1000);
  const report = { ...reportOfRun(run, deps, bytes), type, contentType: 'application/octet-stream', producerRun: anew() };
  const sent = (await recordEvidence(deps, report, ci)).ok ?? expect.fail('refused');
  await reconcileGate(deps, { run });
  return sent;
};
const cover = (deps: FakeDependencies, run: string, ...paths: readonly string[]) =>
  send(deps, run, 'lcov', new TextEncoder().encode(paths.map((path) => `SF:${path}\nDA:1,1\nend_of_record\n`).join('')));
const list = (deps: FakeDependencies, run: string, ...paths: readonly string[]) =>
  send(deps, run, 'record', recordMadeAt('changes', deps.clock.now(), { files: paths.map((path) => ({ path, change: 'modified' })) }));
const finding = async (deps: FakeDependencies, run: string) => {
  const checks = (await readRun(deps, run)).ok?.gates.flatMap((one) => one.checks) ?? [];
  const { verdict, reason } = checks.find((one) => one.check === 'covered') ?? expect.fail('no check');
  return { verdict, reason };
};
const lane = async (deps: FakeDependencies, run: string) => deps.trail.read(`run/${run}`, { lane: 'check/phase-1/covered' });

describe('the line about coverage', () => {
  test('says that changed files were not compared where nothing lists them, and writes nothing more', async () => {
    const { deps, run } = await world();
    await cover(deps, run, 'src/a.ts');
    expect(await finding(deps, run)).toEqual({
      verdict: 'pass',
      reason:
        '1 of 1 feature, the least is shop with 100.0 % of 1 line; 100.0 % of 1 line in 1 file, 70 % expected; changed files were not compared, because no record `changes` lists them',
    });
    expect(await lane(deps, run)).toHaveLength(1);
  });

  test('names a changed file that no report has, also of the same source, and passes when one has it', async () => {
    const { deps, run } = await world();
    await cover(deps, run, 'src/a.ts');
    const sent = await list(deps, run, 'src/a.ts', 'src/b.ts');
    expect(sent).toMatchObject({
      unused: null,
      judged: [{ check: 'covered', verdict: 'pass', reason: `2 files changed since ${'e'.repeat(40)}` }],
    });
    expect(await finding(deps, run)).toEqual({ verdict: 'fail', reason: 'no coverage report has src/b.ts of 2 changed production files' });
    await cover(deps, run, 'src/a.ts', 'src/b.ts');
    expect(await finding(deps, run)).toMatchObject({
      verdict: 'pass',
      reason: expect.stringMatching(/; 2 changed production files, each in a coverage report$/) as unknown,
    });
  });

  test('is missing while it has only the list, whatever the list says', async () => {
    const { deps, run } = await world();
    await list(deps, run, 'docs/guide.md');
    expect(await finding(deps, run)).toEqual({ verdict: 'missing', reason: 'no evidence yet, besides what it is compared with' });
    await cover(deps, run, 'src/a.ts');
    expect((await finding(deps, run)).verdict).toBe('pass');
  });

  test('follows a later list of the same source', async () => {
    const { deps, run } = await world();
    await cover(deps, run, 'src/a.ts');
    await list(deps, run, 'src/b.ts');
    expect((await finding(deps, run)).verdict).toBe('fail');
    await list(deps, run, 'src/a.ts');
    expect((await finding(deps, run)).verdict).toBe('pass');
  });
});

describe('data migration', () => {
  const declare = (deps: FakeDependencies, run: string, id: string) =>
    declareNotApplicable(
      deps,
      { request: anew(), run, check: id, reason: 'This release changes no data.' },
      personIn(deps, 'technical-lead'),
    );

  test('cannot be declared not applicable when a file of it has changed, which is named', async () => {
    const { deps, run } = await world();
    await list(deps, run, 'src/a.ts', 'db/migrations/014.sql', 'db/migrations/README.md');
    for (const id of ['scripts', 'plan'])
      expect((await declare(deps, run, id)).refused).toMatchObject({
        type: 'not-applicable-not-allowed',
        got: 'the changed files db/migrations/014.sql, db/migrations/README.md',
      });
  });

  test('cannot be either where the profile names another folder: its globs are added to the usual ones', async () => {
    const { deps, run } = await world(withGlobs(['nothing/**']));
    await list(deps, run, 'src/a.ts', 'db/migrations/014.sql', 'nothing/here.sql', 'docs/migration.md');
    expect((await declare(deps, run, 'plan')).refused).toMatchObject({ got: 'the changed files db/migrations/014.sql, nothing/here.sql' });
  });

  test('cannot be either where no profile says which files migrate data, and one lies in a folder of that name', async () => {
    const { deps, run } = await world(withoutGlobs);
    await list(deps, run, 'src/a.ts', 'Data/Migrations/014_AddStatus.cs', 'docs/migration.md');
    expect((await declare(deps, run, 'plan')).refused).toMatchObject({
      type: 'not-applicable-not-allowed',
      got: 'the changed files Data/Migrations/014_AddStatus.cs',
    });
    await list(deps, run, 'src/a.ts', 'docs/migration.md');
    expect((await declare(deps, run, 'plan')).ok?.verdict).toBe('not-applicable');
  });

  test('can be when the newest list of the source has none, or nothing lists the files', async () => {
    const { deps, run } = await world();
    expect((await declare(deps, run, 'plan')).ok?.verdict).toBe('not-applicable');
    await list(deps, run, 'db/migrations/014.sql');
    await list(deps, run, 'src/a.ts');
    expect((await declare(deps, run, 'scripts')).ok?.verdict).toBe('not-applicable');
  });

  const stands = async (deps: FakeDependencies, run: string, id: string) =>
    (await readRun(deps, run)).ok?.gates.flatMap((one) => one.checks).find(({ check: one }) => one === id) ?? expect.fail('no check');
  const shown = 'the release migrates data, as the changed files db/migrations/014.sql show';

  test('that was declared not applicable before applies once a list shows such a file, until a later one of the source shows none', async () => {
    const { deps, run } = await world();
    await declare(deps, run, 'plan');
    const sent = await list(deps, run, 'src/a.ts', 'db/migrations/014.sql');
    expect(sent.judged.map(({ check: one }) => one)).toEqual(['covered']);
    expect(await stands(deps, run, 'plan')).toMatchObject({
      verdict: 'missing',
      reason: expect.stringMatching(
        new RegExp(`^no evidence yet; ${shown}, so that "not applicable" by p-\\w+ does not count$`),
      ) as unknown,
      subjects: [],
    });
    expect(await stands(deps, run, 'scripts')).toMatchObject({ verdict: 'missing', reason: 'no evidence yet' });
    await list(deps, run, 'src/a.ts');
    expect((await stands(deps, run, 'plan')).verdict).toBe('not-applicable');
  });

  test('is noted also where nobody has declared anything: a declaration may come at the same moment', async () => {
    const { deps, run } = await world();
    await list(deps, run, 'db/migrations/014.sql');
    const lane = await deps.trail.read(`run/${run}`, { lane: 'check/phase-1/plan' });
    expect(lane.map(({ event }) => event.type)).toEqual(['check.judged']);
  });

  test('applies once evidence about the scripts is judged, and a proof of its own satisfies it', async () => {
    const { deps, run } = await world();
    await declare(deps, run, 'plan');
    await send(deps, run, 'record', recordMadeAt('migration', deps.clock.now(), {}));
    expect((await stands(deps, run, 'scripts')).verdict).toBe('pass');
    expect(await stands(deps, run, 'plan')).toMatchObject({
      verdict: 'missing',
      reason: expect.stringContaining('evidence about the check scripts shows, so that') as unknown,
    });
    expect((await declare(deps, run, 'plan')).refused).toMatchObject({ got: 'evidence that the check scripts has judged' });
  });

  test('takes a gate back that had passed on the declaration', async () => {
    const only = { ...checklist, items: checklist.items.filter(({ id }) => id === 'plan' || id === 'covered') };
    const { deps, run } = await world(only);
    await cover(deps, run, 'src/a.ts');
    await declare(deps, run, 'plan');
    await reconcileGate(deps, { run });
    const gateOf = async () => (await readRun(deps, run)).ok?.gates.find(({ id }) => id === 'phase-1');
    const settled = () => deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' });
    expect((await settled()).map(({ event }) => event.type)).toContain('gate.settled');
    await list(deps, run, 'src/a.ts', 'db/migrations/014.sql');
    expect((await settled()).map(({ event }) => event.type)).toContain('gate.regressed');
    expect((await gateOf())?.checks.find(({ check: one }) => one === 'plan')?.verdict).toBe('missing');
  });
});
