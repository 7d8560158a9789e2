import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type EvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, json } from './parsed.ts';

/** Reports as the tools write them, shortened: what is usual for a tool is read, what it says against itself counts. */
const ruleOf = (check: string): EvidenceRule => baseChecklist.items.find(({ id }) => id === check)?.rule as EvidenceRule;

describe('SARIF', () => {
  const scans: EvidenceRule = {
    kind: 'sarif-clean/1',
    evidence: 'sarif',
    tools: ['eslint', 'semgrep', 'trivy', 'codeql', 'gitleaks', 'bandit', 'secretlint'],
    maxLevel: 'warning',
    maxSuppressed: 1,
  };
  const log = (name: string, more: object = {}, driver: object = {}, extensions: readonly object[] = []) =>
    json({
      version: '2.1.0',
      runs: [{ tool: { driver: { name, ...driver }, extensions }, results: [], artifacts: [{ location: { uri: 'src/a.ts' } }], ...more }],
    });
  const one = (more: object = {}) => ({ ruleId: 'r', message: { text: 'm' }, ...more });
  const notified = (kind: 'Execution' | 'Configuration', notification: object) => ({
    invocations: [{ executionSuccessful: true, [`tool${kind}Notifications`]: [{ message: { text: 'x' }, ...notification }] }],
  });
  const query = { id: 'js/x', defaultConfiguration: { level: 'warning' } };
  const pointing = { ruleId: 'js/x', rule: { id: 'js/x', index: 0, toolComponent: { index: 0 } } };
  const severity = (score: unknown) =>
    log('Trivy', { results: [one({ level: 'note' })] }, { rules: [{ id: 'r', properties: { 'security-severity': score } }] });

  test.each<[string, Uint8Array, 'pass' | 'fail' | 'inconclusive']>([
    ['ESLint with warnings', log('ESLint', { results: [one({ level: 'warning', ruleIndex: 0 })] }, { rules: [{ id: 'r' }] }), 'pass'],
    ['ESLint: a file that could not be parsed', log('ESLint', notified('Configuration', { level: 'error' })), 'inconclusive'],
    ['Semgrep: a comment sets a finding aside', log('Semgrep OSS', { results: [one({ suppressions: [{ kind: 'inSource' }] })] }), 'pass'],
    [
      'Semgrep: a file with odd syntax',
      log('Semgrep OSS', notified('Execution', { level: 'warning', descriptor: { id: 'Syntax' } })),
      'pass',
    ],
    ['Semgrep: a rule ran out of time', log('Semgrep OSS', notified('Execution', { level: 'error' })), 'inconclusive'],
    ['CodeQL: a query of a pack', log('CodeQL', { results: [pointing] }, { rules: [] }, [{ name: 'queries', rules: [query] }]), 'pass'],
    ['CodeQL: a query of a pack that is not listed', log('CodeQL', { results: [pointing] }), 'fail'],
    ['Bandit: skipped files', log('Bandit', notified('Configuration', { level: 'error' })), 'inconclusive'],
    ['an exception without a level', log('Bandit', notified('Execution', { exception: { message: 'boom' } })), 'inconclusive'],
    ['an exception that the tool calls harmless', log('Bandit', notified('Execution', { level: 'note', exception: {} })), 'pass'],
    [
      'a suppression that is under review',
      log('ESLint', { results: [one({ level: 'error', suppressions: [{ status: 'underReview' }] })] }),
      'fail',
    ],
    ['a severity of 9.8', severity('9.8'), 'fail'],
    ['a severity in a word: high', severity('HIGH'), 'fail'],
    ['a severity in a word that is not known', severity('grave'), 'fail'],
    ['a severity in a word: medium', severity('medium'), 'pass'],
    ['a low severity', severity(' Low '), 'pass'],
    ['no severity', severity(null), 'pass'],
    ['MegaLinter around a tool', log('gitleaks (MegaLinter REPOSITORY_GITLEAKS)'), 'pass'],
    ['a version after a slash', log('gitleaks/8.24.0'), 'pass'],
  ])('%s', (_what, report, verdict) => {
    expect(judgeEvidence(scans, factsOf('sarif', report)).verdict).toBe(verdict);
  });

  test.each(['gitleaks (MegaLinter X) 2', 'gitleaks (fork)', 'my gitleaks/8.0'])('%s is another tool', (name) => {
    expect(judgeEvidence(scans, factsOf('sarif', log(name))).verdict).toBe('inconclusive');
  });
});

