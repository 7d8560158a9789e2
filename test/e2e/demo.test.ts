import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { copyOfCheckout, node, type Result } from './checkout.ts';
import { documentSchema } from './demo-document.ts';

/** The document of a demonstration that this checkout has just played, as `.ci/run` does: it is not played a second time. */
const played = process.env.HOLDPOINT_TEST_DEMO;
const minute = 60_000;
const checkout = copyOfCheckout();
const holdpoint = (...args: string[]) => node(checkout.folder, ['bin/holdpoint.mjs', ...args], 7 * minute);
const gateIds = baseChecklist.gates.map(({ id }) => id as string);
const documentChecks = baseChecklist.items.filter(({ kind, source }) => kind === 'check' && source === 'document').length;

const demo = async (): Promise<Result> => {
  const up = await holdpoint('local', 'up');
  return up.code === 0 ? holdpoint('local', 'demo', '--once', '--json') : up;
};
afterAll(async () => {
  if (played === undefined) await holdpoint('local', 'down');
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
