import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { jsonSchemaOf } from '../../lib/evidence/published-schemas.ts';
import type { RecordFacts } from '../../lib/evidence/record.ts';
import { figureInWords } from '../../lib/evidence/records/figure-words.ts';
import { recordKinds } from '../../lib/evidence/records/index.ts';
import { appliesTo, judgeEvidence } from '../../lib/registry/rules.ts';
import type { Verdict } from '../../lib/verdict.ts';
import { recordSampleOf } from '../samples.ts';
import { changed, factsOf, type Id, type Json, judged, parsed, ruleOf } from './records.ts';

const sample = (id: Id): Json => recordSampleOf(id);

describe.each(recordKinds.map((kind) => [kind.id, kind] as const))('%s', (id, kind) => {
  test('is understood, and passes without limits', () => {
    expect(judged(sample(id)).verdict).toBe('pass');
    expect(factsOf(sample(id)).items).toBeGreaterThan(0);
  });

  test('its published schema accepts the sample and nothing with another member', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(jsonSchemaOf(kind));
    expect(validate(sample(id))).toBe(true);
    expect(validate({ ...sample(id), more: 1 })).toBe(false);
    expect(parsed({ ...sample(id), more: 1 }).refused).toMatchObject({
      type: 'evidence-unreadable',
      got: expect.stringContaining('more'),
    });
  });

  test.each(Object.entries(kind.limits as Record<string, { of: string; is: 'least' | 'most' }>))('the limit %s', (name, { of, is }) => {
    const value = factsOf(sample(id)).figures[of] ?? expect.fail(`the sample has no ${of}`);
    expect(judged(sample(id), { [name]: value }).verdict).toBe('pass');
    if (is === 'most' && value === 0) return;
    const beyond = judged(sample(id), { [name]: is === 'least' ? value + 1 : value / 2 });
    expect(beyond.verdict).toBe('fail');
    expect(beyond.reason).toContain(figureInWords(kind.id, of, value, is));
    const untold = { ...factsOf(sample(id)), figures: { [of]: null } };
    expect(judgeEvidence(ruleOf(id, { [name]: value }), untold).verdict).toBe('inconclusive');
  });

  test('what it lists again counts for no more than it did, or is a fault', () => {
    const limits = Object.values(kind.limits as Record<string, { of: string; is: 'least' | 'most' }>).filter(({ is }) => is === 'least');
    for (const list of listsIn(sample(id))) {
      const padded = sample(id);
      const items = list.reduce<unknown>((at, name) => (at as Json)[name], padded) as unknown[];
      items.unshift(structuredClone(items[0]));
      const read = parsed(padded);
      if (read.refused !== undefined) continue;
      const [before, after] = [factsOf(sample(id)), read.ok as RecordFacts];
      const grown = limits.filter(({ of }) => (after.figures[of] ?? 0) > (before.figures[of] ?? 0)).map(({ of }) => of);
      if (grown.length > 0 && !anonymous.includes(`${id} ${list.at(-1)}`)) expect([list, after.faultsCount]).not.toEqual([list, 0]);
    }
  });

  test('without things to say something of it is no pass', () => {
    const document = sample(id);
    const lists = Object.keys(document).filter((name) => Array.isArray(document[name]));
    const empty = {
      ...document,
      ...Object.fromEntries(lists.map((name) => [name, []])),
      words: 'words' in document ? 0 : undefined,
      bytes: 'bytes' in document ? 0 : undefined,
      searched: 'searched' in document ? 0 : undefined,
      // A baseline says something by a single figure, too.
      p95Ms: undefined,
      errorRatePct: undefined,
    };
    expect(judged(JSON.parse(JSON.stringify(empty)) as Json).verdict).not.toBe('pass');
  });
});

/** What has no identity, so that two that are alike are two: headings, answers of people, queries, and jobs. */
const anonymous: readonly string[] = ['document headings', 'feedback answers', 'query queries', 'pipeline jobs'];

/** The paths of the lists in a record that are not empty. */
const listsIn = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] => {
  if (Array.isArray(value)) return value.length === 0 ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => listsIn(inner, [...path, name]));
};