describe('LCOV', () => {
  const of = (...records: readonly string[]) => bytes(`${records.join('\n')}\nend_of_record\n`);
  test.each<[string, Uint8Array, 'pass' | 'fail' | 'inconclusive']>([
    [
      'Istanbul',
      of('TN:', 'SF:src/a.ts', 'FN:1,(anonymous_0)', 'FNF:1', 'FNH:1', 'FNDA:3,(anonymous_0)', 'DA:1,3', 'LF:1', 'LH:1', 'BRDA:1,0,1,0'),
      'pass',
    ],
    [
      'lcov 2.2',
      of(
        'SF:/w/src/a.c',
        'VER:md5 abc',
        'FNL:0,1,5',
        'FNA:0,3,main',
        'BRDA:3,e0,0,1',
        'MCDC:3,2,t,1,0,a && b',
        'DA:1,3,abcdef==',
        'DA:2,1',
      ),
      'pass',
    ],
    ['coverage.py', of('SF:a.py', 'DA:1,1,7o5TnIzQ9', 'FN:1,2,f', 'FNDA:1,f', 'BRDA:1,0,jump to line 3,-', 'LF:1', 'LH:1'), 'pass'],
    ['Go, where a line stands twice', of('SF:example.com/shop/a.go', 'DA:1,1', 'DA:1,0', 'LF:1', 'LH:1'), 'pass'],
    ['LLVM with a count of 64 bits', of('SF:/w/src/a.rs', 'DA:1,18446744073709551615', 'BRF:0', 'BRH:0'), 'pass'],
    ['names with commas, of C++', of('SF:a.cc', 'FN:1,f(int, std::map<int, int>)', 'FNDA:1,f(int, std::map<int, int>)', 'DA:1,1'), 'pass'],
    ['half a hit', of('SF:a.ts', 'DA:1,0.5'), 'fail'],
    ['totals alone', of('SF:a.ts', 'LF:10', 'LH:10'), 'fail'],
    ['a file without lines', of('SF:a.ts', 'LF:0', 'LH:0'), 'inconclusive'],
  ])('%s', (_what, report, verdict) => {
    expect(judgeEvidence(ruleOf('coverage-per-feature'), factsOf('lcov', report)).verdict).toBe(verdict);
  });
});

