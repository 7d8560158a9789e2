import { describe, expect, test } from 'vitest';
import { insteadOfUpload } from '../../lib/evidence/collected.ts';
import { type EvidenceType, evidenceTypes, judgedAs, parseEvidence } from '../../lib/registry/evidence.ts';
import { sampleOf } from '../samples.ts';
import { bytes, factsOf, json, types } from './parsed.ts';

const timeOf = (type: EvidenceType, report: Uint8Array) => {
  const parsed = parseEvidence(type, report);
  expect(parsed.refused).toBeUndefined();
  const { madeBy, notBefore } = parsed.reportTime ?? {};
  return [madeBy, notBefore];
};
const sampleWith = (type: EvidenceType, change: (report: Record<string, unknown>) => object): Uint8Array =>
  json(change(JSON.parse(new TextDecoder().decode(sampleOf(type))) as Record<string, unknown>));

const suites = (...attributes: readonly string[]): Uint8Array =>
  bytes(`<testsuites>${attributes.map((of) => `<testsuite ${of}><testcase name="a"/></testsuite>`).join('')}</testsuites>`);
const at = '2026-03-02T08:00:00.000Z';

describe('a JUnit report was made when its oldest suite ended', () => {
  test.each([
    ['a start and seconds', ['timestamp="2026-03-02T08:00:00.000Z" time="90.5"'], '2026-03-02T08:01:30.500Z', at],
    ['an offset', ['timestamp="2026-03-02T10:00:00.000+02:00"'], at, at],
    ['an offset without a colon, microseconds', ['timestamp="2026-03-02T10:00:00.000999+0200"'], at, at],
    ['whole seconds mean any instant of the second', ['timestamp="2026-03-02T08:00:00Z"'], '2026-03-02T08:00:00.999Z', at],
    [
      'no zone: up to twelve hours later, up to fourteen earlier',
      ['timestamp="2026-03-02T08:00:00.000"'],
      '2026-03-02T20:00:00.000Z',
      '2026-03-01T18:00:00.000Z',
    ],
    ['a blank instead of the T', ['timestamp="2026-03-02 08:00:00.000Z"'], at, at],
    [
      'two suites: the older one counts, the newer one must not lie ahead',
      [`timestamp="${at}"`, 'timestamp="2026-03-02T09:00:00.000Z"'],
      at,
      '2026-03-02T09:00:00.000Z',
    ],
    ['a suite without a time beside one with it', ['', `timestamp="${at}"`], at, at],
    [
      'suites side by side claim more seconds than passed: only the start can lie ahead',
      [`timestamp="${at}" time="1,234.5"`],
      '2026-03-02T08:20:34.500Z',
      at,
    ],
    ['seconds that are no number', [`timestamp="${at}" time="soon"`], at, at],
    ['seconds below zero', [`timestamp="${at}" time="-90"`], at, at],
    ['no time', [''], undefined, undefined],
    ['year 1, as converters write it', ['timestamp="0001-01-01T00:00:00"'], undefined, undefined],
    ['1970, as reproducible builds write it', ['timestamp="1970-01-01T00:00:00Z"'], undefined, undefined],
    ['no calendar date', ['timestamp="2026-13-40T08:00:00Z"'], undefined, undefined],
    ['words', ['timestamp="Mon Mar 02 2026"'], undefined, undefined],
  ])('%s', (_, attributes, madeBy, notBefore) => {
    expect(timeOf('junit', suites(...attributes))).toEqual([madeBy, notBefore]);
  });
});

const log = (...invocations: readonly object[]) =>
  json({ version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks' } }, invocations, results: [] }] });
const bill = (timestamp: unknown) =>
  sampleWith('cyclonedx', (report) => ({ ...report, metadata: { ...(report.metadata as object), timestamp } }));
const later = '2026-03-02T08:00:10.000Z';

describe('other formats say when they were made by their own fields', () => {
  test.each<[string, EvidenceType, Uint8Array, string | undefined, string | undefined]>([
    ['SARIF: the end', 'sarif', log({ executionSuccessful: true, startTimeUtc: at, endTimeUtc: later }), later, later],
    ['SARIF: the start where no end is given', 'sarif', log({ executionSuccessful: true, startTimeUtc: at }), at, at],
    ['SARIF: UTC without saying so', 'sarif', log({ executionSuccessful: true, endTimeUtc: '2026-03-02T08:00:00.000' }), at, at],
    ['SARIF: several invocations', 'sarif', log({ endTimeUtc: later }, { endTimeUtc: at }), at, later],
    ['SARIF: a time of another type', 'sarif', log({ endTimeUtc: 5 }), undefined, undefined],
    ['SARIF: none', 'sarif', log({}), undefined, undefined],
    ['CycloneDX: metadata', 'cyclonedx', bill(at), at, at],
    ['CycloneDX: no time', 'cyclonedx', bill(undefined), undefined, undefined],
    [
      'CycloneDX as XML',
      'cyclonedx',
      bytes(
        `<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><metadata><timestamp>${at}</timestamp></metadata><components/></bom>`,
      ),
      at,
      at,
    ],
    [
      'series: its last point',
      'series',
      json({
        schema: 'holdpoint.series/1',
        name: 'soak',
        points: [
          { at, ok: true, latencyMs: 1 },
          { at: later, ok: true, latencyMs: 1 },
        ],
      }),
      later,
      later,
    ],
    ['autocannon: the finish', 'load', sampleWith('load', (report) => ({ ...report, start: at, finish: later })), later, later],
    ['LCOV: none', 'lcov', sampleOf('lcov'), undefined, undefined],
    ['OpenAPI: none', 'openapi', sampleOf('openapi'), undefined, undefined],
  ])('%s', (_, type, report, madeBy, notBefore) => {
    expect(timeOf(type, report)).toEqual([madeBy, notBefore]);
  });

  test.each(['generated_at', 'generatedAt'])('the new summary of k6 has one, as %s', (spelling) => {
    const metric = (name: string, values: object) => ({ name, values });
    const summary = {
      metadata: { [spelling]: '2026-03-02T08:00:00.050383965Z' },
      config: { duration: 10 },
      results: {
        metrics: [
          metric('http_reqs', { count: 10, rate: 1 }),
          metric('http_req_failed', { matches: 0, total: 10, rate: 0 }),
          metric('http_req_duration', { avg: 1, min: 1, med: 1, max: 1 }),
          metric('vus_max', { value: 1, max: 1 }),
        ],
      },
    };
    expect(timeOf('load', json(summary))).toEqual(['2026-03-02T08:00:00.050Z', '2026-03-02T08:00:00.050Z']);
  });
});

// Of a series and of a look of Holdpoint itself, the times are what was measured.
test.each(types.filter((type) => judgedAs(type) !== 'series' && evidenceTypes[type].insteadOfUpload !== insteadOfUpload))(
  '%s: no fact holds the time of the report',
  (type) => {
    expect(JSON.stringify(factsOf(type, sampleOf(type)))).not.toMatch(/\d{4}-\d\d-\d\dT/);
  },
);
