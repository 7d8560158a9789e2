import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

/** Commands of people who make exceptions, and what a start says so that some cannot be made. */

const recorded = { event: 'e'.repeat(32), check: 'plan', verdict: 'missing', reason: 'no evidence yet', alreadyRecorded: false };
const called = async (...argv: string[]) => {
  const { io, said } = terminal(() => json(recorded, 201));
  const code = await run(argv, io);
  return { code, ...said };
};

describe('holdpoint waive --revoke', () => {
  test('sends the reason and says how the check stands now', async () => {
    const { code, out, asked } = await called('waive', 'r1', 'plan', '--revoke', '--reason', 'The reviewer is back.');
    expect([code, out]).toEqual([0, 'Revoked: the exception of plan. The check is missing now: no evidence yet.\n']);
    expect(asked.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual([
      ['POST', 'https://holdpoint.test/v1/runs/r1/checks/plan/revocations', { reason: 'The reviewer is back.' }],
    ]);
  });

  test.each([
    ['without a reason', ['--revoke'], '--reason is missing'],
    ['with an end', ['--revoke', '--until', '2026-12-01T00:00:00Z', '--reason', 'The reviewer is back.'], 'exclude each other'],
  ])('%s is wrong usage', async (_, flags, why) => {
    const { code, err, asked } = await called('waive', 'r1', 'plan', ...flags);
    expect([code, asked.length, err]).toEqual([2, 0, expect.stringContaining(why) as unknown]);
  });
});

describe('holdpoint not-applicable', () => {
  test.each(['not-applicable', 'na'])('%s sends the declaration', async (name) => {
    const { code, out, asked } = await called(name, 'r1', 'plan', '--reason', 'Nothing is migrated.');
    expect([code, out]).toEqual([0, 'Not applicable: plan, no evidence yet.\n']);
    expect(asked[0]).toMatchObject({ url: 'https://holdpoint.test/v1/runs/r1/checks/plan/not-applicable' });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ reason: 'Nothing is migrated.' });
  });

  test('needs a reason', async () => {
    expect((await called('na', 'r1', 'plan')).code).toBe(2);
  });
});

test('holdpoint start names the migration scripts of the release', async () => {
  const flags = ['--service', 'shop', '--environment', 'production', '--version', '1.4.0', '--commit', 'a'.repeat(40)];
  const artifact = ['--artifact', `web=sha256:${'b'.repeat(64)}`, '--reason', 'Checkout with vouchers'];
  const { asked } = await called('start', ...flags, ...artifact, '--migration', 'db/014.sql', '--migration', 'db/015.sql');
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ migrations: ['db/014.sql', 'db/015.sql'] });
});
