import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { terminal } from '../../bin/terminal.ts';
import { record } from '../../lib/evidence/record.ts';
import { listChanges } from '../../lib/local/demo/holdpoint-tools.ts';
import { awaited, type RecordText, writeRecord } from '../../lib/local/demo/records.ts';
import { changeIn, heardIn, reddenedIn } from '../../lib/local/demo/records-alerts.ts';
import { figureOf, storedForm, tableStateOf } from '../../lib/local/demo/records-data.ts';
import { busyClients, median, sampleOf } from '../../lib/local/demo/records-load.ts';
import { requestLines } from '../../lib/local/demo/records-logs.ts';
import { functionStateOf } from '../../lib/local/demo/records-platform.ts';
import {
  issueOf,
  issuesRecord,
  noteReview,
  pipelineRecord,
  reviewsIn,
  reviewsRecord,
  scheduleRecord,
} from '../../lib/local/demo/records-team.ts';
import type { Report } from '../../lib/local/demo/reports.ts';
import type { Workspace } from '../../lib/local/demo/workspace.ts';
import { projectFolder } from '../../lib/local/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'records-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const workspace: Workspace = { root: projectFolder, folder, endpoint: 'http://127.0.0.1:1', signal: new AbortController().signal };

/** What Holdpoint understands of the record. */
const understood = ({ file, type }: Report) => {
  expect(type).toBe('record');
  const parsed = record.parse(readFileSync(file));
  return parsed.ok ?? expect.fail(JSON.stringify(parsed));
};

describe('a record', () => {
  test('has the name of its file from what it is about, and is understood', () => {
    const text: RecordText = {
      record: 'data-check',
      about: 'consistency',
      tool: 'a test',
      content: { comparisons: [{ name: 'orders', left: { of: 'a', rows: 1, checksum: 'x' }, right: { of: 'b', rows: 2, checksum: 'x' } }] },
    };
    const report = writeRecord(workspace, text);
    expect([report.source, report.file.endsWith('data-check-consistency.record.json')]).toEqual(['data-check-consistency', true]);
    expect(understood(report)).toMatchObject({ record: 'data-check', about: 'consistency', environment: null, faultsCount: 1 });
  });

  test('waits for what it looks for, and says when it did not come', async () => {
    let looks = 0;
    const look = async (): Promise<number | undefined> => {
      looks += 1;
      return looks === 3 ? looks : undefined;
    };
    expect(await awaited(workspace, { limitMs: 5_000, pauseMs: 1, look })).toBe(3);
    expect(await awaited(workspace, { limitMs: 5, pauseMs: 1, look: async () => undefined })).toBeUndefined();
  });
});

describe('the orders', () => {
  const order = JSON.stringify({ id: 'a', customer: 'Ada', lines: [{ sku: 'tea', quantity: 1 }] });

  test('have the same checksum in any order of orders and members, and another one after any change', () => {
    const other = JSON.stringify({ lines: [{ quantity: 1, sku: 'tea' }], customer: 'Ada', id: 'a' });
    const same = figureOf(
      new Map([
        ['b', order],
        ['a', other],
      ]),
    );
    expect(
      figureOf(
        new Map([
          ['a', order],
          ['b', order],
        ]),
      ),
    ).toEqual(same);
    expect(figureOf(new Map([['a', order]]))).not.toEqual(figureOf(new Map([['a', order.replace('Ada', 'Eve')]])));
    expect(figureOf(new Map([['a', order]])).checksum).not.toBe(figureOf(new Map([['b', order]])).checksum);
  });

  test('are compared without what the service computes', () => {
    expect(storedForm({ ...(JSON.parse(order) as object), total: 450, totalText: '€4.50' })).toBe(order);
  });
});

test.each([
  ['ACTIVE', 'ready'],
  ['CREATING', 'creating'],
  ['DELETING', 'unknown'],
  ['ARCHIVED', 'unknown'],
  [undefined, 'missing'],
])('a table that is %s is %s', (status, state) => {
  expect(tableStateOf(status)).toBe(state);
});

