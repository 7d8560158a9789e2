import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { copyOfCheckout, node } from './checkout.ts';

const budget = z.strictObject({ limitSeconds: z.number(), met: z.boolean() });
const rollbackSchema = z.strictObject({
  trigger: z.string().nullable(),
  decidedSeconds: z.number().nullable(),
  executedSeconds: z.number().nullable(),
  verifiedSeconds: z.number().nullable(),
  totalSeconds: z.number().nullable(),
  steps: z.array(
    z.strictObject({
      id: z.string(),
      outcome: z.enum(['done', 'kept', 'failed', 'not-applicable']),
      proof: z.strictObject({ evidence: z.array(z.string()), at: z.iso.datetime() }).nullable(),
    }),
  ),
  budgets: z.strictObject({ decision: budget, execution: budget, verification: budget, total: budget }),
});

const runFields = {
  run: z.string().min(1),
  outcome: z.string(),
  waitScale: z.number().positive(),
  definitionDigest: z.string().regex(/^[0-9a-f]{64}$/),
  gates: z.array(
    z.strictObject({
      id: z.string(),
      state: z.string().nullable(),
      openedAt: z.iso.datetime().nullable(),
      settledAt: z.iso.datetime().nullable(),
    }),
  ),
  checks: z.strictObject({
    pass: z.int(),
    fail: z.int(),
    inconclusive: z.int(),
    missing: z.int(),
    error: z.int(),
    waived: z.int(),
    notApplicable: z.int(),
  }),
  events: z.int(),
  transitions: z.int(),
  invocations: z.int(),
  writeUnits: z.number(),
  readUnits: z.number(),
  mails: z.int(),
  cost: z.strictObject({ dollars: z.number().positive(), parts: z.record(z.string(), z.number()) }),
};
const runSchema = z.strictObject({ ...runFields, rollback: rollbackSchema.optional() });
/** Exactly what `npm start -- --once --json` prints. */
const documentSchema = z.strictObject({
  ...runFields,
  wallSeconds: z.number(),
  firstGate: z
    .strictObject({ seconds: z.number(), parts: z.array(z.strictObject({ name: z.string(), seconds: z.number() })).min(1) })
    .nullable(),
  runs: z.array(runSchema).min(1).max(2),
});

/** The document of a demonstration that this checkout has just played, as `.ci/run` does: it is not played a second time. */
const played = process.env.HOLDPOINT_TEST_DEMO;
const minute = 60_000;
const checkout = copyOfCheckout();
const holdpoint = (...args: string[]) => node(checkout.folder, ['bin/holdpoint.mjs', ...args], 7 * minute);
const demo = () => holdpoint('local', 'demo', '--once', '--json');
const gateIds = baseChecklist.gates.map(({ id }) => id as string);
const documentChecks = baseChecklist.items.filter(({ kind, source }) => kind === 'check' && source === 'document').length;

beforeAll(async () => {
  const up = await holdpoint('local', 'up');
  if (up.code !== 0) throw new Error(`no local stage: ${up.err}${up.out}`);
}, 3 * minute);
afterAll(async () => {
  await holdpoint('local', 'down');
  checkout.remove();
}, minute);

