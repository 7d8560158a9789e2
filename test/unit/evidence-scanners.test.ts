import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../lib/registry/evidence.ts';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
import { covers } from '../../lib/registry/rules.ts';
import { vulnerabilitiesWithin } from '../../lib/rules/vulnerabilities-within.ts';
import { factsOf, json, refusalOf } from './parsed.ts';
import { judged, limits, none, parsed, read, strict } from './scanner-reports.ts';

describe('Trivy', () => {
  const clean = parsed('trivy.json');
  const vulnerability = (Severity: unknown, more: object = {}) => ({
    VulnerabilityID: 'CVE-1',
    PkgName: 'a',
    InstalledVersion: '1',
    Severity,
    ...more,
  });
  const facts = (...Results: unknown[]) => factsOf('trivy', json({ ...clean, Results }));
  const packages = (...Vulnerabilities: unknown[]) => ({ Target: 'lock', Class: 'lang-pkgs', Vulnerabilities });

  test('the same vulnerability of a package in two lock files is one, with its worse severity', () => {
    expect(facts(packages(vulnerability('LOW')), packages(vulnerability('HIGH'))).vulnerabilities).toEqual({ ...none, high: 1 });
    const others = [
      vulnerability('LOW', { InstalledVersion: '2' }),
      vulnerability('LOW', { PkgName: 'b' }),
      vulnerability('LOW', { VulnerabilityID: 'CVE-2' }),
    ];
    expect(facts(packages(vulnerability('LOW'), ...others)).vulnerabilities.low).toBe(4);
  });

  test.each<[string, unknown[], string, string]>([
    ['a lock file without findings', [packages()], 'pass', '1 looked at'],
    ['no results', [], 'inconclusive', 'no target'],
    ['configuration only', [{ Target: 'Dockerfile', Class: 'config' }], 'inconclusive', 'looked at nothing'],
    ['licences only', [{ Target: 'x', Class: 'license' }], 'inconclusive', 'looked at nothing'],
    ['an unknown severity', [packages(vulnerability('UNKNOWN'))], 'fail', '1 unknown'],
    ['a severity in no list', [packages(vulnerability('severe'))], 'fail', '1 unknown'],
    ['no severity', [packages(vulnerability(undefined))], 'fail', '1 unknown'],
    ['a medium one', [packages(vulnerability('MEDIUM'))], 'pass', '1 medium'],
    ['a secret', [packages(), { Target: 'a', Class: 'secret', Secrets: [{ RuleID: 'r', Severity: 'LOW' }] }], 'fail', '1 secrets'],
    [
      'a misconfiguration',
      [packages(), { Target: 'a', Class: 'config', Misconfigurations: [{ ID: 'DS002', Severity: 'HIGH', Status: 'FAIL' }] }],
      'fail',
      '1 misconfiguration of severity high',
    ],
    [
      'a misconfiguration of unknown status',
      [packages(), { Target: 'a', Misconfigurations: [{ ID: 'x', Severity: 'HIGH' }] }],
      'fail',
      'misconfiguration',
    ],
    ['a check that passed', [packages(), { Target: 'a', Misconfigurations: [{ ID: 'x', Severity: 'HIGH', Status: 'PASS' }] }], 'pass', ''],
    [
      'an exception',
      [packages(), { Target: 'a', Misconfigurations: [{ ID: 'x', Severity: 'HIGH', Status: 'EXCEPTION' }] }],
      'fail',
      '1 finding set aside',
    ],
    [
      'findings that were set aside',
      [{ ...packages(), ExperimentalModifiedFindings: [{ Status: 'ignored' }] }],
      'fail',
      '1 finding set aside',
    ],
    [
      'results of a class that is not known',
      [packages(), { Target: 'x', Class: 'models', Findings: [{}] }],
      'inconclusive',
      'class models',
    ],
    ['a summary of more failures than are listed', [{ ...packages(), MisconfSummary: { Failures: 2 } }], 'inconclusive', 'says 2 failures'],
  ])('%s', (_what, results, verdict, reason) => {
    expect(judged(facts(...results))).toMatchObject({ verdict, reason: expect.stringContaining(reason) });
  });

  test('licences are findings of the scan, as Trivy itself counts them, and no vulnerabilities', () => {
    const license = (Severity: string, Name: string) => ({ Severity, Name, PkgName: 'a' });
    const found = facts(packages(), {
      Target: 'x',
      Class: 'license',
      Licenses: [license('CRITICAL', 'AGPL-3.0'), license('LOW', 'MIT'), license('LOW', 'MIT')],
    });
    expect(found).toMatchObject({ licenses: { ...none, critical: 1, low: 1 }, vulnerabilities: none });
    expect(found.tools[0]).toMatchObject({ error: 1, note: 1 });
    expect(facts(packages())).not.toHaveProperty('licenses');
  });

  test('Results that are null or missing are a scan of nothing', () => {
    for (const Results of [null, undefined]) expect(judged(factsOf('trivy', json({ ...clean, Results }))).verdict).toBe('inconclusive');
  });

  test('an operating system that is no longer supported proves nothing', () => {
    const old = factsOf('trivy', json({ ...clean, Metadata: { OS: { Family: 'debian', Name: '8', EOSL: true } } }));
    expect(judged(old)).toMatchObject({ verdict: 'inconclusive', reason: expect.stringContaining('debian 8 is no longer supported') });
  });

  test('a clean scan covers one of the same thing only', () => {
    const failed = factsOf('trivy', json({ ...clean, Results: [packages(vulnerability('HIGH'))] }));
    expect(covers(strict, [facts(packages())], failed)).toBe(true);
    expect(covers(strict, [factsOf('trivy', json({ ...clean, ArtifactName: 'other', Results: [packages()] }))], failed)).toBe(false);
  });

  test.each([
    ['SchemaVersion 1', { ...clean, SchemaVersion: 1 }],
    ['no SchemaVersion', { ...clean, SchemaVersion: undefined }],
    ['a finding without number', { ...clean, Results: [packages({ Severity: 'HIGH' })] }],
    ['findings that are no list', { ...clean, Results: [{ ...packages(), Vulnerabilities: {} }] }],
    ['a list, which Trivy wrote before 0.20', [{ Target: 'a' }]],
  ])('%s is refused', (_what, report) => {
    expect(refusalOf('trivy', json(report)).detail).toBe('The JSON is not a report of Trivy.');
  });

  test('the outputs of its own tests', () => {
    expect(factsOf('trivy', read('trivy.found.json')).vulnerabilities).toEqual({ ...none, critical: 1, high: 1 });
  });
});