describe('CycloneDX', () => {
  const part = (name: string, version: string, purl: string, more: object = {}) => ({ type: 'library', name, version, purl, ...more });
  const bill = (...components: readonly object[]) => json({ bomFormat: 'CycloneDX', specVersion: '1.5', components });
  const folder = { properties: [{ name: 'cdx:npm:package:path', value: 'node_modules/width-cjs' }] };
  const xml =
    '<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library"><name>é</name><version>1</version><purl>pkg:maven/a/%C3%A9@1</purl></component></components></bom>';

  test.each<[string, Uint8Array, 'pass' | 'fail']>([
    [
      'npm sbom: an alias, and the package in the reference',
      bill(part('width-cjs', '4.2.3', 'pkg:npm/width@4.2.3', { 'bom-ref': 'width@4.2.3' })),
      'pass',
    ],
    ['npm sbom: an alias, and its folder', bill(part('width-cjs', '4.2.3', 'pkg:npm/width@4.2.3', folder)), 'pass'],
    [
      'npm sbom: an alias of a scoped package',
      bill(part('w', '1.0.0', 'pkg:npm/%40a/width@1.0.0', { 'bom-ref': '@a/width@1.0.0' })),
      'pass',
    ],
    ['another name that nothing explains', bill(part('width-cjs', '4.2.3', 'pkg:npm/width@4.2.3', { 'bom-ref': 'w' })), 'fail'],
    ['an alias with another version', bill(part('width-cjs', '4.2.3', 'pkg:npm/width@5.0.0', folder)), 'fail'],
    ['an alias where there are none', bill(part('a', '1', 'pkg:maven/org.x/b@1', { 'bom-ref': 'org.x/b@1' })), 'fail'],
    ...['^4.17.0', '~1.2', '>=1.0', '1.x', '1.2.*', '[1.0,2.0)', '1 || 2', '${project.version}'].map(
      (version): [string, Uint8Array, 'fail'] => [`the range or variable ${version}`, bill(part('a', version, 'pkg:npm/a')), 'fail'],
    ),
    ...['2.36-9+deb12u4', '1.0.0-beta.1', 'v0.0.0-20230101000000-abcdefabcdef', '1-SNAPSHOT', 'dev-main', '2.x-dev', '1.0~rc1'].map(
      (version): [string, Uint8Array, 'pass'] => [`the version ${version}`, bill(part('a', version, 'pkg:generic/a')), 'pass'],
    ),
    ['a package that is called UNKNOWN', bill(part('UNKNOWN', '1', 'pkg:npm/UNKNOWN@1')), 'fail'],
    [
      'Trivy: an epoch and an architecture',
      bill(part('login', '1:4.13+dfsg1-1', 'pkg:deb/debian/login@4.13%2Bdfsg1-1?arch=amd64&epoch=1')),
      'pass',
    ],
    ['Trivy: group and name in one', bill(part('org.x:y', '1', 'pkg:maven/org.x/y@1')), 'pass'],
    ['CocoaPods: part of a pod', bill(part('Firebase/Core', '10', 'pkg:cocoapods/Firebase@10#Core')), 'pass'],
    ['XML in ISO-8859-1', new Uint8Array(Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${xml}`, 'latin1')), 'pass'],
    ['XML in UTF-16', new Uint8Array(Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${xml}`, 'utf16le')), 'pass'],
    ['XML in UTF-8 with a byte-order mark', bytes(`\ufeff${xml}`), 'pass'],
  ])('%s', (_what, report, verdict) => {
    expect(judgeEvidence(ruleOf('release-artifact-built'), factsOf('cyclonedx', report)).verdict).toBe(verdict);
  });
});

describe('k6', () => {
  const trend = { avg: 98, min: 1, med: 90, max: 900, 'p(90)': 140, 'p(95)': 160 };
  const summary = (more: object) => ({
    root_group: { name: '', groups: {}, checks: {} },
    metrics: {
      http_reqs: { count: 15_000, rate: 1500 },
      http_req_failed: { passes: 0, fails: 15_000, value: 0 },
      http_req_duration: { ...trend, ...more },
      iterations: { count: 15_000, rate: 1500 },
      iteration_duration: trend,
      vus: { value: 150, min: 150, max: 150 },
      vus_max: { value: 150, min: 150, max: 150 },
    },
  });
  test.each<[string, object, 'pass' | 'inconclusive']>([
    ['no p(99): max is a bound', {}, 'pass'],
    ['a p(99) that was not computed', { 'p(99)': null }, 'pass'],
    ['a p(99) in words', { 'p(99)': '300ms' }, 'inconclusive'],
    ['a negative p(99)', { 'p(99)': -5 }, 'inconclusive'],
  ])('%s', (_what, more, verdict) => {
    expect(judgeEvidence(ruleOf('load-testing'), factsOf('load', json(summary(more)))).verdict).toBe(verdict);
  });
});

describe('OpenAPI as YAML', () => {
  const document = (...lines: readonly string[]) => bytes(`${['openapi: 3.0.3', 'info: {title: T, version: v1}', ...lines].join('\n')}\n`);
  const operation = ['paths:', '  /a:', '    get:', '      summary: List', '      responses:'];
  const base = 'x-base: &base {description: ok}';

  test.each<[string, Uint8Array, number]>([
    ['a merge key', document(base, ...operation, '        200:', '          <<: *base'), 0],
    ['a merge key beside members', document(base, ...operation, '        200:', '          <<: *base', '          content: {}'), 0],
    ['a list of merge keys', document(base, ...operation, '        200:', '          <<: [*base]'), 0],
    ['a merge key with something else', document('x-base: &base {title: ok}', ...operation, '        200:', '          <<: *base'), 1],
    ['numbers and dates', document(...operation, '        200: {description: ok, content: {a/b: {example: 2020-01-01}}}'), 0],
  ])('%s', (_what, report, problems) => {
    expect(factsOf('openapi', report)).toMatchObject({ operations: 1, undescribedCount: 0, problemsCount: problems });
  });
});
