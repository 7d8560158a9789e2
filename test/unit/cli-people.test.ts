import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { type Asked, json, terminal } from './terminal.ts';

/** Commands by which people look at runs and decide about them. */

const called = async (argv: readonly string[], answer: (asked: Asked) => Response) => {
  const { io, said } = terminal(answer);
  const code = await run(argv, io);
  return {
    code,
    out: said.out,
    err: said.err,
    sent: said.asked.map(({ method, url, body }) => ({ method, url, body: body && JSON.parse(body) })),
  };
};
const at = 'https://holdpoint.test/v1';
const decided = { event: 'e'.repeat(32), alreadyRecorded: false, gate: 'go-no-go' };
const observed = { event: 'e'.repeat(32), observation: 'p95', notCounted: [], alreadyRecorded: false };

describe('holdpoint runs', () => {
  const summary = (run: string, more: object = {}) => ({
    run,
    service: 'shop',
    environment: 'production',
    version: '1.4.0',
    commit: 'c'.repeat(40),
    startedAt: '2026-03-02T08:00:00.000Z',
    definition: 'd'.repeat(64),
    gate: 'go-no-go',
    outcome: null,
    blocked: false,
    asOf: '2026-03-02T08:00:00.000Z',
    ...more,
  });
  const pages = [
    {
      runs: [
        summary('r4', { waits: null }),
        summary('r3', {
          blocked: true,
          gateTitle: 'Go / no-go',
          waits: {
            since: '2026-03-02T09:00:00.000Z',
            for: [
              { way: 'signatures', roles: ['technical-lead', 'product-owner'], checks: 2 },
              { way: 'of-tomorrow', roles: [], checks: 1 },
            ],
          },
        }),
      ],
      next: 'second',
    },
    { runs: [summary('r2', { outcome: 'production-stable' }), summary('r1', { blocked: true })], next: null },
  ];
  const paged = ({ url }: Asked) => json(pages[new URL(url).searchParams.has('cursor') ? 1 : 0] ?? {});

  test('lists them newest first, over all pages, with what each waits for', async () => {
    const { code, out, sent } = await called(['runs', '--service', 'shop', '--environment', 'production'], paged);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split('  ').slice(0, 3))).toEqual([
      ['r4', 'shop 1.4.0 → production', 'waits at go-no-go'],
      [
        'r3',
        'shop 1.4.0 → production',
        'blocked at Go / no-go (go-no-go) for 2 signatures (technical lead, product owner), something that this version does not know',
      ],
      ['r2', 'shop 1.4.0 → production', 'production-stable'],
      ['r1', 'shop 1.4.0 → production', 'blocked at go-no-go'],
      [''],
    ]);
    expect(out).toContain('  since 2026-03-02 09:00:00 UTC  started 2026-03-02 08:00:00 UTC');
    expect(sent.map(({ url }) => new URL(url).search)).toEqual([
      '?service=shop&environment=production&limit=500',
      '?service=shop&environment=production&limit=500&cursor=second',
    ]);
  });

  test.each([
    ['open', ['r4', 'r3', 'r1']],
    ['blocked', ['r3', 'r1']],
    ['running', ['r4']],
    ['ended', ['r2']],
    ['production-stable', ['r2']],
    ['rejected', []],
  ])('--state %s', async (state, expected) => {
    const { out } = await called(['runs', '--state', state, '--json'], paged);
    const said = JSON.parse(out) as { runs: { run: string }[]; more: boolean };
    expect([said.runs.map((one) => one.run), said.more]).toEqual([expected, false]);
  });

  test('says that older ones are not listed', async () => {
    const { out, sent } = await called(['runs', '--limit', '1'], paged);
    expect(out).toMatch(/^r4 [^\n]*\nOlder runs are not listed/);
    expect(sent).toHaveLength(1);
    // Two pages of one run each: the second one is not needed to know that there is more.
    expect(JSON.parse((await called(['runs', '--limit', '3', '--json'], paged)).out)).toMatchObject({ more: true });
  });

  test('ends when many pages have no run of the state', async () => {
    const { out, sent } = await called(['runs', '--state', 'rejected'], () => json({ runs: [summary('r1')], next: 'another' }));
    expect([out, sent.length]).toEqual(['No such run.\nOlder runs are not listed: raise --limit, or name a service.\n', 20]);
  });

  test.each([
    [['--state', 'pass'], '--state pass: expected open, blocked'],
    [['--limit', '0'], '--limit 0'],
    [['--limit', 'many'], '--limit many'],
  ])('%j is wrong usage', async (flags, why) => {
    const { code, err, sent } = await called(['runs', ...flags], paged);
    expect([code, sent]).toEqual([2, []]);
    expect(err).toContain(why);
  });
});

