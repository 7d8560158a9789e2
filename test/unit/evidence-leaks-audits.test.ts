import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { sarifClean } from '../../lib/rules/sarif-clean.ts';
import { bytes, factsOf, json, refusalOf, sound } from './parsed.ts';
import { judged, none, parsed, read } from './scanner-reports.ts';

describe('gitleaks', () => {
  const noSecrets = sarifClean.of({ tools: ['secretlint', 'gitleaks'], maxLevel: 'none', maxSuppressed: 0 });
  const leak = {
    RuleID: 'github-pat',
    File: 'config/deploy.env',
    StartLine: 3,
    StartColumn: 9,
    Commit: 'a'.repeat(40),
    Secret: 'topsecret',
    Match: 'x=topsecret',
  };
  const facts = (leaks: unknown) => factsOf('gitleaks', json(leaks));

  test('an empty list passes, a leak fails with rule, file, line and commit, and without what leaked', () => {
    expect(judgeEvidence(noSecrets, facts([]))).toMatchObject({ verdict: 'pass' });
    const found = facts([leak]);
    expect(found.leaks).toBe(1);
    expect(judgeEvidence(noSecrets, found)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining(`“github-pat” in “config/deploy.env:3 at ${'a'.repeat(12)}”`),
    });
    expect(JSON.stringify(found)).not.toContain('topsecret');
  });

  test('a leak that is listed twice is one; another column, commit or rule is another leak', () => {
    expect(facts([leak, { ...leak, Author: 'else' }]).leaks).toBe(1);
    expect(facts([leak, { ...leak, StartColumn: 80 }, { ...leak, Commit: 'b' }, { ...leak, RuleID: 'other' }]).leaks).toBe(4);
  });

  test('the report of the tool: three leaks, also where it redacts them', () => {
    expect(factsOf('gitleaks', read('gitleaks.found.json'))).toMatchObject({ leaks: 3, tools: [{ name: 'gitleaks', error: 3 }] });
  });

  test.each([
    ['an object', { leaks: [] }],
    ['an entry that is no leak', [{}]],
    ['a leak without rule', [{ ...leak, RuleID: '' }]],
    ['a list of numbers', [1]],
    ['a negative line', [{ ...leak, StartLine: -1 }]],
    ['null, which gitleaks 7 wrote', null],
  ])('%s is refused', (_what, report) => {
    expect(refusalOf('gitleaks', json(report)).detail).toBe('The JSON is not a report of gitleaks.');
  });
});

