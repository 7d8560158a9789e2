import { describe, expect, test } from 'vitest';
import { decidingFacts } from '../../lib/query/deciding-facts.ts';
import type { StoredFacts } from '../../lib/registry/evidence.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { loadPasses } from '../../lib/rules/load-passes.ts';
import { record } from '../../lib/rules/record-within.ts';
import { sampleOf } from '../samples.ts';
import { factsOf as parsedAs } from './parsed.ts';

const tests = junitPasses.of({ minTests: 2, maxSkippedPct: 10 }) as EvidenceRule;
const load = loadPasses.of({ minConcurrency: 100, minRequests: 100, maxErrorPct: 1, maxP99Ms: 500 }) as EvidenceRule;
const junit = (cases: string): Uint8Array =>
  new TextEncoder().encode(`<testsuites><testsuite name="all">${cases}</testsuite></testsuites>`);
const passing = '<testcase classname="a" name="one" time="0.1"/><testcase classname="a" name="two" time="0.1"/>';

const deciding = (rule: EvidenceRule, facts: StoredFacts) => [...decidingFacts(rule, facts, judgeEvidence(rule, facts).verdict)].sort();

describe('the facts that decide', () => {
  test('of tests that failed are how many did, not how many there were', () => {
    const facts = parsedAs('junit', junit(`${passing}<testcase classname="a" name="three" time="0.1"><failure message="no"/></testcase>`));
    expect(deciding(tests, facts)).toEqual(['failed']);
  });

  test('of tests that are too few are how many there were', () => {
    const facts = parsedAs('junit', junit('<testcase classname="a" name="one" time="0.1"/>'));
    expect(deciding(tests, facts)).toContain('tests');
    expect(deciding(tests, facts)).not.toContain('failed');
  });

  test('of a load test that is too slow are the percentile and nothing else', () => {
    const facts = { ...parsedAs('load', sampleOf('load')), p99Ms: 900 } as StoredFacts;
    expect(judgeEvidence(load, facts).verdict).toBe('fail');
    expect(deciding(load, facts)).toEqual(['p99Ms']);
  });

  test('of two faults, each of which is enough, are both', () => {
    const both = { type: 'junit', tests: 4, failed: 1, errored: 1 };
    const facts = {
      ...both,
      skipped: 0,
      unclear: 0,
      repeated: 0,
      failures: [{ name: 'a' }],
      doubts: [],
      suites: [],
    } as unknown as StoredFacts;
    expect(deciding(tests, facts)).toEqual(expect.arrayContaining(['failed', 'errored']));
  });

  test('of a record are its faults, and figures by their name', () => {
    const rule = record('reviews', { minCommits: 1 }) as EvidenceRule;
    const facts = {
      ...{ type: 'record', record: 'reviews', about: null, environment: null, tool: 't', items: 1, figures: { commits: 0, approved: 0 } },
      ...{ faults: [], faultsCount: 0, subjectSha256: [], commit: 'a'.repeat(40) },
    } as StoredFacts;
    expect(deciding(rule, facts)).toEqual(['figures.commits']);
  });

  test.each([
    [20, 5, true],
    [2000, 60, false],
  ])('of coverage of %i files in %i features are asked for: only while that takes no seconds', (files, features, isAsked) => {
    const covered = { found: 10, hit: 4 };
    const all = { found: 10 * files, hit: 4 * files };
    const perFile = Array.from({ length: files }, (_, n) => ({
      path: `src/f${n % features}/file${n}.ts`,
      ...{ lines: covered, functions: covered, branches: covered },
    }));
    const rule = coverageAtLeast.of({
      ...{ metric: 'lines', floorPct: 80, per: 'feature' },
      features: Array.from({ length: features }, (_, n) => ({ id: `feature-${n}`, paths: [`src/f${n}/**`] })),
    }) as EvidenceRule;
    const facts = {
      ...{ type: 'lcov', files, paths: perFile.map(({ path }) => path), testFiles: 0 },
      ...{ lines: all, functions: all, branches: all, perFile },
    } as unknown as StoredFacts;
    expect(decidingFacts(rule, facts, judgeEvidence(rule, facts).verdict).size > 0).toBe(isAsked);
  });

  test('are none where something else gave the verdict', () => {
    const facts = parsedAs('junit', junit(passing));
    expect(decidingFacts(tests, facts, 'fail').size).toBe(0);
    expect(decidingFacts(tests, facts, 'pass').size).toBeGreaterThan(0);
  });
});