describe('decisions about a run', () => {
  test.each([
    [['cancel', 'r1', '--reason', 'The wrong commit.'], 'cancel', { reason: 'The wrong commit.' }, 'Cancelled: the run ends at go-no-go.'],
    [
      ['incident', 'r1', '--resume', '--reason', 'It answers again.'],
      'incident',
      { decision: 'resume', reason: 'It answers again.' },
      'Decided: the run goes on at go-no-go.',
    ],
    [['incident', 'r1', '--end', '--reason', 'No.'], 'incident', { decision: 'end', reason: 'No.' }, 'Decided: the run ends.'],
  ])('%j', async (argv, path, body, text) => {
    const { code, out, sent } = await called(argv, () => json(decided, 201));
    expect([code, out, sent]).toEqual([0, `${text}\n`, [{ method: 'POST', url: `${at}/runs/r1/${path}`, body }]]);
  });

  test.each([
    [['cancel', 'r1'], '--reason is missing'],
    [['incident', 'r1', '--reason', 'x'], 'expected --resume or --end'],
    [['incident', 'r1', '--resume', '--end', '--reason', 'x'], 'got --resume and --end'],
    [['incident', 'r1', '--end'], '--reason is missing'],
  ])('%j is wrong usage', async (argv, why) => {
    const { code, err, sent } = await called(argv, () => json(decided, 201));
    expect([code, sent]).toEqual([2, []]);
    expect(err).toContain(why);
  });
});

describe('observations', () => {
  const seen = ['observe', 'r1', '--kind', 'alarm', '--subject', 'p95', '--summary', 'p95 is 900 ms'];

  test('observe sends what was seen, now, under an id of its content', async () => {
    const { code, out, sent } = await called([...seen, '--bad'], () => json({ ...observed, notCounted: [{ check: 'c', why: 'w' }] }, 201));
    const again = await called([...seen, '--bad'], () => json(observed, 201));
    expect(code).toBe(0);
    expect(out).toContain('not counted  c  w');
    expect(out).toContain('holdpoint label r1 p95 --true-alarm|--false-alarm');
    expect(sent).toEqual([
      {
        method: 'POST',
        url: `${at}/runs/r1/observations`,
        body: {
          observation: expect.stringMatching(/^seen-[0-9a-f]{12}$/) as unknown,
          kind: 'alarm',
          bad: true,
          subject: 'p95',
          summary: 'p95 is 900 ms',
          observedAt: '2026-03-02T08:00:00.000Z',
        },
      },
    ]);
    expect(again.sent).toEqual(sent);
  });

  test('observe takes id, time and a good sight', async () => {
    const { out, sent } = await called([...seen, '--good', '--id', 'p95-1', '--at', '2026-03-02T07:00:00Z'], () => json(observed, 201));
    expect(sent[0]?.body).toMatchObject({ observation: 'p95-1', bad: false, observedAt: '2026-03-02T07:00:00Z' });
    expect(out).not.toContain('holdpoint label');
  });

  test.each([
    ['--true-alarm', 'true', 'Labelled: p95 is a true alarm.'],
    ['--false-alarm', 'false', 'Labelled: p95 is a false alarm.'],
    ['--explained', 'explained', 'Labelled: p95 is explained.'],
  ])('label %s', async (flag, label, text) => {
    const { code, out, sent } = await called(['label', 'r1', 'p95', flag, '--reason', 'The load test.'], () => json(observed, 201));
    const body = { label, explanation: 'The load test.' };
    expect([code, out, sent]).toEqual([0, `${text}\n`, [{ method: 'POST', url: `${at}/runs/r1/observations/p95/label`, body }]]);
  });

  test.each([
    [seen, 'got neither, expected --bad or --good'],
    [[...seen, '--bad', '--good'], 'got --bad and --good'],
    [[...seen, '--bad', '--at', 'yesterday'], '--at yesterday'],
    [['observe', 'r1', '--kind', 'smell', '--bad', '--subject', 's', '--summary', 't'], '--kind smell: expected alarm'],
    [['observe', 'r1', '--kind', 'error', '--bad', '--subject', 's'], '--summary is missing'],
    [['label', 'r1', 'p95', '--reason', 'x'], 'got no label'],
    [['label', 'r1', 'p95', '--true-alarm', '--explained', '--reason', 'x'], 'got --true-alarm and --explained'],
    [['label', 'r1', 'p95', '--true-alarm'], '--reason is missing'],
    [['label', 'r1', '--true-alarm', '--reason', 'x'], 'expected RUN OBSERVATION'],
  ])('%j is wrong usage', async (argv, why) => {
    const { code, err, sent } = await called(argv, () => json(observed, 201));
    expect([code, sent]).toEqual([2, []]);
    expect(err).toContain(why);
  });
});

test('--version says both versions', async () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const { code, out } = await called(['--version'], () => json({}));
  expect([code, out]).toEqual([0, `holdpoint ${manifest.version}, Node.js ${process.versions.node}\n`]);
  const { out: asJson } = await called(['--version', '--json'], () => json({}));
  expect(JSON.parse(asJson)).toEqual({ holdpoint: manifest.version, node: process.versions.node });
});

test('the list of commands shows a command with two names once', async () => {
  const { out } = await called(['--help'], () => json({}));
  expect(out.match(/^ {2}(not-applicable|na)\b.*$/gm)).toEqual([expect.stringMatching(/^ {2}not-applicable, na +declare/) as unknown]);
});