describe('OWASP ZAP', () => {
  const clean = parsed('zap.json');
  const alert = (riskcode: unknown, more: object = {}) => ({
    pluginid: '1',
    alertRef: '1',
    name: 'XSS',
    riskcode,
    confidence: '2',
    count: '1',
    instances: [{ uri: 'https://a.test/x?token=abc' }],
    ...more,
  });
  const site = (...alerts: unknown[]) => ({ '@name': 'https://a.test', alerts });
  const facts = (...sites: unknown[]) => factsOf('zap', json({ ...clean, insights: [], site: sites }));

  test.each<[string, unknown[], string, string]>([
    ['a site without alerts', [site()], 'pass', '1 looked at'],
    ['no site', [], 'inconclusive', 'no site'],
    ['a high one', [site(alert('3'))], 'fail', '1 high'],
    ['a high one on the second site', [site(), { '@name': 'https://b.test', alerts: [alert(3)] }], 'fail', '1 high'],
    ['a risk that is a word', [site(alert('high'))], 'fail', '1 unknown'],
    ['a risk above the scale', [site(alert('4'))], 'fail', '1 unknown'],
    ['no risk', [site(alert(undefined))], 'fail', '1 unknown'],
    ['words that are worse than the code', [site(alert('0', { riskdesc: 'High (Medium)' }))], 'fail', '1 high'],
    ['words in another language', [site(alert('1', { riskdesc: 'Niedrig (Mittel)' }))], 'pass', '1 low'],
    ['an alert without requests', [site(alert('3', { instances: [], count: '0' }))], 'fail', '1 high'],
    ['an alert that somebody called false', [site(alert('3', { confidence: '0' }))], 'fail', '1 finding set aside'],
    ['fewer requests counted than listed', [site(alert('1', { count: '0' }))], 'inconclusive', 'counted 0 times, and lists 1'],
    ['more requests counted than listed', [site(alert('1', { count: '500' }))], 'pass', '1 low'],
  ])('%s', (_what, sites, verdict, reason) => {
    expect(judged(facts(...sites))).toMatchObject({ verdict, reason: expect.stringContaining(reason) });
  });

  test('an alert counts once for each site, and its place has no query', () => {
    const found = facts(site(alert('2'), alert('3')), { ...site(alert('2')), '@name': 'https://b.test' });
    expect(found).toMatchObject({ vulnerabilities: { ...none, high: 1, medium: 1 }, targets: 2, instances: 3 });
    expect(JSON.stringify(found)).not.toContain('abc');
  });

  test('a list of one may be the one, as ZAP wrote it when it converted XML', () => {
    expect(
      factsOf('zap', json({ '@version': '2.9.0', site: { '@name': 'https://a.test', alerts: alert('2') } })).vulnerabilities.medium,
    ).toBe(1);
  });

  test('requests of an alert that are not listed are said, with both numbers, and are no reason for doubt', () => {
    const report = json({ ...clean, site: [{ '@name': 'https://a.test', alerts: [{ ...alert('0'), count: '9' }] }] });
    expect(inspectEvidence(report, 'zap').ok).toMatchObject({
      words: { declared: { instances: 9 } },
      problems: [{ type: 'unlisted-instances', declared: 9, counted: 1 }],
    });
    expect(factsOf('zap', report).tools).toMatchObject([{ unfinished: 0 }]);
  });

  test('an insight of high level is a reason for doubt', () => {
    const insight = { level: 'High', key: 'insight.network.failure', description: 'Percentage of network failures', statistic: '98' };
    expect(judged(factsOf('zap', json({ ...clean, insights: [insight] })))).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('Percentage of network failures: 98'),
    });
  });

  test.each([
    ['no version', { site: [] }],
    ['no site', { '@version': '2.16.1' }],
    ['a site without name', { '@version': '2.16.1', site: [{ alerts: [] }] }],
    ['no alerts', { '@version': '2.16.1', site: [{ '@name': 'a' }] }],
    ['alerts that are no list', { '@version': '2.16.1', site: [{ '@name': 'a', alerts: 'none' }] }],
  ])('%s is refused', (_what, report) => {
    expect(refusalOf('zap', json(report)).detail).toContain('not a traditional report of OWASP ZAP');
  });
});

