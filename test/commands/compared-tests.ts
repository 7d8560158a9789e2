import { expect } from 'vitest';
import { genesis } from '../../lib/audit/lane.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { partInputSchema } from '../../lib/fields.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { productionScope } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, artifact, check, checklistOf, ci, commit, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { machineOf } from '../machine.ts';

/** Releases with tests, which are compared with those that passed in the last one that became production-stable. */

const rule = baseChecklist.items.find(({ id }) => id === 'no-regressions')?.rule ?? expect.fail('no such line');
export const twoGates = checklistOf(
  [gate('phase-1'), gate('phase-2')],
  [
    check('no-regressions', 'phase-1', { rule }),
    check('integration', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
  ],
);

export type Outcome = 'passed' | 'failed' | 'skipped';
const junit = (tests: Readonly<Record<string, Outcome>>): Uint8Array => {
  const inside = { passed: '', failed: '<failure/>', skipped: '<skipped/>' };
  const cases = Object.entries(tests).map(([test, outcome]) => {
    // `e in a.test.ts`: the same name can stand in two files.
    const [name, file] = test.split(' in ');
    return `<testcase classname="shop" name="${name}"${file === undefined ? '' : ` file="${file}"`}>${inside[outcome]}</testcase>`;
  });
  return new TextEncoder().encode(`<testsuite name="shop">${cases.join('')}</testsuite>`);
};

let tokens = 0;
let jobs = 0;
export const begun = async (deps: FakeDependencies, version = '1.2.3') => {
  deps.controls.clock.advance(60_000);
  const run = await givenRun(deps, { version }, { ...ci, token: String(++tokens).padStart(64, '3') });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  const tested = async (tests: Readonly<Record<string, Outcome>>, source = 'unit') => {
    deps.controls.clock.advance(1000);
    const sent = await recordEvidence(
      deps,
      {
        run,
        type: 'junit',
        bytes: junit(tests),
        contentType: 'application/xml',
        source,
        commit,
        madeAt: deps.clock.now().toISOString(),
        producerRun: `job-${++jobs}`,
        producerAttempt: 1,
      },
      ci,
    );
    expect(sent.refused).toBeUndefined();
    await machine.settle();
  };
  const finding = async () =>
    (await readRun(deps, run)).ok?.gates.flatMap(({ checks }) => checks).find((one) => one.check === 'no-regressions') ?? expect.fail();
  const waived = async (subject?: string) => {
    const until = new Date(deps.clock.now().getTime() + 3_600_000).toISOString();
    const part = subject === undefined ? {} : { subject: partInputSchema.parse(subject) };
    const given = { request: anew(), run, check: 'no-regressions', reason: 'Renamed in pull request 12.', until, ...part };
    const said = await waive(deps, given, personIn(deps, 'technical-lead'));
    expect(said.refused).toBeUndefined();
    await machine.settle();
  };
  return { run, machine, tested, finding, waived };
};

/** The reconciler says it at the end of a run. */
export const becameStable = (
  deps: FakeDependencies,
  run: string,
  version = '1.2.3',
  level: 'production-stable' | 'deployed' = 'production-stable',
) =>
  deps.trail.append(
    {
      scope: productionScope,
      lane: 'live',
      step: `${run}/${level}`,
      type: 'environment.live',
      actor: { kind: 'system', id: 'reconciler' },
      data: {
        run,
        version,
        level,
        components: [{ component: 'web', digest: artifact, reference: null }],
        waitScale: 1,
        triggered: false,
        rolledBack: null,
      },
    },
    { parentHash: genesis },
  );

/** A world in which version 1.2.3 was released with these tests. */
export const released = async (tests: Readonly<Record<string, Outcome>>) => {
  const deps = dependenciesOf(twoGates);
  const first = await begun(deps);
  await first.tested(tests);
  await first.waived();
  expect(first.machine.at()).toBe('phase-2');
  // What is sent later was never compared at the gate, such as smoke tests of the running service.
  await first.tested({ 'smoke of production': 'passed' }, 'smoke');
  await becameStable(deps, first.run);
  return { deps, first };
};
