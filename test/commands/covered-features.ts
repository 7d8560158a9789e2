import { expect } from 'vitest';
import { partInputSchema } from '../../lib/fields.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { revokeException } from '../../lib/run/commands/revoke-exception.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenRun, personIn, reportOfRun } from '../given.ts';
import { machineOf } from '../machine.ts';
import { hour } from '../story.ts';

/** Runs with checks whose parts are features, and what people decide about them. */
export const day = 24 * hour;
const features = ['cart', 'checkout', 'orders'];
const checklist = checklistOf(
  [
    gate('phase-1'),
    gate('go-no-go', { role: 'approval', asks: ['technical-lead', 'operations-lead'], reports: ['phase-1'], rejudges: true }),
    gate('phase-2'),
  ],
  [
    check('coverage', 'phase-1', {
      rule: coverageAtLeast.of({
        metric: 'lines',
        floorPct: 70,
        per: 'feature',
        features: features.map((id) => ({ id, paths: [`src/${id}/**`] })),
      }),
    }),
    check('tested', 'phase-1', {
      optional: true,
      rule: junitPasses.of({ minTests: 1, features: features.map((id) => ({ id, suites: [`*${id}*`] })) }),
    }),
    check('strict', 'phase-2', {
      waivable: false,
      rule: junitPasses.of({ minTests: 1, features: features.map((id) => ({ id, suites: [`*${id}*`] })) }),
    }),
    check('go', 'go-no-go', { kind: 'sign-off', rule: { kind: 'signed/1', role: 'technical-lead' } }),
    check('go-operations', 'go-no-go', { kind: 'sign-off', rule: { kind: 'signed/1', role: 'operations-lead' } }),
  ],
);

type Feature = 'cart' | 'checkout' | 'orders';
/** Covered shares of the features, in percent. */
const lcov = (shares: Partial<Record<Feature, number>>): Uint8Array =>
  new TextEncoder().encode(
    Object.entries(shares)
      .map(([id, share]) =>
        [`SF:src/${id}/a.ts`, ...Array.from({ length: 100 }, (_, at) => `DA:${at + 1},${at < share ? 1 : 0}`), 'end_of_record\n'].join(
          '\n',
        ),
      )
      .join(''),
  );
const junit = (outcomes: Partial<Record<Feature, string>>): Uint8Array =>
  new TextEncoder().encode(
    `<testsuites>${Object.entries(outcomes)
      .map(([id, inside]) => `<testsuite name="${id}"><testcase classname="${id}" name="t">${inside}</testcase></testsuite>`)
      .join('')}</testsuites>`,
  );

let tokens = 0;
export const begun = async (deps: FakeDependencies) => {
  deps.controls.clock.advance(1000);
  const run = await givenRun(deps, {}, { ...ci, token: String(++tokens).padStart(64, '1') });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return { run, machine };
};
export const world = () => dependenciesOf(checklist);
export const lead = (deps: FakeDependencies) => personIn(deps, 'technical-lead');
const in_ = (deps: FakeDependencies, ms: number): string => new Date(deps.clock.now().getTime() + ms).toISOString();
const part = (name: string | undefined) => (name === undefined ? {} : { subject: partInputSchema.parse(name) });

let jobs = 0;
export const covered = async (deps: FakeDependencies, run: string, shares: Parameters<typeof lcov>[0], exitCode?: number) => {
  deps.controls.clock.advance(1000);
  const report = {
    ...reportOfRun(run, deps, lcov(shares)),
    type: 'lcov',
    contentType: 'text/plain',
    producerRun: `job-${++jobs}`,
  } as const;
  expect((await recordEvidence(deps, { ...report, ...(exitCode === undefined ? {} : { exitCode }) }, ci)).refused).toBeUndefined();
};
export const tested = async (deps: FakeDependencies, run: string, outcomes: Parameters<typeof junit>[0]) => {
  deps.controls.clock.advance(1000);
  expect(
    (await recordEvidence(deps, { ...reportOfRun(run, deps, junit(outcomes)), producerRun: `job-${++jobs}` }, ci)).refused,
  ).toBeUndefined();
};
export const waiveIn = (deps: FakeDependencies, run: string, subject?: string, { id = 'coverage', ms = day, caller = lead(deps) } = {}) =>
  waive(deps, { request: anew(), run, check: id, reason: 'Tests follow in ticket 4412.', until: in_(deps, ms), ...part(subject) }, caller);
export const declareIn = (deps: FakeDependencies, run: string, subject: string, id = 'tested') =>
  declareNotApplicable(deps, { request: anew(), run, check: id, reason: 'It is switched off here.', ...part(subject) }, lead(deps));
export const revokeIn = (deps: FakeDependencies, run: string, subject?: string, id = 'coverage') =>
  revokeException(deps, { request: anew(), run, check: id, reason: 'It was found to matter.', ...part(subject) }, lead(deps));
export const findingOf = async (deps: FakeDependencies, run: string, id = 'coverage') =>
  (await readRun(deps, run)).ok?.gates.flatMap(({ checks }) => checks).find((one) => one.check === id) ?? expect.fail(id);