test.each([
  ['Active', 'Successful', 'ready'],
  [undefined, undefined, 'ready'],
  ['Pending', undefined, 'creating'],
  ['Active', 'InProgress', 'creating'],
  ['Failed', undefined, 'failed'],
  ['Active', 'Failed', 'failed'],
  ['Deactivated', undefined, 'unknown'],
])('a function in state %s with update %s is %s', (state, update, expected) => {
  expect(functionStateOf(state, update)).toBe(expected);
});

describe('an alarm', () => {
  test('is read from a notification, and nothing else is', () => {
    const message = JSON.stringify({ AlarmName: 'errors', NewStateValue: 'ALARM', Region: 'x' });
    expect(changeIn(message)).toEqual({ alarm: 'errors', state: 'ALARM' });
    for (const other of [undefined, '', 'no JSON', '[]', '{"AlarmName":"errors"}']) expect(changeIn(other)).toBeUndefined();
  });

  test('turned red at the first change to ALARM since the instant', () => {
    const item = (at: string, to: string): string =>
      `<member><Timestamp>${at}</Timestamp><HistorySummary>Alarm updated from X to ${to}</HistorySummary></member>`;
    const history = [
      item('2026-03-01T08:02:00Z', 'ALARM'),
      item('2026-03-01T08:01:00Z', 'ALARM'),
      item('2026-03-01T08:00:30Z', 'OK'),
      item('2026-03-01T07:00:00Z', 'ALARM'),
    ].join('');
    expect(reddenedIn(history, new Date('2026-03-01T08:00:00Z'))).toEqual(new Date('2026-03-01T08:01:00Z'));
    expect(reddenedIn(history, new Date('2026-03-01T09:00:00Z'))).toBeUndefined();
  });

  test('was heard when Holdpoint recorded a bad observation of it afterwards', () => {
    const event = (at: string, data: object) => ({ at, data: { kind: 'alarm', bad: true, subject: 'errors', summary: '', ...data } });
    const events = [
      event('2026-03-01T08:00:00Z', {}),
      event('2026-03-01T08:01:00Z', { bad: false }),
      event('2026-03-01T08:01:01Z', { subject: 'another' }),
      event('2026-03-01T08:01:02Z', {}),
    ];
    expect(heardIn(events, 'errors', new Date('2026-03-01T08:00:30Z'))).toBe('2026-03-01T08:01:02Z');
    expect(heardIn(events, 'errors', new Date('2026-03-01T08:02:00Z'))).toBeNull();
  });
});

test('lines about requests are found among other lines of one event', () => {
  const line = {
    time: '2026-03-01T08:00:00Z',
    service: 'shop',
    message: 'request',
    requestId: 'r',
    status: 200,
    qualifier: 'live',
    latencyMs: 3,
  };
  const message = ['START', `2026 INFO ${JSON.stringify(line)}`, JSON.stringify({ ...line, message: 'metrics lost' }), '{'].join('\n');
  expect(requestLines([{ at: new Date(), message }])).toEqual([line]);
});

describe('what is measured under load', () => {
  const answer = { ms: 100, bytes: 1, ok: true, instance: 'a' };

  test('is the median of the figures', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, 0]);
  });

  test('counts the clients that are served, not those that fail', () => {
    const answers = [answer, answer, { ...answer, ok: false }];
    expect(busyClients({ answers, ms: 100 })).toBe(2);
  });

  test('counts the processes that gave three quarters of the answers, and each failure', () => {
    const many = Array.from({ length: 40 }, () => answer);
    const answers = [...many, { ...answer, instance: 'rare' }, { ...answer, ok: false, instance: null }];
    expect(sampleOf(new Date('2026-03-01T08:00:00Z'), { answers, ms: 6_000 })).toEqual({
      at: '2026-03-01T08:00:00.000Z',
      load: 420,
      instances: 1,
      failedRequests: 10,
    });
    const even = ['a', 'b', 'c', 'd'].flatMap((instance) => many.map((one) => ({ ...one, instance })));
    expect(sampleOf(new Date(), { answers: even, ms: 6_000 }).instances).toBe(3);
    expect(sampleOf(new Date(), { answers: [{ ...answer, instance: null }], ms: 6_000 }).instances).toBe(0);
  });
});