describe('npm start -- --once --json', () => {
  test('releases the shop until it is production-stable, takes a bad release back, and counts every figure', {
    timeout: 7 * minute,
  }, async () => {
    const { code, out, err } = played === undefined ? await demo() : { code: 0, out: readFileSync(played, 'utf8'), err: undefined };
    expect(code, err?.slice(-3000)).toBe(0);
    const document = documentSchema.parse(JSON.parse(out));
    expect(document.outcome).toBe('production-stable');
    expect(document.gates.map(({ id, state }) => [id, state])).toEqual(gateIds.map((id) => [id, 'passed']));
    const settled = document.gates.map(({ settledAt }) => settledAt ?? '');
    expect(settled).toEqual([...settled].sort());
    expect(Object.values(document.checks).reduce((total, count) => total + count, 0)).toBe(documentChecks);
    // The shop proves what it has, and says of each check that does not apply why.
    expect(documentChecks).toBe(91);
    expect(document.checks).toMatchObject({ fail: 0, inconclusive: 0, missing: 0, error: 0, waived: 1, notApplicable: 6 });
    expect(document.transitions).toBeLessThanOrEqual(30);
    expect(document.transitions).toBeGreaterThanOrEqual(2 * gateIds.length);
    expect(document.writeUnits).toBeGreaterThanOrEqual(document.events);
    expect(document.invocations).toBeGreaterThan(gateIds.length);
    // Three people get two requests each, and one notice goes out before T0.
    expect(document.mails).toBeGreaterThanOrEqual(7);

    const { wallSeconds, firstGate, runs, ...top } = document;
    expect(firstGate?.seconds).toBeGreaterThan(0);
    expect(firstGate?.seconds).toBeLessThan(wallSeconds);
    expect(runs).toHaveLength(2);
    expect(runs[0]).toEqual(top);
    const { outcome, rollback, transitions, checks } = runs[1] ?? expect.fail('no second run');
    expect([outcome, rollback?.trigger]).toEqual(['rolled-back', 'critical-feature-not-working']);
    expect(checks).toMatchObject({ waived: 0, notApplicable: 6 });
    expect(rollback?.steps.map((step) => [step.id, step.outcome, step.proof !== null])).toEqual([
      ['stop-requests', 'done', true],
      ['revert-version', 'done', true],
      ['restore-database', 'not-applicable', false],
      ['restart-services', 'not-applicable', false],
      ['verify-health', 'done', true],
      ['monitor-stability', 'done', true],
    ]);
    expect(Object.values(rollback?.budgets ?? {}).map(({ limitSeconds, met }) => [limitSeconds, met])).toEqual([
      [300, true],
      [600, true],
      [300, true],
      [1200, true],
    ]);
    expect(rollback?.decidedSeconds).toBeGreaterThan(0);
    expect(transitions).toBeLessThanOrEqual(45);
    if (err === undefined) return;
    expect(err).toContain(`the first gate passed ${firstGate?.seconds.toFixed(1)} s after the command; until then: `);
    expect(JSON.parse(checkout.read('.local/last-demo.json'))).toEqual(document);
    const status = await holdpoint('status', document.run, '--json');
    const view = JSON.parse(status.out) as { readonly events: number; readonly closed: boolean };
    expect([status.code, view.closed, view.events]).toEqual([0, true, document.events]);
    const environment = await holdpoint('environment', 'show', 'shop', '--environment', 'production', '--json');
    expect(JSON.parse(environment.out)).toMatchObject({ holder: null, target: { run: document.run, level: 'production-stable' } });
  });

  test('is blocked at phase 1 when a unit test of the shop fails, and names that test', { timeout: 4 * minute }, async () => {
    const name = 'the sun rises in the west';
    checkout.write(
      'lib/local/shop/test/unit/broken.test.ts',
      `import { expect, test } from 'vitest';\ntest('${name}', () => expect('east').toBe('west'));\n`,
    );
    const { code, out, err } = await demo();
    expect(code, err.slice(-3000)).toBe(1);
    const document = documentSchema.parse(JSON.parse(out));
    expect([document.outcome, document.runs.length, document.firstGate]).toEqual(['blocked', 1, null]);
    expect(document.gates[0]).toMatchObject({ id: 'phase-1', state: 'blocked', settledAt: null });
    expect(document.gates.slice(1).every(({ openedAt }) => openedAt === null)).toBe(true);
    expect(document.checks.fail).toBeGreaterThan(0);
    expect(err).toContain(name);
  });
});

describe('a report of more than 4 MB', () => {
  const commit = 'c'.repeat(40);
  const cases = Array.from({ length: 30_000 }, (_, n) => `<testcase classname="shop.orders" name="keeps the order ${n}" time="0.01"/>`);
  const output = `<system-out>${'a line that a test wrote\n'.repeat(320_000)}</system-out>`;
  const report = `<testsuite name="unit">${cases.join('\n')}${output}</testsuite>`;

  test('is uploaded and judged, and refused by its parser when it is cut off', { timeout: minute }, async () => {
    const of = [
      '--service',
      'shop',
      '--environment',
      'staging',
      '--version',
      '9.0.0',
      '--commit',
      commit,
      '--reason',
      'To send a large report',
    ];
    const started = await holdpoint('start', ...of, '--artifact', `web=sha256:${'a'.repeat(64)}`, '--json');
    expect(started.code, started.err).toBe(0);
    const { run } = JSON.parse(started.out) as { readonly run: string };
    checkout.write('large/junit.xml', report);
    checkout.write('large/cut-junit.xml', report.slice(0, -100));
    expect(report.length).toBeGreaterThan(10_000_000);
    const send = (file: string, ...more: string[]) => holdpoint('evidence', run, file, '--commit', commit, '--source', 'unit', ...more);
    const sent = await send('large/junit.xml', '--json');
    expect([sent.code, sent.err]).toEqual([0, '']);
    const recorded = JSON.parse(sent.out) as {
      readonly judged: readonly { readonly check: string; readonly verdict: string; readonly reason: string }[];
    };
    expect(recorded.judged).toContainEqual(expect.objectContaining({ verdict: 'pass', reason: expect.stringContaining('30000 tests') }));
    const cut = await send('large/cut-junit.xml');
    expect(cut.code).toBe(1);
    expect(cut.err).toContain('75 % uploaded');
    expect(cut.err).toContain('Evidence not readable');
  });
});

describe('npm start', () => {
  test('prints one error document when the set-up fails', async () => {
    const { code, out } = await node(
      checkout.folder,
      ['bin/holdpoint.mjs', 'local', 'demo', '--once', '--json', '--endpoint', 'http://192.0.2.1:4566'],
      minute,
    );
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ type: 'https://holdpoint.dev/problems/endpoint-refused', title: 'Endpoint not used' });
  });

  test('an unknown option is wrong usage', async () => {
    const { code, err } = await node(checkout.folder, ['bin/holdpoint.mjs', 'local', 'demo', '--twice'], minute);
    expect(code).toBe(2);
    expect(err).toContain('npm start -- [--once]');
  });
});