/** What is wrong by a record's own content: the sample with one thing changed. */
const faults: readonly (readonly [id: Id, change: (record: never) => unknown, says: string])[] = [
  ['document', (one: Json) => ({ ...one, brokenLinks: [{ line: 12, link: 'setup.md' }] }), 'docs/user-guide.md:12 links to setup.md'],
  ['document', (one: Json) => ({ ...one, placeholders: [{ line: 3, found: 'TBD' }] }), 'docs/user-guide.md:3 says TBD'],
  ['backup', changed('restore.parts.0.rowsRestored', 1199), 'shop-orders: 1199 of 1200 rows restored'],
  ['backup', changed('restore.parts.0.checksumRestored', 'crc64:1'), 'shop-orders: the checksum after the restore is another one'],
  ['backup', changed('restore.parts.0.checksumRestored', undefined), 'the checksum after the restore is another one'],
  ['backup', changed('restore.startedAt', '2026-03-01T07:59:59Z'), 'the restore began before the recovery point was made'],
  ['backup', changed('restore.finishedAt', '2026-03-01T07:00:00Z'), 'the restore ended before the recovery point was made'],
  ['data-check', changed('comparisons.0.right.rows', 1199), 'orders: 1200 rows in before the deployment, 1199 in after the deployment'],
  ['data-check', changed('comparisons.0.right.checksum', undefined), 'orders: the checksums'],
  ['migration', changed('scripts.0.up.ended', 'failed'), '014-add-status: failed'],
  ['migration', changed('scripts.0.down.ended', 'not-run'), '014-add-status, undone: not-run'],
  ['drill', changed('to', '1.4.0'), 'it led from 1.4.0 to the same version'],
  ['drill', changed('outcome', 'failed'), 'the rollback failed'],
  ['drill', changed('steps.1.step', 'had a coffee'), 'no step is named revert-version'],
  ['drill', changed('steps.2', undefined), 'no step is named verify-health'],
  ['drill', changed('steps.2.startedAt', '2026-03-01T07:52:59Z'), 'verify-health began before revert-version had ended'],
  ['drill', changed('steps.1.proved', false), 'revert-version was not proved'],
  ['drill', changed('steps.1.endedAt', '2026-03-01T07:50:00Z'), 'revert-version: its end is before its start'],
  ['ports', changed('open.1.port', 9100), 'shop.example.com:9100 is open and not allowed'],
  ['ports', changed('open.1', undefined), 'web: port 8000 is closed'],
  ['ports', changed('probed.0', [1, 500]), 'shop.example.com:8000 is said to be open, and was not probed'],
  [
    'ports',
    (one: Json) => ({ ...one, probed: [[1, 500]], open: [{ host: 'shop.example.com', port: 443 }] }),
    'web: port 8000 was not probed, so nobody knows whether it listens there',
  ],
  ['ports', changed('services.1.port', 443), 'shop.example.com:443 is given to several services'],
  ['ports', changed('services.1.port', 7999), 'web: port 7999 is not among the allowed ones'],
  ['resources', changed('resources.1.state', 'creating'), 'AWS::S3::Bucket shop-files is creating'],
  ['resources', changed('resources.0.drift', 'drifted'), 'AWS::DynamoDB::Table shop-orders: differs from its template'],
  ['resources', changed('resources.0.drift', 'unknown'), 'whether it differs from its template is not known'],
  ['registry-pull', changed('artifacts.0.got', `sha256:${'e'.repeat(64)}`), 'gave another digest'],
  ['registry-pull', changed('artifacts.0.got', null), 'did not give it'],
  ['read-back', changed('components.0.running', `sha256:${'e'.repeat(64)}`), 'function shop-web, alias staging runs another digest'],
  ['read-back', changed('components.0.running', null), 'runs nothing of it'],
  ['routes', changed('documented.1', undefined), 'POST /orders is served and not documented'],
  ['routes', changed('served.0.method', 'PUT'), 'PUT /orders/{} is served and not documented'],
  ['pipeline', changed('jobs.1.conclusion', 'skipped'), 'the job test: skipped'],
  ['pipeline', changed('jobs.2.conclusion', 'unknown'), 'the job notify: unknown'],
  ['reviews', changed('commits.0.reviews.0.by', 'u-101'), 'bbbbbbbbbbbb: nobody but its author approved it'],
  ['reviews', changed('commits.0.reviews.0.commit', 'e'.repeat(40)), 'bbbbbbbbbbbb: only an older commit was approved'],
  ['reviews', changed('commits.1.reviews.1.by', 'u-103'), 'aaaaaaaaaaaa: changes are still requested'],
  [
    'reviews',
    changed('commits.1.reviews', [{ by: 'u-103', at: '2026-02-28T12:00:00Z', commit: 'd'.repeat(40), state: 'approved' }]),
    'nobody but its author',
  ],
  ['reviews', changed('commits.0.reviews.0.state', 'dismissed'), 'nobody but its author approved it'],
  ['reviews', changed('commits.0.unknownHands', true), 'bbbbbbbbbbbb: the code host knows no account of somebody who had a hand in it'],
  ['reviews', changed('commits.0.author', undefined), 'bbbbbbbbbbbb: the code host knows no account of somebody who had a hand in it'],
  ['reviews', changed('commits.0.author', 'unknown to GitHub'), 'bbbbbbbbbbbb: the code host knows no account'],
  ['reviews', changed('commits', []), 'the last commit listed is not the head'],
  ['reviews', changed('head', 'f'.repeat(40)), 'the last commit listed is not the head'],
  ['changes', changed('files.1.path', 'src/checkout/price.ts'), 'src/checkout/price.ts: listed 2 times'],
  ['delivery', changed('deliveries.0.receivedAt', null), 'alert-1 did not arrive at PagerDuty service shop'],
  ['delivery', changed('deliveries.0.receivedAt', '2026-03-01T07:57:59Z'), 'before it was sent'],
  ['alarm-test', changed('tested.1', undefined), 'shop-latency was not tested'],
  ['alarm-test', changed('tested.0.wentOffAt', null), 'shop-errors did not go off'],
  ['alarm-test', changed('tested.0.cameBackAt', null), 'shop-errors did not come back'],
  ['alarm-test', changed('tested.0.cameBackAt', '2026-03-01T07:01:00Z'), 'shop-errors: its times are not in order'],
  ['baseline', changed('p95Ms', 0), 'a p95 of 0 ms is no measurement'],
  ['heartbeat', changed('tools.1.lastReceivedAt', null), 'log group shop-web has received nothing'],
  [
    'heartbeat',
    changed('tools.1.lastReceivedAt', '2026-03-01T09:00:00Z'),
    'tools[1].lastReceivedAt is 2026-03-01T09:00:00.000Z, which is later than the record',
  ],
  ['usage', changed('until', '2026-03-01T06:00:00Z'), 'its window does not end after it begins'],
  [
    'migration',
    (one: Json) => ({ ...one, scripts: [...(one.scripts as Json[]), ...(one.scripts as Json[])] }),
    '014-add-status: listed 2 times',
  ],
  ['query', changed('queries.0.rows', 2), 'canary lines of the last hour: 2 of 3 rows found'],
  ['dashboard', changed('panels.0.shown', null), 'the panel requests per minute shows no value'],
  ['usage', changed('resources.0.highest', 512), 'web memory is exhausted: 512 of 512 MB'],
  ['scaling', changed('samples.3.instances', 5), 'web did not shrink again'],
  ['scaling', changed('samples.0.load', 6000), 'the load of web never grew'],
  ['scaling', changed('samples.1.failedRequests', 6001), 'sample 2 counts 6001 failed requests of 6000'],
  ['scaling', changed('samples.1.at', '2026-03-01T07:00:00Z'), 'sample 2 is not later'],
  ['schedule', changed('shifts.2', undefined), 'nobody is on duty as operations for 3 hours of the window'],
  ['schedule', changed('shifts.3.role', 'quality-2'), 'nobody is on duty as quality for 5 hours'],
  ['issues', changed('found.0.state', 'open'), '#198 (critical) is open'],
  ['issues', changed('found.0.state', 'unknown'), '#198 (critical) is unknown'],
  ['issues', changed('searched', 0), '1 issue found among 0'],
  ['feedback', changed('answers.0.score', 6), '1 answer is outside of the scale'],
  [
    'feedback',
    (one: Json) => ({ ...one, answers: (one.answers as Json[]).map((answer) => ({ ...answer, id: 'row 1' })) }),
    'the answer row 1 is listed with several scores',
  ],
  ['reviews', changed('commits.0.reviews.0.by', 'U-101'), 'bbbbbbbbbbbb: nobody but its author approved it'],
  [
    'reviews',
    (one: Json) => ({ ...one, commits: [...(one.commits as Json[]), ...(one.commits as Json[])] }),
    'bbbbbbbbbbbb: listed 2 times',
  ],
];

