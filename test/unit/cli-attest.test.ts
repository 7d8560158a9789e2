import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { listing } from '../../lib/checklist/listing.ts';
import type { Io } from '../../lib/cli/io.ts';
import { run } from '../../lib/cli/main.ts';
import { diskOf } from './disk.ts';
import { view } from './run-views.ts';
import { type Asked, json, terminal } from './terminal.ts';

const at = 'https://holdpoint.test/v1';
const called = async (argv: readonly string[], answer: (asked: Asked) => Response, disk: Partial<Io> = {}) => {
  const { io, said } = terminal(answer, {}, disk);
  const code = await run(argv, io);
  return {
    code,
    out: said.out,
    err: said.err,
    sent: said.asked.map(({ method, url, body }) => ({ method, url, body: body && JSON.parse(body) })),
  };
};

describe('attesting several checks', () => {
  const list = listing(baseChecklist);
  const recorded = (check: string) => ({
    event: 'e'.repeat(32),
    check,
    verdict: 'pass',
    reason: 'attested by p-2f84d6b1ol',
    alreadyRecorded: false,
  });
  const refused = {
    type: 'https://holdpoint.dev/problems/role-missing',
    title: 'Role missing',
    status: 403,
    detail: 'You are no operations lead.',
    instance: 'x',
  };
  const given = { event: 'e'.repeat(32), check: 'x', state: 'waits', confirmedBy: ['product-owner'], alreadyRecorded: false };
  const server = ({ method, url }: Asked): Response => {
    const { pathname } = new URL(url);
    if (pathname === '/v1/checklist') return json(list);
    if (method === 'GET') return json(view());
    const check = /checks\/([^/]+)\//.exec(pathname)?.[1] ?? '';
    if (check === 'dashboards-open') return json(refused, 403, 'application/problem+json');
    return json(pathname.startsWith('/v1/services') ? { ...given, check } : recorded(check), 201);
  };

  test('looks all names up first, and sends nothing when one is wrong', async () => {
    const argv = ['attest', '--service', 'shop', 'operations-trained', 'coverage-per-feature', 'no-such', '--statement', 'Seen.'];
    const { code, err, sent } = await called(argv, server);
    expect([code, sent.map(({ method }) => method)]).toEqual([2, ['GET']]);
    expect(err).toContain(
      'nothing was sent: coverage-per-feature, no-such are no checks that people attest (coverage-per-feature: proved by a report)',
    );
  });

  test('says for each what happened, goes on after a refusal, and exits 1', async () => {
    const argv = ['attest', 'r1', 'team-assembled', 'dashboards-open', 'monitoring-configured', '--statement', 'Seen.'];
    const { code, out, err, sent } = await called(argv, server);
    expect(code).toBe(1);
    expect(out).toBe('Attested: team-assembled is pass.\nAttested: monitoring-configured is pass.\n');
    expect(err).toMatch(/^dashboards-open: Role missing\. You are no operations lead\.\n/);
    // The checklist is the one that the run has pinned.
    expect(sent.map(({ method, url }) => `${method} ${url.slice(at.length)}`)).toEqual([
      'GET /runs/r1',
      `GET /checklist?digest=${'e'.repeat(64)}`,
      'POST /runs/r1/checks/team-assembled/attestations',
      'POST /runs/r1/checks/dashboards-open/attestations',
      'POST /runs/r1/checks/monitoring-configured/attestations',
    ]);
    const asJson = JSON.parse((await called([...argv, '--json'], server)).out) as unknown;
    expect(asJson).toEqual({
      attested: [
        { check: 'team-assembled', recorded: recorded('team-assembled') },
        { check: 'dashboards-open', problem: refused },
        { check: 'monitoring-configured', recorded: recorded('monitoring-configured') },
      ],
    });
  });

  test('sends a file in base64 and the time until which it holds with each of them', async () => {
    const disk = diskOf({ 'seen.txt': 'Seen.', 'large.txt': 'x'.repeat(3 * 1024 * 1024 + 1) });
    const more = ['--file', 'seen.txt', '--valid-until', '2026-12-01T18:00:00Z'];
    const argv = ['attest', 'r1', 'team-assembled', 'monitoring-configured', '--statement', 'Seen.', ...more];
    const { code, sent } = await called(argv, server, disk.io);
    const body = { statement: 'Seen.', validUntil: '2026-12-01T18:00:00Z', file: Buffer.from('Seen.').toString('base64') };
    expect([code, sent.filter(({ method }) => method === 'POST').map((one) => one.body as unknown)]).toEqual([0, [body, body]]);
    for (const [file, says] of [
      ['large.txt', '3145728 are the most'],
      ['none.txt', 'none.txt cannot be read'],
    ] as const) {
      const no = await called(['attest', 'r1', 'team-assembled', '--statement', 'Seen.', '--file', file], server, disk.io);
      expect([no.code, no.sent, no.err]).toEqual([2, [], expect.stringContaining(says) as unknown]);
    }
  });

  test('for a service each waits for a second person', async () => {
    const argv = ['attest', '--service', 'shop', 'operations-trained', 'support-trained', '--statement', 'Seen.'];
    const { code, out, sent } = await called(argv, server);
    expect(code).toBe(0);
    expect(out.match(/^Attested for shop: .*holdpoint confirm shop e{32}$/gm)).toHaveLength(2);
    expect(sent.map(({ body }) => body as unknown)).toEqual(['', { statement: 'Seen.' }, { statement: 'Seen.' }]);
  });

  test('a run that does not exist, and a check that is named twice', async () => {
    const unknown = { ...refused, type: 'https://holdpoint.dev/problems/run-unknown', title: 'No such run', status: 404 };
    const missing = await called(['attest', 'r9', 'team-assembled', 'dashboards-open', '--statement', 'x'], () =>
      json(unknown, 404, 'application/problem+json'),
    );
    expect([missing.code, missing.sent.length, missing.err]).toEqual([1, 1, expect.stringContaining('No such run') as unknown]);
    const twice = await called(['attest', 'r1', 'team-assembled', 'team-assembled', '--statement', 'x'], server);
    expect([twice.code, twice.sent]).toEqual([2, []]);
  });
});
