import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Facts, judgedAs } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { metricWithin } from '../../lib/rules/metric-within.ts';
import { vulnerabilitiesWithin } from '../../lib/rules/vulnerabilities-within.ts';
import { sampleOf } from '../samples.ts';
import { bytes, factsOf, json, rulesOf, sound, types } from './parsed.ts';

/** Whether it would satisfy any check of the base checklist. */
const passesAnywhere = (facts: Facts): boolean => rulesOf(facts.type).some((rule) => judgeEvidence(rule, facts).verdict === 'pass');

const figure = metricWithin.of({ series: 'monitoring', figure: 'error-rate', most: 1, minPoints: 4, maxMissingPct: 10 });

const noVulnerabilities = vulnerabilitiesWithin.of({ tools: ['npm audit', 'trivy', 'zap'], maxCritical: 0, maxHigh: 0, maxUnknown: 0 });

describe('the sample of every type', () => {
  test.each(types)('%s: is read, gives the same facts every time, and satisfies a check', (type) => {
    const sample = sampleOf(type);
    sound(type, sample);
    expect(factsOf(type, sample)).toEqual(factsOf(type, sample));
    // No check of the document asks for a figure of CloudWatch, or for vulnerabilities, yet.
    const rules = type === 'metric-series' ? [figure] : [...rulesOf(type), ...(judgedAs(type) === 'sarif' ? [noVulnerabilities] : [])];
    expect(rules.map((rule) => judgeEvidence(rule, factsOf(type, sample)))).toContainEqual(expect.objectContaining({ verdict: 'pass' }));
  });
});

describe('junit', () => {
  const inner = fc.constantFrom('', '<skipped/>', '<failure message="m"/>', '<error/>', '<flakyFailure/>', '<system-out>x</system-out>');
  const cases = fc.array(inner, { maxLength: 30 });
  const claims = fc.record({ tests: fc.nat(99), failures: fc.nat(9), errors: fc.nat(9), skipped: fc.nat(9) });
  const report = (list: readonly string[], claimed: Readonly<Record<string, number>> = {}) => {
    const attributes = Object.entries(claimed).map(([name, count]) => ` ${name}="${count}"`);
    return bytes(
      `<testsuite${attributes.join('')}>${list.map((one, n) => `<testcase name="${n}">${one}</testcase>`).join('')}</testsuite>`,
    );
  };

  test('every case counts in one state only, and totals never improve a report', () => {
    fc.assert(
      fc.property(cases, claims, (list, claimed) => {
        const [plain, claiming] = [factsOf('junit', report(list)), factsOf('junit', report(list, claimed))];
        expect(plain.tests).toBe(list.length);
        expect(plain.failed + plain.errored + plain.skipped).toBeLessThanOrEqual(plain.tests);
        expect(claiming.failed).toBe(plain.failed);
        expect(claiming.errored).toBeGreaterThanOrEqual(plain.errored);
        if (passesAnywhere(claiming)) expect(passesAnywhere(plain)).toBe(true);
      }),
    );
  });

  test('a report with a failing case at any depth never passes', () => {
    fc.assert(
      fc.property(cases, fc.nat(30), fc.nat(20), fc.constantFrom('failure', 'error'), (list, place, depth, element) => {
        const nested = `${'<testsuite>'.repeat(depth)}<testcase name="bad"><${element}/></testcase>${'</testsuite>'.repeat(depth)}`;
        const all = list.map((one) => `<testcase name="x">${one}</testcase>`);
        all.splice(place, 0, nested);
        expect(passesAnywhere(factsOf('junit', bytes(`<testsuites><testsuite>${all.join('')}</testsuite></testsuites>`)))).toBe(false);
      }),
    );
  });
});

test('lcov: the order of the files changes nothing, totals only make it worse, and hits never exceed what was found', () => {
  const total = fc.option(fc.nat(20), { nil: undefined });
  const file = fc.record({
    name: fc.constantFrom('a', './b', 'C:\\c', '/x/a', 'a.test.ts'),
    lines: fc.array(fc.tuple(fc.nat(20), fc.integer({ min: -1, max: 2 })), { maxLength: 20 }),
    found: total,
    hit: total,
  });
  type File = typeof file extends fc.Arbitrary<infer F> ? F : never;
  const written = ({ name, lines, found, hit }: File): string =>
    [
      `SF:${name}`,
      ...lines.map(([line, count]) => `DA:${line},${count}`),
      ...(found === undefined ? [] : [`LF:${found}`]),
      ...(hit === undefined ? [] : [`LH:${hit}`]),
      'end_of_record',
    ].join('\n');
  const read = (files: readonly File[]) => factsOf('lcov', bytes(files.map(written).join('\n')));
  fc.assert(
    fc.property(fc.array(file, { minLength: 1, maxLength: 6 }), (files) => {
      const facts = read(files);
      const without = read(files.map((one) => ({ ...one, found: undefined, hit: undefined })));
      expect(read([...files].reverse())).toEqual(facts);
      expect(facts.lines.hit).toBeLessThanOrEqual(facts.lines.found);
      expect(facts.lines.hit * without.lines.found).toBeLessThanOrEqual(without.lines.hit * facts.lines.found);
      if (passesAnywhere(facts)) expect(passesAnywhere(without)).toBe(true);
      if (facts.lines.found === 0) expect(passesAnywhere(facts)).toBe(false);
    }),
  );
});