describe('what is wrong by the content', () => {
  test.each(faults)('%s fails', (id, change, says) => {
    const { verdict, reason } = judged((change as (record: Json) => unknown)(sample(id)) as Json);
    expect(reason).toContain(says);
    expect(verdict).toBe('fail');
  });

  test('every kind of record has a case, except those that only their limits can fail', () => {
    const onlyLimits = ['comparison'];
    expect(recordKinds.map(({ id }) => id).filter((id) => !faults.some(([one]) => one === id))).toEqual(onlyLimits);
  });

  test('a hundred faults are counted, and the first ones named', () => {
    const one = sample('issues');
    const found = Array.from({ length: 100 }, (_, place) => ({ id: `#${place}`, severity: 'critical', state: 'open' }));
    const facts = factsOf({ ...one, found });
    expect([facts.faults.length, facts.faultsCount]).toEqual([20, 100]);
    expect(judged({ ...one, found }).reason).toContain('100 faults; first: #0 (critical) is open');
  });
});

describe('figures that the content does not tell', () => {
  test.each<readonly [Id, string, unknown, Json, Verdict]>([
    ['comparison', 'figures.0.production.value', 0, { minSharePct: 50 }, 'inconclusive'],
    ['comparison', 'figures.0.staging.value', 100, { minSharePct: 50 }, 'fail'],
    ['dashboard', 'panels.0.queried', 0, { maxDifferencePct: 5 }, 'fail'],
    ['dashboard', 'panels.0.shown', 100, { maxDifferencePct: 5 }, 'fail'],
    ['backup', 'restore', undefined, { minRestored: 1 }, 'fail'],
    ['backup', 'restore', undefined, { maxRestoreSeconds: 600 }, 'inconclusive'],
    ['backup', 'retentionDays', undefined, { minRetentionDays: 7 }, 'inconclusive'],
    ['schedule', 'window.until', '2026-03-02T07:00:00Z', {}, 'inconclusive'],
  ])('%s with %s %j', (id, path, value, parameters, verdict) => {
    expect(judged(changed(path, value)(sample(id)) as Json, parameters).verdict).toBe(verdict);
  });
});