describe('the work on the service', () => {
  test('a job that failed or was broken off is no success', () => {
    const jobs = [
      { name: 'test', code: 0 },
      { name: 'lint', code: 1 },
      { name: 'scan', code: null },
    ];
    expect(understood(pipelineRecord(workspace, jobs))).toMatchObject({
      figures: { succeeded: 1 },
      faults: ['the job lint: failure', 'the job scan: cancelled'],
    });
  });

  const repository = (): { readonly folder: string; readonly head: string } => {
    const own = mkdtempSync(join(folder, 'repository-'));
    const run = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=shop', '-c', 'user.email=shop@example.com', '-c', 'commit.gpgsign=false', ...args], {
        cwd: own,
        encoding: 'utf8',
      }).trim();
    run('init', '--quiet');
    writeFileSync(join(own, 'a'), 'a');
    run('add', '--all');
    run('commit', '--quiet', '--no-verify', '--message', 'one');
    return { folder: own, head: run('rev-parse', 'HEAD') };
  };

  test('a commit is approved by who reviewed it, and not without a review or by its author', () => {
    const { folder: own, head } = repository();
    expect(understood(reviewsRecord(workspace, { folder: own, base: null, head })).faultsCount).toBe(1);
    noteReview(own, head, 'shop');
    expect(understood(reviewsRecord(workspace, { folder: own, base: null, head })).faultsCount).toBe(1);
    noteReview(own, head, 'technical-lead');
    expect(understood(reviewsRecord(workspace, { folder: own, base: null, head }))).toMatchObject({ faultsCount: 0, commit: head });
  });

  test('what differs from the live version is listed, at first every file', async () => {
    const { folder: own, head } = repository();
    const io = terminal(async () => undefined);
    const listed = async (base: string | null) => understood(await listChanges(io, { folder: own, version: '1.0.0', commit: head, base }));
    expect(await listed(null)).toMatchObject({ commit: head, changed: ['a'] });
    expect(await listed(head)).toMatchObject({ base: head, changed: [] });
  });

  test('no commit since the live version proves nothing', () => {
    const { folder: own, head } = repository();
    expect(understood(reviewsRecord(workspace, { folder: own, base: head, head })).items).toBe(0);
  });

  test('other lines of a note are no review', () => {
    expect(reviewsIn('Seen-by: a at 2026-03-01T08:00:00Z\nReviewed-by: a\nReviewed-by: a at noon', 'c')).toEqual([]);
  });

  test('a role that nobody holds is uncovered', () => {
    const people = [{ id: 'p-1', name: 'Ada', address: 'ada@example.com', roles: ['operations-lead'] }];
    const given = { roles: ['operations-lead', 'technical-lead'], hours: 4 };
    expect(understood(scheduleRecord({ workspace, people }, given)).figures).toMatchObject({ hours: 4, uncoveredMinutes: 240 });
  });

  test('an issue without a state, or of unknown severity, counts as open and critical', () => {
    const own = join(folder, 'source');
    mkdirSync(join(own, 'issues'), { recursive: true });
    const write = (name: string, text: string): void => writeFileSync(join(own, 'issues', name), text);
    write('README.md', '# Issues');
    write('1.md', '---\nseverity: critical\nstate: closed\n---\n# Done');
    write('2.md', '---\nseverity: minor\nstate: open\n---\n# Small');
    expect(understood(issuesRecord(workspace, { folder: own })).figures).toMatchObject({ searched: 2, open: 0, closed: 1 });
    write('3.md', '# No front matter\nstate: closed');
    expect(understood(issuesRecord(workspace, { folder: own })).figures).toMatchObject({ searched: 3, open: 1 });
    expect(issueOf('4', '---\r\nseverity: critical\r\nstate: open\r\n---\r\n')).toEqual({ id: '4', severity: 'critical', state: 'open' });
  });

  test('the issues of the shop hold no critical one that is open', () => {
    const shop = join(projectFolder, 'lib', 'local', 'shop');
    expect(understood(issuesRecord(workspace, { folder: shop }))).toMatchObject({ faultsCount: 0, figures: { searched: 3 } });
  });
});
