import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { inspectEvidence } from '../../lib/registry/inspect.ts';

const folder = new URL('../samples/evidence/', import.meta.url);
const samples = readdirSync(folder).filter((name) => name !== 'README.md');
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
/** The rows of the table: file and how it was made. */
const rows = [...text('README.md').matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, file = '', made = '']) => ({ file, made }));

describe('the table of the samples', () => {
  test('has one row for each file of the folder, and no other row', () => {
    expect(rows.map(({ file }) => file).sort()).toEqual([...samples].sort());
  });

  test.each(rows)(
    '$file: says which version of which tool made it by which command, or that it was made by hand, and from what',
    ({ made }) => {
      expect(made).toMatch(/^(?:(?:\S+ )+\d+\.\d+[\d.]*[ :;,].{10}|(?:made|written) (?:by hand )?(?:after|from) .{10})/);
    },
  );

  test.each(samples)('%s: names no home folder of a person', (name) => {
    expect(text(name)).not.toMatch(/\/(?:root|home|Users)\/|\\Users\\/);
  });
});

const tests = (all: number, passed: number, failures: number, errors: number, skipped: number) => ({
  tests: all,
  passed,
  failures,
  errors,
  skipped,
});
const lines = (covered: number, total: number) => ({ lines: expect.objectContaining({ covered, total }) });
const load = (requests: number, failedRequests: number, p99: number | null) => ({
  requests,
  failedRequests,
  latencyMs: expect.objectContaining({ p99 }),
});
const findings = (error: number, warning: number, suppressed: number) => ({
  results: { error, warning, note: 0, none: 0 },
  suppressed,
});
const severe = (critical: number, high: number, medium: number, low: number, info: number) => ({
  vulnerabilities: { critical, high, medium, low, info, unknown: 0 },
});