test('figures of nothing but zeros prove nothing', () => {
  const one = sample('dashboard');
  const panels = (one.panels as Json[]).map((panel) => ({ ...panel, shown: 0, queried: 0 }));
  expect(judged({ ...one, panels }, { maxDifferencePct: 5 })).toMatchObject({
    verdict: 'inconclusive',
    reason: expect.stringContaining('every panel and every query says 0, so nothing was compared'),
  });
  expect(
    judged({ ...one, panels: [...panels, { ...panels[0], name: 'other', shown: 5, queried: 5 }] }, { maxDifferencePct: 5 }).verdict,
  ).toBe('pass');
  const used = sample('usage');
  const resources = (used.resources as Json[]).map((resource) => ({ ...resource, highest: 0 }));
  expect(judged({ ...used, resources }, { maxPct: 80 })).toMatchObject({
    verdict: 'inconclusive',
    reason: expect.stringContaining('the highest use of every resource is 0, so nothing was measured'),
  });
  expect(judged({ ...used, resources: [...resources, { ...resources[0], name: 'other', highest: 1 }] }, { maxPct: 80 }).verdict).toBe(
    'pass',
  );
});

describe('which check a record concerns', () => {
  test.each([
    [{}, true],
    [{ about: 'alert' }, true],
    [{ about: 'logs' }, false],
    [{ environment: 'production' }, true],
    [{ environment: 'staging' }, false],
  ])('%j: %s', (parameters, is) => {
    expect(appliesTo(ruleOf('delivery', parameters), factsOf(sample('delivery')))).toBe(is);
    expect(appliesTo(ruleOf('backup', parameters), factsOf(sample('delivery')))).toBe(false);
  });
});

