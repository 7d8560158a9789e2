import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { adoptTarget } from '../../lib/run/commands/adopt-target.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { production, productionScope } from '../environment.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { anew, artifact, ci, commit, dependenciesOf, personIn, reportOfRun } from '../given.ts';
import { recordMadeAt } from '../samples.ts';
import { releaseChecklist, runAtT0 } from './environment-runs.ts';

/** The reviews of a release begin behind the commit of the version that is live. */

const rule = baseChecklist.items.find(({ id }) => id === 'final-code-review')?.rule ?? expect.fail('no such line');
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const elsewhere = 'e'.repeat(40);

/** The second check keeps the gate open. */
const world = () => dependenciesOf(releaseChecklist([rule, { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' }]));

/** Names the live version as both people. */
const adopted = async (deps: FakeDependencies, of: string | undefined) => {
  for (const role of ['operations-lead', 'technical-lead'] as const) {
    const components = [{ component: 'web', digest: artifact.replaceAll('b', 'c') }];
    const target = { target: 'adopt', version: '1.2.2', components, ...(of === undefined ? {} : { commit: of }) } as const;
    const said = await adoptTarget(signingFor(['people'], deps), { ...production, ...target, request: anew() }, personIn(deps, role));
    expect(said.refused).toBeUndefined();
  }
};

const reviewed = async (deps: FakeDependencies, run: string, base: string) => {
  deps.controls.clock.advance(1000);
  const bytes = recordMadeAt('reviews', deps.clock.now(), { base });
  const report = { ...reportOfRun(run, deps, bytes, { source: 'reviews' }), type: 'record', contentType: 'application/json' };
  const sent = await recordEvidence(deps, { ...report, producerRun: anew() }, ci);
  expect(sent.refused).toBeUndefined();
  await reconcileGate(deps, { run });
};

const finding = async (deps: FakeDependencies, run: string) => {
  const checks = (await readRun(deps, run)).ok?.gates.flatMap((one) => one.checks) ?? [];
  const { verdict, reason } = checks.find(({ check }) => check === 'rule-0') ?? expect.fail('no check');
  return { verdict, reason };
};

/** What was said of the comparison with the live version. */
const compared = async (deps: FakeDependencies, run: string) =>
  (await deps.trail.read(`run/${run}`, { lane: 'check/t-minus-2h/rule-0' }))
    .filter(isType('check.judged'))
    .filter(({ event }) => event.data.subject === '*/last-release');

const deployedBy = (deps: FakeDependencies, run: string, version: string) =>
  deps.trail.append(
    {
      scope: productionScope,
      lane: 'live',
      step: `${run}/deployed`,
      type: 'environment.live',
      actor: { kind: 'system', id: 'reconciler' },
      data: {
        run,
        version,
        level: 'deployed',
        components: [{ component: 'web', digest: artifact, reference: null }],
        waitScale: 1,
        triggered: false,
        rolledBack: null,
      },
    },
    { parentHash: genesis },
  );

describe('the final code review', () => {
  test('begins behind the commit that people named for the version that they adopted; another base does not count', async () => {
    const deps = world();
    await adopted(deps, elsewhere);
    const run = await runAtT0(deps);
    await reviewed(deps, run, 'f'.repeat(40));
    expect(await finding(deps, run)).toEqual({
      verdict: 'inconclusive',
      reason: `the reviews do not count: they begin behind ${'f'.repeat(40)}, and the version 1.2.2 that is live was built from ${elsewhere}`,
    });
    await reviewed(deps, run, elsewhere);
    expect(await finding(deps, run)).toMatchObject({ verdict: 'pass', reason: expect.not.stringContaining('attempt') as unknown });
  });

  test('begins behind the commit of the run that released what is live', async () => {
    const deps = world();
    const first = await runAtT0(deps);
    await deployedBy(deps, first, '1.2.3');
    const run = await runAtT0(deps, '1.2.4');
    await reviewed(deps, run, elsewhere);
    expect(await finding(deps, run)).toEqual({
      verdict: 'inconclusive',
      reason: `the reviews do not count: they begin behind ${elsewhere}, and the version 1.2.3 that is live (run ${first}) was built from ${commit}`,
    });
    await reviewed(deps, run, commit);
    expect((await finding(deps, run)).verdict).toBe('pass');
  });

  test('is compared by its own record only: what a further source sends says nothing of where the reviews begin', async () => {
    const scan = { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['scan'], maxLevel: 'none' } as never;
    const definition = releaseChecklist([rule, { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' }]);
    const sources = [{ id: 'scan', rule: scan, asks: 'needed' as const }];
    const deps = dependenciesOf({ ...definition, items: definition.items.map((one) => (one.id === 'rule-0' ? { ...one, sources } : one)) });
    await adopted(deps, elsewhere);
    const run = await runAtT0(deps);
    const log = {
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'scan' } }, artifacts: [{ location: { uri: 'a.ts' } }], results: [] }],
    };
    const report = reportOfRun(run, deps, new TextEncoder().encode(JSON.stringify(log)), { source: 'scanner' });
    const sent = await recordEvidence(deps, { ...report, type: 'sarif', producerRun: anew() }, ci);
    expect(sent.ok?.judged).toMatchObject([{ check: 'rule-0', verdict: 'pass' }]);
    await reconcileGate(deps, { run });
    expect(await compared(deps, run)).toEqual([]);
    await reviewed(deps, run, elsewhere);
    expect(await compared(deps, run)).toMatchObject([{ event: { data: { verdict: 'pass' } } }]);
    expect(await finding(deps, run)).toMatchObject({ verdict: 'pass' });
  });

  test('counts no more when another version has come live meanwhile', async () => {
    const deps = world();
    await adopted(deps, elsewhere);
    const [run, other] = [await runAtT0(deps), await runAtT0(deps, '1.2.4')];
    await reviewed(deps, run, elsewhere);
    expect((await finding(deps, run)).verdict).toBe('pass');
    await deployedBy(deps, other, '1.2.4');
    await reconcileGate(deps, { run });
    expect(await finding(deps, run)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining(`version 1.2.4 that is live (run ${other}) was built from ${commit}`) as unknown,
    });
  });

  test('is inconclusive where nothing tells the commit of the live version, unless every commit is listed', async () => {
    const deps = world();
    await adopted(deps, undefined);
    const run = await runAtT0(deps);
    await reviewed(deps, run, elsewhere);
    expect(await finding(deps, run)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/^it is not known of which commit the version 1\.2\.2 that is live was built/) as unknown,
    });
    await reviewed(deps, run, emptyTree);
    expect((await finding(deps, run)).verdict).toBe('pass');
  });

  test('says that it is the first release where nothing is live', async () => {
    const deps = world();
    const run = await runAtT0(deps);
    await reviewed(deps, run, elsewhere);
    expect(await finding(deps, run)).toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('this is the first release') as unknown,
    });
  });

  test('is compared again only where a report or another live version came: a further look reads what is new, and no facts', async () => {
    const deps = world();
    const first = await runAtT0(deps);
    await deployedBy(deps, first, '1.2.3');
    const run = await runAtT0(deps, '1.2.4');
    await reviewed(deps, run, commit);
    const calls: string[] = [];
    deps.controls.onCall((call, _caller, [scope, range]) => {
      if (call === 'evidence.get') calls.push(call);
      if (call === 'store.query' && scope === productionScope) calls.push(JSON.stringify(range));
      if (call === 'store.query' && scope === `run/${first}`) calls.push('the run that is live');
    });
    const before = await compared(deps, run);
    await reconcileGate(deps, { run });
    // T0 itself reads who holds the environment and what is live, for the rollback target.
    expect(calls.filter((call) => !/claim|unaccounted|drill/.test(call))).toEqual([
      JSON.stringify({ lane: 'live', last: 40 }),
      JSON.stringify({ lane: 'live', fromSeq: 2 }),
    ]);
    expect(await compared(deps, run)).toEqual(before);
    const other = await runAtT0(deps, '1.2.5');
    await deployedBy(deps, other, '1.2.5');
    await reconcileGate(deps, { run });
    expect(await compared(deps, run)).toHaveLength(before.length + 1);
  });
});