/** What the tool printed beside the report, or what a person counts in it. */
const figures: Readonly<Record<string, readonly [type: string, words: Readonly<Record<string, unknown>>]>> = {
  'artillery-1.failed.json': ['artillery', load(30, 24, 740)],
  'artillery-1.json': ['artillery', load(3600, 0, 801)],
  'artillery.failed.json': ['artillery', load(30, 25, 48.9)],
  'artillery.json': ['artillery', load(3600, 0, 1002.4)],
  'attestation.json': ['attestation', { person: 'p-technical1', role: 'technical-lead' }],
  'autocannon.json': ['autocannon', load(29_245, 0, 83)],
  'backup.record.json': ['record', { record: 'backup', items: 1 }],
  'c8.lcov': ['lcov', lines(20, 23)],
  'cloudwatch.json': ['cloudwatch', { name: 'monitoring', points: 76_980, failed: 4, durationSeconds: 4 * 3600 }],
  'cobertura-gcovr.xml': ['cobertura', lines(2, 2)],
  'cobertura-istanbul.xml': ['cobertura', lines(2, 3)],
  'cobertura.xml': ['cobertura', lines(12, 13)],
  'collected-alarm-state.json': ['alarm-state', { alarms: 1, red: 0 }],
  'collected-metrics.json': ['metric-series', { points: 4, missing: 0 }],
  'collected-probes.json': ['probes', { probes: 2, passed: 2 }],
  'collected-restarts.json': [
    'restart-history',
    { sources: [expect.objectContaining({ restarts: 1 }), expect.objectContaining({ restarts: 0 })] },
  ],
  'coverage-py.lcov': ['lcov', { ...lines(5, 37), testFiles: 1 }],
  'cyclonedx-npm.json': ['cyclonedx', { subject: 'shop', components: 3 }],
  'cyclonedx-npm.xml': ['cyclonedx', { subject: 'shop', components: 3 }],
  'cyclonedx.json': ['cyclonedx', { subject: 'shop', components: 4 }],
  'eslint.found.sarif': ['sarif', findings(2, 1, 1)],
  'gcovr.lcov': ['lcov', lines(5, 6)],
  'gitleaks.found.json': ['gitleaks', { leaks: 3 }],
  'gitleaks.json': ['gitleaks', { leaks: 0 }],
  // The package that did not compile is a failing case of its own, beside the seven tests that gotestsum counted.
  'gotestsum.failed.junit.xml': ['junit', tests(8, 4, 3, 0, 1)],
  'jacoco.xml': ['jacoco', lines(13, 15)],
  // jest printed 2 failed, 2 skipped, 1 todo and 7 passed; jest-junit writes the todo as a plain case and adds the file that did not load.
  'jest.failed.junit.xml': ['junit', tests(13, 8, 2, 1, 2)],
  'junit.xml': ['junit', tests(7, 6, 0, 0, 1)],
  'k6-handle-summary.json': ['k6', load(30_317, 3, 171.905)],
  'k6-machine-readable.json': ['k6', load(30_317, 3, 171.905)],
  'k6.json': ['k6', load(48_619, 0, null)],
  'lcov.info': ['lcov', lines(11, 12)],
  'load.json': ['autocannon', load(25_980, 0, 220)],
  'node-tap.tap': ['tap', tests(5, 3, 0, 0, 2)],
  'node.tap': ['tap', tests(11, 9, 0, 0, 2)],
  'npm-audit.found.json': ['npm-audit', severe(2, 1, 2, 0, 0)],
  'npm-audit.json': ['npm-audit', severe(0, 0, 0, 0, 0)],
  'openapi.fastapi.json': ['openapi', { operations: 3, undescribed: 0 }],
  'openapi.json': ['openapi', { operations: 3, undescribed: 0 }],
  'perl.tap': ['tap', tests(4, 2, 0, 0, 2)],
  // Playwright printed 1 failed, 1 flaky, 2 skipped and 2 passed; a test that passed at its second try is written as passed.
  'playwright.failed.junit.xml': ['junit', tests(6, 3, 1, 0, 2)],
  'prometheus.json': ['prometheus', { name: 'monitoring', points: 91_100, failed: 2, durationSeconds: 4 * 3600 }],
  // pytest printed 1 failed, 4 passed, 1 skipped, 1 xfailed, 1 xpassed and 2 errors; one of those that passed has an error behind it.
  'pytest.failed.junit.xml': ['junit', tests(9, 4, 1, 2, 2)],
  'sarif.sarif': ['sarif', findings(0, 0, 0)],
  'secretlint.blank.sarif': ['sarif', findings(0, 0, 0)],
  'semgrep.found.sarif': ['sarif', findings(1, 1, 1)],
  'series.json': ['series', { name: 'health', points: 19, failed: 0 }],
  'shop.jsonl': ['log-sample', { lines: 24, complete: 24 }],
  'spdx.json': ['spdx', { subject: 'shop', components: 4 }],
  'spdx.tag-value.spdx': ['spdx', { subject: 'shop', components: 4 }],
  // Surefire printed 7 run, 1 failure, 1 error, 1 skipped and 1 flake; with reruns its own totals in the file are too small.
  'surefire.failed.junit.xml': ['junit', tests(7, 4, 1, 1, 1)],
  'tape.tap': ['tap', tests(3, 3, 0, 0, 0)],
  'trivy.found.json': ['trivy', severe(1, 1, 0, 0, 0)],
  'trivy.json': ['trivy', severe(0, 0, 0, 0, 0)],
  // vitest printed 1 failed file, 2 failed tests, 1 passed, 1 skipped and 1 todo.
  'vitest.failed.junit.xml': ['junit', tests(6, 1, 3, 0, 2)],
  'zap.json': ['zap', severe(0, 0, 0, 1, 1)],
};

test.each(samples)('%s is read as its type, with the figures that its tool printed', (name) => {
  const [type, words] = figures[name] ?? ['', {}];
  // An empty list shows no type.
  const given = name === 'gitleaks.json' ? 'gitleaks' : undefined;
  const read = inspectEvidence(new Uint8Array(readFileSync(new URL(name, folder))), given);
  expect(read.ok).toMatchObject({ type, words });
});

test('every type has its sample in the folder', () => {
  for (const { sample } of Object.values(evidenceTypes)) expect(samples).toContain(sample);
});