test('ports of the largest record are compared in less than a second', () => {
  const ranges = Array.from({ length: 20_000 }, (_, n) => [1, (n % 60_000) + 1]);
  const places = Array.from({ length: 20_000 }, (_, n) => ({ host: `h${n}`, port: 8000 }));
  const services = places.map((place, n) => ({ name: `s${n}`, ...place }));
  const began = process.cpuUsage();
  const facts = factsOf({ ...sample('ports'), allowed: ranges, probed: ranges, open: places, services });
  expect(process.cpuUsage(began).user).toBeLessThan(1_500_000);
  expect(facts).toMatchObject({ figures: { probed: 20_000, open: 20_000 }, faults: [] });
});

describe('ports', () => {
  const minProbed = 100;
  test.each([
    [
      'fail',
      { allowed: [[1, 65_535]], open: [{ host: 'shop.example.com', port: 3306 }, ...(sample('ports').open as Json[])] },
      'at least 100',
    ],
    [
      'fail',
      {
        allowed: [
          [443, 443],
          [8000, 8000],
        ],
        probed: [
          [443, 443],
          [8000, 8000],
        ],
      },
      '0 probed ports that must be closed',
    ],
    [
      'fail',
      {
        probed: [
          [443, 541],
          [8000, 8000],
        ],
      },
      '98 probed ports that must be closed',
    ],
    [
      'pass',
      {
        probed: [
          [443, 543],
          [8000, 8000],
        ],
      },
      '100 probed ports that must be closed',
    ],
  ] as const)('whose closed ones were probed or not: %s of %j', (verdict, more, says) => {
    expect(judged({ ...sample('ports'), ...more }, { minProbed })).toMatchObject({ verdict, reason: expect.stringContaining(says) });
  });
});

describe('resources', () => {
  test.each([
    ['version', { minVersioned: 1 }, 'AWS::S3::Bucket shop-files has no version, so nothing can be read back'],
    ['drift', { minCompared: 1 }, 'AWS::S3::Bucket shop-files was not compared with its template'],
  ])('of which one has no %s prove nothing about it', (member, limits, says) => {
    const lacking = changed(`resources.1.${member}`, undefined)(sample('resources')) as Json;
    expect(judged(lacking, limits)).toMatchObject({ verdict: 'inconclusive', reason: expect.stringContaining(says) });
    expect(judged(lacking, { minReady: 1 }).verdict).toBe('pass');
  });
});

describe('a document that is no record', () => {
  test.each([
    [{}, 'no text as `schema`'],
    [[], 'no text as `schema`'],
    [null, 'no text as `schema`'],
    [{ schema: 'holdpoint.series/1' }, '"schema": "holdpoint.series/1"'],
    [{ schema: 'holdpoint.backup/2' }, '"schema": "holdpoint.backup/2"'],
    [{ schema: 'holdpoint.constructor/1' }, '"schema": "holdpoint.constructor/1"'],
    [{ ...sample('backup'), bytes: -1 }, 'bytes'],
    [{ ...sample('backup'), at: 'yesterday' }, 'at'],
    [{ ...sample('ports'), open: [{ host: 'a', port: 65_536 }] }, 'open.0.port'],
  ])('is refused: %j', (document, got) => {
    expect(parsed(document).refused).toMatchObject({ type: 'evidence-unreadable', got: expect.stringContaining(got) });
  });

  test('is as old as it says', () => {
    expect(parsed(sample('backup')).reportTime).toMatchObject({ madeBy: '2026-03-01T08:00:00.000Z' });
  });
});

test('a figure that is too large to be kept is refused', () => {
  expect(parsed(changed('panels.0.shown', 1e300)(sample('dashboard'))).refused).toMatchObject({
    detail: expect.stringContaining('too large to be kept'),
    got: expect.stringContaining('e+'),
  });
});
