import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type EvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf } from './parsed.ts';

/** Reports as the runners write them: attributes, elements and counts of each, shortened. */
const rule = baseChecklist.items.find(({ id }) => id === 'no-regressions')?.rule as EvidenceRule;
const judged = (xml: string) => judgeEvidence(rule, factsOf('junit', bytes(xml)));

/** Ten good cases; `more` are attributes that the runner adds to each. */
const cases = (more = ''): string =>
  Array.from({ length: 10 }, (_, n) => `<testcase classname="shop" name="good ${n}" time="0.001"${more}/>`).join('');
const good = cases();
const suite = (attributes: string, content: string): string => `<testsuite name="shop" ${attributes}>${content}</testsuite>`;
const suites = (attributes: string, ...inner: readonly string[]): string => `<testsuites ${attributes}>${inner.join('')}</testsuites>`;

describe('a good report of a runner passes', () => {
  test.each<[string, string]>([
    [
      'Surefire 3, with a case that failed first and passed again',
      suite(
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0" tests="12" errors="0" skipped="0" failures="0" flakes="2"',
        `<properties><property name="java.version" value="21"/></properties>${good}<testcase name="a"><flakyFailure message="x" type="E"><stackTrace><![CDATA[at a]]></stackTrace><system-out>o</system-out></flakyFailure></testcase><testcase name="b"><flakyError type="E"/></testcase>`,
      ),
    ],
    [
      'Gradle',
      suite(
        'tests="10" skipped="0" failures="0" errors="0" timestamp="2026-03-02T08:00:00.123Z" hostname="h" time="0.1"',
        `<properties/>${good}<system-out><![CDATA[]]></system-out><system-err/>`,
      ),
    ],
    ['TestNG', suite('ignored="0" tests="10" failures="0" errors="0" skipped="0" timestamp="2026-03-02T08:00:00 UTC"', good)],
    [
      'gotestsum',
      suites(
        'tests="10" failures="0" errors="0" time="0.2"',
        suite('tests="10" failures="0" timestamp="2026-03-02T08:00:00Z"', `<properties/>${good}`),
        '<testsuite tests="0" failures="0" name="example.com/without-tests"/>',
      ),
    ],
    ['go-junit-report', suites('tests="10"', suite('tests="10" id="0" hostname="h"', `${good}<system-out><![CDATA[PASS]]></system-out>`))],
    [
      'pytest with an expected failure, which it writes as skipped',
      suites(
        'name="pytest tests"',
        suite(
          'errors="0" failures="0" skipped="1" tests="11" timestamp="2026-03-02T08:00:00.874+02:00"',
          `${good}<testcase name="x"><skipped type="pytest.xfail" message="known"/></testcase>`,
        ),
      ),
    ],
    [
      'pytest 9, which counts subtests that passed and lists none of them',
      suites('name="pytest tests"', suite('errors="0" failures="0" skipped="0" tests="15"', good)),
    ],
    ['Jest', suites('name="jest tests" tests="10" failures="0" errors="0"', suite('errors="0" failures="0" skipped="0" tests="10"', good))],
    [
      'Mocha with an empty root suite',
      suites('tests="10" failures="0"', suite('tests="0" failures="0" file="/a.js"', ''), suite('tests="10" failures="0"', good)),
    ],
    ["Mocha's own xunit", suite('tests="10" failures="0" errors="0" skipped="0" timestamp="Mon, 02 Mar 2026 08:00:00 GMT"', good)],
    [
      'Playwright',
      suites(
        'id="" name="" tests="11" failures="0" skipped="1" errors="0"',
        suite(
          'hostname="chromium" tests="11" failures="0" skipped="1" errors="0"',
          `${good}<testcase name="b"><properties><property name="skip" value=""/></properties><skipped></skipped></testcase>`,
        ),
      ),
    ],
    [
      'Bun with suites within suites',
      suites(
        'tests="10" assertions="20" failures="0" skipped="0"',
        suite(
          'tests="10" assertions="20"',
          suite('tests="10" assertions="20" line="3"', cases(' file="a.test.ts" line="5" assertions="2"')),
        ),
      ),
    ],
    ['node --test', suites('', suite('disabled="0" errors="0" tests="10" failures="0" skipped="0"', good), '<!-- pass 10 -->')],
    [
      'NUnit, converted',
      suites('tests="10" failures="0" errors="0" disabled="0"', suite('tests="10"', cases(' assertions="1" status="Passed"'))),
    ],
    [
      'GoogleTest with a disabled case',
      suites(
        'tests="11" failures="0" disabled="1" errors="0"',
        suite(
          'tests="11" failures="0" disabled="1" skipped="0" errors="0"',
          `${cases(' file="a.cc" line="3" status="run" result="completed"')}<testcase name="DISABLED_x" status="notrun" result="suppressed"/>`,
        ),
      ),
    ],
    [
      'Catch2, which counts assertions as tests',
      suites('', suite('errors="0" failures="0" skipped="0" tests="31" hostname="tbd" time="0.1"', cases(' status="run"'))),
    ],
    ['doctest, likewise', suites('', suite('errors="0" failures="0" tests="31" doctest_version="2.4.12"', cases(' status="run"')))],
    [
      'CTest',
      suite(
        'tests="11" failures="0" disabled="1" skipped="0"',
        `${cases(' status="run"')}<testcase name="d" status="disabled"><disabled message="Disabled"/></testcase>`,
      ),
    ],
    [
      'cargo-nextest with a script before the tests',
      suites(
        'uuid="a" tests="11" failures="0" errors="0"',
        suite('tests="1" disabled="0"', '<testcase name="db" classname="@setup-script:db"/>'),
        suite('tests="10" disabled="0" errors="0" failures="0"', good),
      ),
    ],
    [
      'PHPUnit',
      suites('', suite('tests="10" assertions="20" errors="0" warnings="0" failures="0" skipped="0"', cases(' class="S" assertions="2"'))),
    ],
    ['RSpec', suite('tests="10" skipped="0" failures="0" errors="0"', `<properties/>${cases(' file="./spec/a_spec.rb"')}`)],
    ['Robot Framework', suite('tests="10" errors="0" failures="0" skipped="0"', suite('tests="10"', `${good}<properties/>`))],
    ['behave', suite('tests="10" errors="0" failures="0" skipped="0"', cases(' status="passed"'))],
    [
      'Bazel with one case for its target',
      suites('', suite('tests="1" failures="0"', '<testcase name="//a:b" status="run" duration="1"/>')),
    ],
    ['Qt Test with an expected failure', suite('tests="11" errors="0" failures="0"', `${good}<testcase name="x" result="xfail"/>`)],
    [
      'a namespace, comments and a style sheet',
      `<?xml-stylesheet href="x"?><!-- <failure/> --><testsuites xmlns="u">${suite('', good)}</testsuites>`,
    ],
    [
      'what looks like a failure in output',
      suite('', `${good}<testcase name="x"><system-out><![CDATA[<failure/>]]></system-out></testcase>`),
    ],
  ])('%s', (_runner, xml) => {
    expect(judged(xml)).toMatchObject({ verdict: 'pass' });
  });
});