describe('limits of severities', () => {
  const trivy = (counts: Readonly<Record<string, number>>, more: object = {}): Facts => ({
    ...factsOf('trivy', read('trivy.json')),
    vulnerabilities: { ...none, ...counts },
    ...more,
  });
  test.each([
    ['maxCritical', 'critical'],
    ['maxHigh', 'high'],
    ['maxUnknown', 'unknown'],
    ['maxMedium', 'medium'],
    ['maxLow', 'low'],
  ] as const)('%s: as many pass, one more fails', (limit, severity) => {
    const rule = vulnerabilitiesWithin.of({ ...limits, [limit]: 2 });
    expect(judged(trivy({ [severity]: 2 }), rule).verdict).toBe('pass');
    expect(judged(trivy({ [severity]: 3 }), rule).verdict).toBe('fail');
  });
  test('a limit that is not set does not limit, and another tool is not asked', () => {
    expect(judged(trivy({ medium: 9999, low: 9999, info: 9999 })).verdict).toBe('pass');
    expect(judged(trivy({}), vulnerabilitiesWithin.of({ ...limits, tools: ['zap'] })).verdict).toBe('inconclusive');
  });
  test('another finding never makes a report pass', () => {
    const severity = fc.constantFrom('CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN', 'NEGLIGIBLE', 7);
    const one = fc.record({ VulnerabilityID: fc.constantFrom('a', 'b', 'c'), PkgName: fc.constantFrom('p', 'q'), Severity: severity });
    const of = (found: readonly object[]) =>
      factsOf('trivy', json({ SchemaVersion: 2, ArtifactName: 'a', Results: [{ Class: 'os-pkgs', Vulnerabilities: found }] }));
    const rule = vulnerabilitiesWithin.of({ ...limits, maxMedium: 1, maxLow: 2 });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), one, (found, more) => {
        if (judged(of([...found, more]), rule).verdict === 'pass') expect(judged(of(found), rule).verdict).toBe('pass');
      }),
    );
  });
});