describe('npm audit', () => {
  const clean = parsed('npm-audit.json');
  const facts = (changes: object) => factsOf('npm-audit', json({ ...clean, ...changes }));
  const metadata = (counts: object, total = 4) => ({
    vulnerabilities: { ...clean.metadata.vulnerabilities, ...counts },
    dependencies: { total },
  });
  const entry = (severity: string, ...via: unknown[]) => ({ name: 'a', severity, via });
  const advisory = (severity: string, more: object = {}) => ({
    source: 1,
    name: 'a',
    url: 'https://github.com/advisories/GHSA-1',
    severity,
    range: '<1',
    ...more,
  });

  test('counts each advisory of a package once, and not the packages that only depend on it', () => {
    const found = factsOf('npm-audit', read('npm-audit.found.json'));
    expect(found.vulnerabilities).toEqual({ ...none, critical: 2, high: 1, medium: 2 });
    expect(judged(found)).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/at most 0 critical expected; first: “GHSA-xvch-5gv4-984h” in “minimist/),
    });
  });

  test('what npm counts stands beside what it counts: packages of npm 7, paths of npm 6', () => {
    const inspected = (report: Uint8Array) => inspectEvidence(report, 'npm-audit').ok ?? expect.fail('refused');
    const severities = { critical: 2, high: 1, medium: 0, low: 0, info: 0, unknown: 0 };
    expect(inspected(read('npm-audit.found.json'))).toMatchObject({
      words: {
        vulnerabilities: { critical: 2, high: 1, medium: 2 },
        affectedPackages: severities,
        declared: { affectedPackages: severities },
      },
      problems: [],
    });
    expect(Object.keys(inspected(read('npm-audit.found.json')).words.declared as object)).toEqual(['affectedPackages']);
    expect(inspected(json({ ...clean, metadata: metadata({ moderate: 3 }) })).problems).toMatchObject([
      { type: 'declared-medium-affected-packages', declared: 3, counted: 0 },
    ]);
    const old = { via: [], advisories: {}, metadata: { vulnerabilities: { high: 2 }, totalDependencies: 4 } };
    expect(inspected(json(old))).toMatchObject({
      words: { affectedPaths: none, declared: { affectedPaths: { ...none, high: 2 } } },
      problems: [{ type: 'declared-high-affected-paths', declared: 2, counted: 0 }],
    });
  });

  test.each<[string, object, string, string]>([
    ['nothing found among four packages', {}, 'pass', '4 looked at'],
    ['no package at all', { metadata: metadata({}, 0) }, 'inconclusive', 'about no package'],
    [
      'no word of how many packages',
      { metadata: { vulnerabilities: clean.metadata.vulnerabilities } },
      'inconclusive',
      'does not say how many',
    ],
    ['no metadata', { metadata: undefined }, 'inconclusive', 'does not say how many'],
    [
      'a summary that tells of more than the list',
      { metadata: metadata({ high: 2, total: 2 }) },
      'inconclusive',
      '2 packages of severity high, and 0 are listed',
    ],
    ['a total that tells of more', { metadata: metadata({ total: 2 }) }, 'inconclusive', '2 packages in all'],
    [
      'a package named __proto__',
      { vulnerabilities: JSON.parse('{"__proto__":{"severity":"critical","via":[]}}') },
      'fail',
      'at most 0 critical',
    ],
    ['a package whose advisory is not in the report', { vulnerabilities: { a: entry('high', 'b') } }, 'fail', 'without advisory'],
    ['packages that only point at each other', { vulnerabilities: { a: entry('high', 'b'), b: entry('high', 'a') } }, 'fail', '2 high'],
    ['a package that is worse than its advisory', { vulnerabilities: { a: entry('critical', advisory('low')) } }, 'fail', '1 critical'],
    ['an advisory that is worse than its package', { vulnerabilities: { a: entry('low', advisory('critical')) } }, 'fail', '1 critical'],
    ['a severity in no list', { vulnerabilities: { a: entry('severe', advisory('severe')) } }, 'fail', '1 unknown'],
    ['no severity', { vulnerabilities: { a: entry('low', advisory('low', { severity: undefined })) } }, 'fail', '1 unknown'],
  ])('%s', (_what, changes, verdict, reason) => {
    expect(judged(facts(changes))).toMatchObject({ verdict, reason: expect.stringContaining(reason) });
  });

  test('the same advisory in two packages is two findings, listed twice in one it is one', () => {
    const twice = { a: entry('low', advisory('low'), advisory('low')), b: entry('low', advisory('low', { name: 'b' })) };
    expect(facts({ vulnerabilities: twice, metadata: metadata({ low: 2, total: 2 }) }).vulnerabilities.low).toBe(2);
  });

  test.each([
    [{ message: 'request to https://registry.example failed', error: { summary: '', detail: '' } }, 'request to'],
    [{ error: { code: 'ERR_PNPM_AUDIT_BAD_RESPONSE', message: 'responded with 500' } }, 'ERR_PNPM_AUDIT_BAD_RESPONSE: responded with 500'],
  ])('an error without a code or a summary is refused with its message: %j', (report, got) => {
    expect(refusalOf('npm-audit', json(report))).toMatchObject({
      detail: 'npm could not audit: the JSON is an error message.',
      got: expect.stringContaining(got),
    });
  });

  test('an error message is refused with what npm says', () => {
    const error = { code: 'ENOLOCK', summary: 'This command requires an existing lockfile.', detail: '' };
    expect(refusalOf('npm-audit', json({ error }))).toMatchObject({
      detail: expect.stringContaining('could not audit'),
      got: expect.stringContaining('ENOLOCK'),
    });
    expect(refusalOf('npm-audit', json({ ...clean, error })).detail).toContain('could not audit');
  });

  test.each([
    ['version 3', { ...clean, auditReportVersion: 3 }],
    ['a list in the place of packages', { ...clean, vulnerabilities: [] }],
    ['a negative count', { ...clean, metadata: metadata({ high: -1 }) }],
    ['half a package', { ...clean, metadata: metadata({}, 0.5) }],
    ['a huge count', { ...clean, metadata: metadata({}, 2 ** 60) }],
  ])('%s is refused', (_what, report) => {
    expect(refusalOf('npm-audit', json(report)).detail).toBe('The JSON is not a report of npm audit.');
  });
  test('an infinite count is refused', () => {
    expect(refusalOf('npm-audit', bytes(JSON.stringify(clean).replace('"total":4', '"total":1e999'))).detail).toContain('not a report');
  });

  /** As npm 6 and pnpm write it. */
  const old = (changes: object = {}) => ({
    actions: [],
    advisories: {
      '1179': {
        id: 1179,
        module_name: 'minimist',
        severity: 'low',
        title: 'Prototype Pollution',
        url: 'https://npmjs.com/advisories/1179',
        vulnerable_versions: '<0.2.1 || >=1.0.0 <1.2.3',
        findings: [
          { version: '0.0.8', paths: ['mkdirp>minimist', 'optimist>minimist'] },
          { version: '1.2.0', paths: ['minimist'] },
          { version: '0.0.8', paths: ['tar>mkdirp>minimist'] },
        ],
      },
    },
    muted: [],
    metadata: {
      vulnerabilities: { info: 0, low: 4, moderate: 0, high: 0, critical: 0 },
      dependencies: 20,
      devDependencies: 3,
      optionalDependencies: 0,
      totalDependencies: 23,
    },
    ...changes,
  });
  test('version 1: an advisory of two installed versions is two findings, however many paths lead to them', () => {
    const found = factsOf('npm-audit', json(old()));
    expect(found).toMatchObject({ reportVersion: 1, vulnerabilities: { ...none, low: 2 }, targets: 23 });
    expect(judged(found).verdict).toBe('pass');
  });
  test.each<[string, object, string]>([
    ['an advisory that lists no version', { advisories: { x: { module_name: 'a', severity: 'critical' } } }, 'fail'],
    ['a summary with more severities than the list', { advisories: {}, metadata: { ...old().metadata } }, 'inconclusive'],
    ['no dependencies', { advisories: {}, metadata: { vulnerabilities: {}, dependencies: 0, totalDependencies: 0 } }, 'inconclusive'],
    ['muted advisories', { advisories: {}, muted: [{}], metadata: { vulnerabilities: {}, totalDependencies: 1 } }, 'fail'],
    ['an advisory under __proto__', { advisories: JSON.parse('{"__proto__":{"module_name":"a","severity":"high"}}') }, 'fail'],
  ])('version 1: %s', (_what, changes, verdict) => {
    expect(judged(factsOf('npm-audit', json(old(changes)))).verdict).toBe(verdict);
  });
});

test.each([
  ['gitleaks', 'gitleaks.found.json'],
  ['npm-audit', 'npm-audit.found.json'],
  ['trivy', 'trivy.found.json'],
  ['artillery', 'artillery.failed.json'],
  ['artillery', 'artillery-1.json'],
  ['spdx', 'spdx.tag-value.spdx'],
] as const)('%s: no damage to %s makes the parser throw', (type, file) => {
  const sample = read(file);
  fc.assert(
    fc.property(fc.nat(sample.length - 1), fc.uint8Array({ maxLength: 8 }), fc.nat(60), (at, inserted, cut) =>
      sound(type, new Uint8Array([...sample.slice(0, at), ...inserted, ...sample.slice(at + cut)])),
    ),
    { numRuns: 300 },
  );
});
