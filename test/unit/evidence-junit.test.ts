import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, inspected } from './parsed.ts';

const junit = (xml: string) => factsOf('junit', bytes(xml));
const rule = baseChecklist.items.find(({ id }) => id === 'no-regressions')?.rule as EvidenceRule;
const verdict = (xml: string): string => judgeEvidence(rule, junit(xml)).verdict;

describe('reports as test runners write them', () => {
  test('pytest: a module that cannot be imported, an expected failure, a failing teardown', () => {
    const xml = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="2" failures="1" skipped="2" tests="6" time="0.086" timestamp="2026-03-02T08:00:00.000000+00:00" hostname="ci"><testcase classname="" name="test_b" time="0.000"><error message="collection failure">ImportError while importing test module
E   ModuleNotFoundError: No module named 'nothing_there'</error></testcase><testcase classname="test_a" name="test_ok" time="0.000" /><testcase classname="test_a" name="test_bad" time="0.000"><failure message="AssertionError: a &lt; b &amp; &quot;c&quot; 😀&#10;assert 1 == 2">&gt;   def test_bad(): assert 1 == 2</failure></testcase><testcase classname="test_a" name="test_skip" time="0.000"><skipped type="pytest.skip" message="later">test_a.py:4: later</skipped></testcase><testcase classname="test_a" name="test_xfail" time="0.000"><skipped type="pytest.xfail" message="" /></testcase><testcase classname="test_a" name="test_teardown" time="0.000"><error message="failed on teardown with &quot;RuntimeError: teardown&quot;">E       RuntimeError: teardown</error></testcase></testsuite></testsuites>`;
    expect(junit(xml)).toEqual({
      type: 'junit',
      tests: 6,
      failed: 1,
      errored: 2,
      skipped: 2,
      unclear: 0,
      repeated: 0,
      doubts: [],
      failures: [
        { name: 'test_b', message: 'collection failure' },
        { name: 'test_a › test_bad', message: 'AssertionError: a < b & "c" 😀 assert 1 == 2' },
        { name: 'test_a › test_teardown', message: 'failed on teardown with "RuntimeError: teardown"' },
      ],
      passedTests: [expect.any(String)],
      passedNames: [expect.any(String)],
      skippedTests: [expect.any(String), expect.any(String)],
      otherTests: [expect.any(String), expect.any(String), expect.any(String)],
      suites: [
        {
          names: ['pytest tests', 'pytest', 'test_a'],
          tests: 5,
          failed: 1,
          errored: 1,
          skipped: 2,
          unclear: 0,
          first: 'test_a › test_bad',
        },
        { names: ['pytest tests', 'pytest'], tests: 1, failed: 0, errored: 1, skipped: 0, unclear: 0, first: 'test_b' },
      ],
    });
  });

  test('vitest: a file that cannot be imported, and hooks that fail', () => {
    const xml = `<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="5" failures="2" errors="0" time="0.014">
    <testsuite name="b.test.ts" tests="1" failures="1" errors="0" skipped="0" time="0">
        <testcase classname="b.test.ts" name="b.test.ts" time="0">
            <failure message="Cannot find module &apos;./nothing.ts&apos;" type="Error">Error: Cannot find module</failure>
        </testcase>
    </testsuite>
    <testsuite name="c.test.ts" tests="4" failures="1" errors="0" skipped="1" time="0.005">
        <testcase classname="c.test.ts" name="hooks &gt; never ran" time="0"><skipped/></testcase>
        <testcase classname="c.test.ts" name="hooks" time="0.0004"><failure message="before all" type="Error">Error: before all</failure></testcase>
        <testcase classname="c.test.ts" name="fine" time="0.0009"></testcase>
    </testsuite>
</testsuites>`;
    expect(junit(xml)).toMatchObject({
      tests: 4,
      failed: 2,
      skipped: 1,
      failures: [{ name: 'b.test.ts › b.test.ts' }, { message: 'before all' }],
    });
  });

  test('surefire: a case that passed on a rerun passes and counts as repeated; a case that never passed fails', () => {
    const suite = (inner: string) =>
      `<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="CartTest" tests="1" errors="0" skipped="0" failures="0" flakes="1"><properties><property name="java.version" value="21"/></properties><testcase name="adds" classname="CartTest" time="0.01">${inner}</testcase></testsuite>`;
    const flaky = suite(
      '<flakyFailure message="expected 1" type="AssertionError"><stackTrace><![CDATA[at <Cart>]]></stackTrace><system-out/></flakyFailure>',
    );
    expect(junit(flaky)).toMatchObject({ tests: 1, failed: 0, repeated: 1 });
    expect(judgeEvidence(rule, junit(flaky))).toEqual({
      verdict: 'pass',
      reason: '1 test, 0 failed, 0 skipped, 1 repeated',
    });
    const broken = suite('<failure message="expected 1"/><rerunFailure message="expected 1 again"/>');
    expect(junit(broken)).toMatchObject({ failed: 1, repeated: 0, failures: [{ message: 'expected 1' }] });
    expect(junit(suite('<rerunError message="again"/>'))).toMatchObject({ errored: 1 });
  });

  test('Gradle with retries: the same case twice, failed and passed, has failed', () => {
    const xml =
      '<testsuite name="T" tests="2" failures="1"><testcase name="a" classname="T"><failure message="m" type="T">at T</failure></testcase><testcase name="a" classname="T"/></testsuite>';
    expect(verdict(xml)).toBe('fail');
  });

  test('GoogleTest and CTest: a disabled case did not run, a failed status is a failure', () => {
    const disabled =
      '<testsuites tests="1" disabled="1"><testsuite name="S"><testcase name="DISABLED_a" status="notrun" result="suppressed" classname="S"/></testsuite></testsuites>';
    expect(junit(disabled)).toMatchObject({ tests: 1, skipped: 1 });
    expect(verdict(disabled)).toBe('inconclusive');
    expect(junit('<testsuite><testcase name="a" status="run" result="completed"/></testsuite>')).toMatchObject({ skipped: 0, failed: 0 });
    expect(verdict('<testsuite><testcase name="a" status="fail"/><testcase name="b" status="run"/></testsuite>')).toBe('fail');
    expect(junit('<testsuite><testcase name="a" status="disabled"><disabled message=""/></testcase></testsuite>')).toMatchObject({
      skipped: 1,
    });
  });

  test('go-junit-report: subtests, a skip and a build that failed', () => {
    const xml =
      '<testsuites tests="3" failures="0" errors="1" skipped="1"><testsuite name="shop/cart" tests="2" failures="0" errors="0" skipped="1" id="0"><testcase name="TestAdd/empty" classname="shop/cart" time="0.000"></testcase><testcase name="TestSlow" classname="shop/cart"><skipped message="Skipped"><![CDATA[slow]]></skipped></testcase></testsuite><testsuite name="shop/web" tests="1" errors="1"><testcase name="[build failed]" classname="shop/web"><error message="Build error"><![CDATA[./web.go:3: undefined: x]]></error></testcase></testsuite></testsuites>';
    expect(junit(xml)).toMatchObject({ tests: 3, errored: 1, skipped: 1, failures: [{ name: 'shop/web › [build failed]' }] });
  });

  test('jest-junit: a file that did not load appears in the totals only, and still counts as an error', () => {
    const xml =
      '<testsuites name="jest tests" tests="1" failures="0" errors="1" time="1"><testsuite name="cart" errors="0" failures="0" skipped="0" tests="1"><testcase classname="cart adds" name="cart adds" time="0.003"></testcase></testsuite><testsuite name="web.test.js" errors="1" failures="0" skipped="0" tests="0"></testsuite></testsuites>';
    expect(junit(xml)).toMatchObject({
      errored: 1,
      failures: [{ name: 'web.test.js', message: 'claims 1 failed or errored tests and shows none' }],
    });
    expect(verdict(xml)).toBe('fail');
  });

  test('a case that is called failed and skipped has failed, and a claim of one skipped test means it', () => {
    const xml =
      '<testsuite name="a" tests="2" failures="1" skipped="1"><testcase name="x"><skipped/><failure/></testcase><testcase name="y"/></testsuite>';
    const { words, problems } = inspected('junit', xml);
    expect(words).toMatchObject({ tests: 2, passed: 1, failures: 1, skipped: 0 });
    expect(problems).toMatchObject([{ type: 'declared-skipped', declared: 1, counted: 0 }]);
    expect(junit(xml)).toMatchObject({ failed: 1, skipped: 0 });
  });

  test('more cases than a suite counts: the difference says what the surplus counts as', () => {
    const { problems } = inspected('junit', '<testsuite name="a" tests="1"><testcase name="x"/><testcase name="y"/></testsuite>');
    expect(problems).toMatchObject([
      { declared: 1, counted: 2, title: expect.stringMatching(/ 1 test that is shown as passed counts as skipped\.$/) },
    ]);
  });

  test.each([
    ['tests', '999999999999', 1],
    ['failures', '-1', 0],
    ['skipped', '-2', 0],
  ])('a count of %s that cannot be is said with both numbers', (name, declared, counted) => {
    const { problems } = inspected('junit', `<testsuite name="a" ${name}="${declared}"><testcase name="x"/></testsuite>`);
    expect(problems).toMatchObject([{ type: 'unclear-report', declared: Number(declared), counted }]);
  });

  test('a difference of totals hides no doubt that is about something else', () => {
    const { problems } = inspected('junit', '<testsuite name="a" tests="5"><error message="no database"/><testcase name="x"/></testsuite>');
    expect(problems.map(({ title }) => title)).toEqual(['The report says tests: 5, and 1 was counted.', 'a: no database']);
  });

  test('a failure of a suite, outside of any case, counts', () => {
    expect(junit('<testsuite name="db"><error message="no connection"/><testcase name="a"/></testsuite>')).toMatchObject({
      errored: 1,
      failures: [{ name: 'db', message: 'no connection' }],
    });
  });

  test('a byte-order mark, another encoding in the declaration and comments change nothing', () => {
    expect(junit('\ufeff<?xml version="1.0" encoding="ISO-8859-1"?><!-- ci --><testsuite><testcase name="ä"/></testsuite>')).toMatchObject({
      tests: 1,
    });
  });

  test('markup of a failure in captured output does not count', () => {
    expect(
      junit('<testsuite><testcase name="a"><system-out><![CDATA[<failure message="x"/>]]></system-out></testcase></testsuite>'),
    ).toMatchObject({
      failed: 0,
    });
  });
});

describe('a report that proves too little never passes', () => {
  const skipped = (count: number): string =>
    Array.from({ length: count }, (_, n) => `<testcase name="s${n}"><skipped/></testcase>`).join('');
  const ran = (count: number): string => Array.from({ length: count }, (_, n) => `<testcase name="r${n}"/>`).join('');
  test.each([
    ['no suite', '<testsuites/>', 'inconclusive'],
    [
      'no case, although the totals claim some',
      '<testsuites tests="312" failures="0"><testsuite tests="312"/></testsuites>',
      'inconclusive',
    ],
    ['only skipped cases', `<testsuite>${skipped(5)}</testsuite>`, 'inconclusive'],
    ['more skipped than the definition allows', `<testsuite>${ran(79)}${skipped(21)}</testsuite>`, 'inconclusive'],
    ['as many skipped as it allows', `<testsuite>${ran(80)}${skipped(20)}</testsuite>`, 'pass'],
    ['totals that hide a failure', `<testsuite tests="1" failures="0"><testcase><failure/></testcase></testsuite>`, 'fail'],
  ])('%s', (_what, xml, expected) => {
    expect(verdict(xml)).toBe(expected);
  });
});