describe('a report of a run that did not go well does not pass', () => {
  test.each<[string, string, 'fail' | 'inconclusive']>([
    ['Surefire: failed again', suite('', `${good}<testcase name="a"><failure/><rerunFailure type="E"/></testcase>`), 'fail'],
    ['Surefire: only the repetitions are shown', suite('', `${good}<testcase name="a"><rerunError/></testcase>`), 'fail'],
    ['Surefire: flaky first, then failed', suite('', `${good}<testcase name="a"><flakyFailure/><failure/></testcase>`), 'fail'],
    ['gotestsum: a package did not build', suites('tests="10" errors="1"', suite('tests="10"', good)), 'fail'],
    [
      'gotestsum: a case failed and passed when it was run again, without a word of which counts',
      suites('tests="12" failures="1"', suite('', `${good}<testcase name="x"><failure/></testcase><testcase name="x"/>`)),
      'fail',
    ],
    ['go-junit-report: build failed', suites('', suite('', '<testcase name="[build failed]"><error message="x"/></testcase>')), 'fail'],
    [
      'pytest: a module could not be imported',
      suites('', suite('errors="1"', '<testcase name="t"><error message="x"/></testcase>')),
      'fail',
    ],
    ['pytest: an error after the test', suite('', `${good}<testcase name="x"/><testcase name="x"><error/></testcase>`), 'fail'],
    [
      'pytest: a subtest failed, and its case is missing',
      suites('name="pytest tests"', suite('errors="0" failures="1" skipped="0" tests="15"', good)),
      'fail',
    ],
    [
      'pytest: nobody knows whether what is missing was skipped',
      suites('name="pytest tests"', suite('errors="0" failures="0" tests="15"', good)),
      'inconclusive',
    ],
    ['Mocha: a hook failed', suites('tests="0" failures="1"', suite('', '<testcase name="before all hook"><failure/></testcase>')), 'fail'],
    [
      'node --test: timed out',
      suites('', `${good}<testcase name="x" failure="timed out"><failure type="testTimeoutFailure"/></testcase>`),
      'fail',
    ],
    ['Newman: a request got no answer', suites('', suite('errors="1"', '<error message="ECONNREFUSED"/>'), suite('', good)), 'fail'],
    ['RSpec: an error outside of the examples', suite('tests="0" errors="1"', ''), 'fail'],
    ['GoogleTest: the filter left nothing', suites('tests="0" failures="0" disabled="0" errors="0"'), 'inconclusive'],
    ['NUnit: no verdict', suite('', `${good}<testcase name="a" status="Inconclusive"/>`), 'inconclusive'],
    ['NUnit: a warning', suite('', `${good}<testcase name="a" status="Warning"/>`), 'inconclusive'],
    ['behave: a step is not defined', suite('', `${good}<testcase name="s" status="undefined"/>`), 'inconclusive'],
    ['a test that passed although it should fail', suite('', `${good}<testcase name="a" status="xpass"/>`), 'inconclusive'],
    [
      'Catch2: a failed assertion',
      suites('', suite('failures="1" tests="31" hostname="tbd"', `${good}<testcase name="x"><failure/></testcase>`)),
      'fail',
    ],
    ['PHPUnit: a warning that no case shows', suites('', suite('tests="10" warnings="1"', good)), 'inconclusive'],
    ['a suite that counts broken tests', suite('tests="10" failures="0" broken="2"', good), 'fail'],
    ['a suite that counts aborted tests', suites('aborted="1"', suite('', good)), 'fail'],
    ['a suite that counts inconclusive tests', suite('tests="10" inconclusive="3"', good), 'inconclusive'],
    ['a suite that claims more tests than it shows', suites('tests="20"', suite('tests="10"', good)), 'inconclusive'],
  ])('%s', (_why, xml, verdict) => {
    expect(judged(xml).verdict).toBe(verdict);
  });

  test('claims of unclear tests that the cases show are no further doubts', () => {
    const shown = suite('tests="11" warnings="1" inconclusive="0"', `${good}<testcase name="w"><warning>none</warning></testcase>`);
    expect(factsOf('junit', bytes(shown))).toMatchObject({ tests: 11, unclear: 1 });
    expect(factsOf('junit', bytes(suite('tests="10" timeout="30" risky="1"', good)))).toMatchObject({ tests: 10, unclear: 0, failed: 0 });
  });
});