test('sarif: another finding never makes a log pass, and a log with a finding never passes', () => {
  const result = fc.record({
    level: fc.constantFrom('none', 'note', 'warning', 'error'),
    kind: fc.constantFrom('fail', 'pass', 'open', 'notApplicable'),
    suppressions: fc.constantFrom([], [{ kind: 'inSource' }]),
  });
  const driver = { rules: [{ id: 'aws' }] };
  const facts = (results: readonly object[]) =>
    factsOf('sarif', json({ version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks', ...driver } }, results }] }));
  fc.assert(
    fc.property(fc.array(result, { maxLength: 8 }), result, fc.nat(8), (results, more, place) => {
      const longer = [...results];
      longer.splice(place, 0, more);
      if (passesAnywhere(facts(longer))) expect(passesAnywhere(facts(results))).toBe(true);
      expect(passesAnywhere(facts([...results, { kind: 'fail' }]))).toBe(false);
    }),
  );
});

test('load: nothing that makes a load test worse ever helps', () => {
  const load = fc.record({
    concurrency: fc.nat(300),
    busyClients: fc.nat(300),
    requests: fc.nat(3000),
    failed: fc.nat(60),
    checks: fc.nat(3000),
    failedChecks: fc.nat(60),
    iterations: fc.nat(3000),
    droppedIterations: fc.nat(60),
    p99Ms: fc.nat(60_000),
    durationSeconds: fc.nat(20),
  });
  const grow = ['failed', 'failedChecks', 'droppedIterations', 'p99Ms'] as const;
  const shrink = ['concurrency', 'busyClients', 'requests', 'checks', 'iterations', 'durationSeconds'] as const;
  fc.assert(
    fc.property(load, fc.nat(500), fc.constantFrom(...grow, ...shrink), fc.constantFrom('measured', 'bound'), (figures, by, what, p99) => {
      const facts: Facts = { type: 'load', tool: 'k6', ...figures, p99, signs: [], contradictions: [] };
      const grows = grow.some((one) => one === what);
      const worse: Facts = { ...facts, [what]: grows ? figures[what] + by : Math.max(0, figures[what] - by) };
      const verdicts = (given: Facts) => rulesOf('load').map((rule) => judgeEvidence(rule, given).verdict);
      for (const [place, verdict] of verdicts(worse).entries()) if (verdict === 'pass') expect(verdicts(facts)[place]).toBe('pass');
      for (const sign of [{ signs: ['x'] }, { contradictions: ['x'] }]) expect(verdicts({ ...facts, ...sign })).not.toContain('pass');
    }),
    { numRuns: 2000 },
  );
});

test('series: duration, gaps, failures and percentile are computed from the points', () => {
  const point = fc.record({ step: fc.integer({ min: 1, max: 90 }), ok: fc.boolean(), latencyMs: fc.nat(3000) });
  const facts = (points: readonly { step: number; ok: boolean; latencyMs: number }[]) => {
    let at = Date.parse('2026-03-02T08:00:00Z');
    const timed = points.map(({ step, ok, latencyMs }) => {
      at += step * 1000;
      return { at: new Date(at).toISOString(), ok, latencyMs };
    });
    return factsOf('series', json({ schema: 'holdpoint.series/1', name: 'health', points: timed }));
  };
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), (points) => {
      const found = facts(points);
      expect(found.longestGapSeconds).toBeLessThanOrEqual(found.durationSeconds);
      expect(found.durationSeconds).toBe(points.slice(1).reduce((sum, { step }) => sum + step, 0));
      expect(found.failed).toBe(points.filter(({ ok }) => !ok).length);
      expect(points.some(({ latencyMs }) => latencyMs === found.p95Ms)).toBe(true);
      expect(points.filter(({ latencyMs }) => latencyMs <= found.p95Ms).length * 100).toBeGreaterThanOrEqual(points.length * 95);
      if (points.length < 10 || found.failed > 0) expect(passesAnywhere(found)).toBe(false);
    }),
  );
});

test('facts that measured nothing satisfy no check', () => {
  const empty: readonly Facts[] = [
    factsOf('junit', bytes('<testsuites/>')),
    factsOf('lcov', bytes('TN:\n')),
    factsOf('openapi', json({ openapi: '3.1.0', info: { title: 't', version: '1' }, components: {} })),
    factsOf('cyclonedx', json({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [] })),
    factsOf(
      'load',
      json({
        metrics: {
          http_reqs: { count: 0 },
          http_req_failed: { passes: 0, fails: 0 },
          http_req_duration: { max: 0 },
          vus_max: { value: 500 },
        },
      }),
    ),
    factsOf('sarif', json({ version: '2.1.0', runs: [{ tool: { driver: { name: 'another' } }, results: [] }] })),
  ];
  for (const facts of empty)
    for (const rule of rulesOf(facts.type))
      expect(judgeEvidence(rule, facts).verdict, `${rule.kind} of ${facts.type}`).toBe('inconclusive');
});
