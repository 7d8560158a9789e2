import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { appliesTo, type EvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { bytes, factsOf } from './parsed.ts';

const rule = junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*error*handling*', '*e2e*'] });
const suite = (name: string, cases: string): string => `<testsuite name="${name}">${cases}</testsuite>`;
const passed = (name: string, classname = ''): string => `<testcase name="${name}" classname="${classname}"/>`;
const property = (name: string, value: string): string => `<property name="${name}" value="${value}"/>`;
const caseWith = (name: string, properties: string): string => `<testcase name="${name}"><properties>${properties}</properties></testcase>`;
const failed = (name: string): string => `<testcase name="${name}"><failure message="no"/></testcase>`;
const junit = (...suites: string[]) => factsOf('junit', bytes(`<testsuites>${suites.join('')}</testsuites>`));

test('one file with one unit test proves none of the checks about integration, smoke tests and endpoints', () => {
  const facts = junit(suite('test/unit/price.test.ts', passed('adds up')));
  for (const id of ['integration-suite', 'smoke-tests-staging', 'smoke-tests-run', 'endpoints-responding', 'integrations-working']) {
    const found = baseChecklist.items.find((item) => item.id === id)?.rule as EvidenceRule;
    expect([id, appliesTo(found, facts), judgeEvidence(found, facts).verdict]).toEqual([id, false, 'inconclusive']);
  }
});

test('the suites that a check is about are looked for, and what a report shows instead is said', () => {
  expect(judgeEvidence(rule, junit(suite('payments', passed('a') + passed('b')), suite('prices', passed('c'))))).toEqual({
    verdict: 'inconclusive',
    reason: 'looked for test results with a suite, class or file that fits *error*handling* or *e2e*; got 3 tests in “payments”, “prices”',
  });
  expect(judgeEvidence(rule, junit(suite('payments', ''))).reason).toMatch(/; got no test$/);
});

describe('a check about some suites', () => {
  test.each([
    ['the name of the suite', junit(suite('Error handling', passed('a')))],
    ['the name of the file', junit(suite('test/error-handling.test.ts', passed('a')))],
    ['the class', junit(suite('all', passed('a', 'shop.ErrorHandlingTest')))],
    ['a property of the test', junit(suite('all', caseWith('a', property('suite', 'Error handling'))))],
    [
      'a property of the test without a list around it',
      junit(suite('all', '<testcase name="a"><property name="Category" value="error handling"/></testcase>')),
    ],
    [
      'one of several properties',
      junit(suite('all', caseWith('a', property('owner', 'ada') + property('tag', 'slow') + property('tag', 'e2e')))),
    ],
    ['a property of the suite', junit(suite('all', `<properties>${property('test_suite', 'error-handling')}</properties>${passed('a')}`))],
    [
      'a property of a suite around it',
      junit(`<testsuite name="x"><properties>${property('suite', 'e2e')}</properties>${suite('all', passed('a'))}</testsuite>`),
    ],
    ['a suite around it', junit(`<testsuite name="error_handling">${suite('inner', passed('a'))}</testsuite>`)],
    [
      'a subtest of TAP',
      factsOf('tap', bytes('TAP version 13\n# Subtest: error handling\n    ok 1 - a\n    1..1\nok 1 - error handling\n1..1')),
    ],
  ])('takes %s', (_, facts) => {
    expect(appliesTo(rule, facts)).toBe(true);
    expect(judgeEvidence(rule, facts)).toMatchObject({ verdict: 'pass', reason: expect.stringContaining('1 test') });
  });

  test.each([
    ['other suites', junit(suite('payments', passed('a')))],
    ['a test of that name in another suite', junit(suite('payments', passed('error handling')))],
    ['a property that names no suite', junit(suite('payments', caseWith('a', property('description', 'error handling'))))],
    ['a property of another test', junit(suite('payments', `${caseWith('a', property('suite', 'other'))}${passed('b')}`))],
    [
      'a property of an attachment',
      junit(suite('payments', `<testcase name="a"><attachment>${property('suite', 'e2e')}</attachment></testcase>`)),
    ],
    [
      'a property of a suite beside it',
      junit(suite('error', `<properties>${property('suite', 'e2e')}</properties>`), suite('payments', passed('a'))),
    ],
    ['an empty suite of that name', junit(suite('error handling', ''), suite('payments', passed('a')))],
  ])('does not take %s', (_, facts) => {
    expect(appliesTo(rule, facts)).toBe(false);
  });

  test('is not failed by another suite, and not saved by it', () => {
    const other = suite('payments', failed('b') + passed('c'));
    expect(judgeEvidence(rule, junit(suite('error handling', passed('a')), other)).verdict).toBe('pass');
    const bad = judgeEvidence(rule, junit(suite('error handling', failed('broken')), suite('payments', passed('c'))));
    expect(bad).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('“broken”') });
  });

  test('counts a test by its property alone, shows it in the facts, and fails when that test does', () => {
    const other = caseWith('b', property('suite', 'payments'));
    const facts = junit(suite('all', `${caseWith('a', property('suite', 'e2e'))}${other}`));
    expect(facts.suites).toMatchObject([
      { names: ['testsuites', 'all', 'e2e'], tests: 1 },
      { names: ['testsuites', 'all', 'payments'], tests: 1 },
    ]);
    expect(judgeEvidence(rule, facts)).toMatchObject({ verdict: 'pass', reason: expect.stringContaining('1 test') });
    const broken = `<testcase name="a"><properties>${property('suite', 'e2e')}</properties><failure/></testcase>`;
    expect(judgeEvidence(rule, junit(suite('all', `${broken}${other}`))).verdict).toBe('fail');
  });

  test('takes ten properties of a test at most, so that none fills the memory', () => {
    const many = Array.from({ length: 500 }, (_, n) => property('tag', `t${n}`)).join('');
    expect(junit(suite('all', caseWith('a', many))).suites?.[0]?.names.length).toBeLessThan(20);
  });

  test('does not pass while the report is unclear as a whole', () => {
    const claims = factsOf('junit', bytes(`<testsuites tests="3">${suite('error handling', passed('a'))}</testsuites>`));
    expect(judgeEvidence(rule, claims).verdict).toBe('inconclusive');
  });

  test('does not pass while a suite beyond the limit fails', () => {
    const many = Array.from({ length: 320 }, (_, n) => suite(`suite ${n}`, passed(`a${n}`)));
    const first = suite('error handling', passed('a'));
    expect(judgeEvidence(rule, junit(first, ...many)).verdict).toBe('pass');
    expect(judgeEvidence(rule, junit(first, ...many, suite('last', failed('b')))).verdict).toBe('inconclusive');
  });

  test('is not decided by facts that name no suite', () => {
    const { suites: _, ...older } = junit(suite('error handling', passed('a')));
    expect(appliesTo(rule, older)).toBe(false);
  });
});
