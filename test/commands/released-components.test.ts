import { expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { liveIn } from '../../lib/folds/environment.ts';
import { readEnvironment } from '../../lib/query/environment-view.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { adoptTarget } from '../../lib/run/commands/adopt-target.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { givenEnded, production, productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, artifact, ci, contextOf, dependenciesOf, junitReport, personIn, reportOfRun } from '../given.ts';
import { deploy, placeOf, releaseChecklist, requested, runAtT0, toReview } from './environment-runs.ts';

/** Runs of a service of several components, each of which releases only some of them. */

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const web = { component: 'web', digest: digest('c'), reference: '7' };
const api = { component: 'api', digest: digest('d'), reference: '3' };
const jobs = { component: 'jobs', digest: digest('e'), reference: '5' };
const released = { component: 'web', digest: artifact, reference: null };
const both = { artifacts: ['web', 'api'].map((component) => ({ component, digest: artifact })) };

const adopt = async (deps: FakeDependencies, version: string, components: readonly (typeof web)[]): Promise<void> => {
  for (const role of ['operations-lead', 'technical-lead'] as const)
    await adoptTarget(deps, { ...production, target: 'adopt', version, components, request: anew() }, personIn(deps, role));
};
const lives = async (deps: FakeDependencies) => liveIn(await deps.trail.read(productionScope, { lane: 'live' }));
const reasonAtT0 = async (deps: FakeDependencies, run: string) =>
  (await readRun(deps, run)).ok?.gates.find(({ id }) => id === 't-minus-2h')?.reasons.join() ?? '';
const given = async (...components: readonly (typeof web)[]): Promise<FakeDependencies> => {
  const deps = dependenciesOf(releaseChecklist([{ kind: 'rollback-target/1' }]), { tickMs: 1 });
  await adopt(deps, '1.0', components);
  return deps;
};

test('what a run does not release stays live beside its release, and is in the next target', async () => {
  const deps = await given(web, api);
  const first = await runAtT0(deps, '1.1');
  await toReview(deps, first);
  await recordEvidence(deps, reportOfRun(first, deps, junitReport(2), { attempt: 2 }), ci);
  await reconcileGate(deps, { run: first });
  expect(await placeOf(deps, first)).toBe('production-stable');
  const [, ...after] = await lives(deps);
  expect(after.map(({ level }) => level)).toEqual(['deployed', 'deployment-success', 'production-stable']);
  for (const { components } of after) expect(components).toEqual([released, api]);
  expect((await readEnvironment(deps, production, true)).target).toMatchObject({ run: first, components: [released, api] });
  const next = await runAtT0(deps, '1.2', both);
  expect((await readRun(deps, next)).ok?.rollbackTarget).toMatchObject({ run: first, components: [released, api] });
  expect(await placeOf(deps, next)).toBe('between gates');
  // What the older run left alone is live, and a late word about it tells nothing new.
  const late = { ...production, event: 'e-1', what: 'alias moved', seenAt: deps.clock.now().toISOString(), component: 'api' };
  expect(await recordUnaccounted(deps, { ...late, digest: api.digest })).toBeUndefined();
});

test('a component for which the target has no version refuses T0, until two people adopt a version that names it', async () => {
  const deps = await given(web);
  const run = await runAtT0(deps, '1.1', { artifacts: [...both.artifacts, { component: 'jobs', digest: artifact }] });
  expect(await placeOf(deps, run)).toBe('t-minus-2h');
  expect(await reasonAtT0(deps, run)).toContain(
    'a rollback leads to version 1.0, which names no version of api, jobs: two people adopt the version that runs, with every component: holdpoint target adopt shop --environment production',
  );
  await adopt(deps, '1.0', [web, api]);
  await requested(deps);
  expect(await reasonAtT0(deps, run)).toContain('which names no version of jobs:');
  await adopt(deps, '1.0', [web, api, jobs]);
  await requested(deps);
  expect(await placeOf(deps, run)).toBe('between gates');
});

test('after a rollback the target runs again, beside what the run left alone', async () => {
  const deps = await given(web, api);
  const run = await runAtT0(deps, '1.1');
  await deploy(deps, run);
  await givenEnded(deps, await contextOf(deps, run), 'rolled-back');
  expect((await lives(deps)).at(-1)).toMatchObject({ version: '1.0', level: 'adopted', components: [web, api] });
});

test('a version that never ran beside these components counts as deployed only, and no rollback leads to the mixture', async () => {
  const deps = await given(web, api);
  const failed = await runAtT0(deps, '1.1');
  await deploy(deps, failed);
  await givenEnded(deps, await contextOf(deps, failed), 'not-stable');
  const run = await runAtT0(deps, '1.2', { artifacts: [{ component: 'api', digest: artifact }] });
  const context = await contextOf(deps, run);
  expect((await readRun(deps, run)).ok?.rollbackTarget).toMatchObject({ version: '1.0', components: [api, web] });
  await givenEnded(deps, context, 'rolled-back');
  const [last] = (await deps.trail.read(productionScope, { lane: 'live' })).filter(isType('environment.live')).slice(-1);
  expect(last?.event.data).toMatchObject({ version: '1.0', level: 'deployed', components: [api, released], rolledBack: run });
  expect((await readEnvironment(deps, production, true)).target).toMatchObject({
    version: '1.0',
    level: 'adopted',
    components: [api, web],
  });
});
