import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, refusalOf } from './parsed.ts';

const rule = baseChecklist.items.find(({ id }) => id === 'no-regressions')?.rule as EvidenceRule;
const junit = (xml: string) => factsOf('junit', bytes(xml));
const judged = (xml: string) => judgeEvidence(rule, junit(xml));
/** Ten good cases before the one in question: only what it says itself may keep the report from passing. */
const good = Array.from({ length: 10 }, (_, n) => `<testcase classname="shop" name="good ${n}"/>`).join('');
const beside = (one: string, attributes = ''): string => `<testsuite name="shop"${attributes}>${good}${one}</testsuite>`;

describe('an outcome that is no known good word is not a pass', () => {
  const failing = [
    'FAILED',
    'Failure',
    'error',
    'broken',
    'timedOut',
    'timeout',
    'timed-out',
    'aborted',
    'cancelled',
    'canceled',
    'interrupted',
  ];
  const unclear = ['blocked', 'inconclusive', 'undefined', 'incomplete', 'unknown', 'passed with warnings', 'passed?', 'xyz', '?', '', '0'];
  const notRun = ['notRun', 'NotRun', 'not_run', 'not run', 'untested', 'skipped', 'disabled', 'pending', 'todo', 'Ignored'];
  const passing = ['passed', 'PASS', 'Success', 'successful', 'ok', 'run', 'completed'];

  test.each(['status', 'result', 'outcome'])('the attribute %s', (name) => {
    const verdictOf = (word: string) => judged(beside(`<testcase name="x" ${name}="${word}"/>`)).verdict;
    for (const word of failing) expect(verdictOf(word), word).toBe('fail');
    for (const word of unclear) expect(verdictOf(word), word).toBe('inconclusive');
    for (const word of passing) expect(verdictOf(word), word).toBe('pass');
    for (const word of notRun)
      expect(junit(`<testsuite><testcase name="x" ${name}="${word}"/></testsuite>`), word).toMatchObject({
        tests: 1,
        skipped: 1,
        unclear: 0,
      });
  });

  test.each([
    ['<failure/>', 'fail'],
    ['<Error message="x"/>', 'fail'],
    ['<j:failure xmlns:j="urn:j"/>', 'fail'],
    ['<aborted message="no verdict"/>', 'fail'],
    ['<timeout/>', 'fail'],
    ['<canceled/>', 'fail'],
    ['<warning type="PHPUnit\\Framework\\Warning">No tests found in class "CheckoutTest".</warning>', 'inconclusive'],
    ['<incomplete/>', 'inconclusive'],
    ['<inconclusive/>', 'inconclusive'],
    ['<novel/>', 'inconclusive'],
    ['<status>failed</status>', 'inconclusive'],
    ['<properties><failure/></properties>', 'fail'],
    ['<system-out>x</system-out><system-err/><properties><property name="a" value="b"/></properties><attachments/>', 'pass'],
  ])('the element %s: %s', (element, verdict) => {
    expect(judged(beside(`<testcase name="x">${element}</testcase>`)).verdict).toBe(verdict);
  });

  test.each([
    ['success="false"', 'fail'],
    ['passed="False"', 'fail'],
    ['success="perhaps"', 'inconclusive'],
    ['success="true" executed="true" disabled="false" failures="0"', 'pass'],
    ['failure="expected 1"', 'fail'],
    ['errors="1"', 'fail'],
    ['aborted="true"', 'fail'],
    ['timeout="5000" time="0.1" assertions="0" line="4"', 'pass'],
  ])('the flag %s: %s', (attributes, verdict) => {
    expect(judged(beside(`<testcase name="x" ${attributes}/>`)).verdict).toBe(verdict);
  });

  test.each([
    ['a good word does not hide a bad element', '<testcase name="x" status="passed"><failure/></testcase>', 'fail'],
    ['a bad word does not become a skip', '<testcase name="x" status="failed"><skipped/></testcase>', 'fail'],
    ['one good word does not hide an unknown one', '<testcase name="x" status="run" result="odd"/>', 'inconclusive'],
    ['a case without a name, as pytest.exit leaves one', '<testcase time="0.000"/>', 'inconclusive'],
    ['a case whose name is blank', '<testcase classname="shop" name=" "/>', 'inconclusive'],
    ['a failure below an unknown element of the suite', '<group><failure message="setup"/></group>', 'fail'],
    ['a skip outside of any case', '<skipped message="no database"/>', 'inconclusive'],
    ['a warning outside of any case', '<warning/>', 'inconclusive'],
    ['a failing case within a case', '<testcase name="x"><testcase name="y"><failure/></testcase></testcase>', 'fail'],
  ])('%s', (_why, one, verdict) => {
    expect(judged(beside(one)).verdict).toBe(verdict);
  });

  test('cases within a case are cases of their own', () => {
    const nested = '<testcase name="a"><testcase name="b"/><testcase name="c"><skipped/></testcase></testcase>';
    expect(junit(`<testsuite>${nested}</testsuite>`)).toMatchObject({ tests: 3, skipped: 1, unclear: 0 });
  });

  test('the reason names the test and what is unclear', () => {
    expect(judged(beside('<testcase classname="shop" name="pays" status="blocked"/>')).reason).toBe(
      '11 tests, 0 failed, 0 skipped, 1 unclear; first: “shop › pays” (status="blocked")',
    );
  });
});

describe('claims make a report worse, never better', () => {
  test.each([
    ['more tests than cases', ' tests="100" failures="0"', 'inconclusive'],
    ['fewer tests than cases: the others did not run', ' tests="5"', 'inconclusive'],
    ['skipped tests that no case shows', ' tests="10" skipped="5"', 'inconclusive'],
    ['disabled tests that no case shows', ' disabled="5"', 'inconclusive'],
    ['failures that no case shows', ' failures="2"', 'fail'],
    ['a sign before the number', ' failures="+2"', 'fail'],
    ['a floating-point number', ' errors="2.0"', 'fail'],
    ['blanks around the number', ' failures=" 2 "', 'fail'],
    ['another name for failures', ' failed="2"', 'fail'],
    ['a number in words', ' failures="two"', 'inconclusive'],
    ['a number with a thousands separator', ' tests="1,000"', 'inconclusive'],
    ['failures with a thousands separator', ' failures="1,000"', 'fail'],
    ['a comma that separates no thousands', ' tests="1,0"', 'inconclusive'],
    ['a negative number', ' errors="-1"', 'inconclusive'],
    ['an outcome of the whole suite', ' result="Failed"', 'fail'],
    ['an unknown outcome of the whole suite', ' status="odd"', 'inconclusive'],
    ['a suite that was aborted', ' aborted="true"', 'fail'],
    ['claims that fit', ' tests="10" failures="0" errors="0" skipped="0" disabled="" time="0.1"', 'pass'],
    ['claims that fit, as floating-point numbers', ' tests="10.0" failures="0.0"', 'pass'],
  ])('%s', (_why, attributes, verdict) => {
    expect(judged(beside('', attributes)).verdict).toBe(verdict);
    expect(judged(`<testsuites${attributes}><testsuite name="inner">${good}</testsuite></testsuites>`).verdict, 'at the root').toBe(
      verdict,
    );
  });

  test.each([
    [
      'a failure beside a smaller claim of another suite',
      '<testsuites failures="2"><testsuite failures="1"><testcase name="a"><failure/></testcase></testsuite></testsuites>',
      { failed: 1, errored: 1 },
    ],
    ['a failure that a suite and the root claim is one', '<testsuites errors="1"><testsuite errors="1"/></testsuites>', { errored: 1 }],
    [
      'skipped tests that are counted and not listed',
      `<testsuites tests="12" skipped="2"><testsuite tests="12">${good}</testsuite></testsuites>`,
      { tests: 12, skipped: 2, unclear: 0 },
    ],
    [
      'a number of tests that leaves out the skipped ones',
      `<testsuite tests="10" skipped="1">${good}<testcase name="x"><skipped/></testcase></testsuite>`,
      { tests: 11, skipped: 1, unclear: 0 },
    ],
    [
      'a suite that counts its inner suites as one test each',
      `<testsuites><testsuite name="outer" tests="2"><testcase name="x"/><testsuite name="inner" tests="10">${good}</testsuite></testsuite></testsuites>`,
      { tests: 11, skipped: 0, unclear: 0 },
    ],
    [
      'jest-junit lists a todo and does not count it',
      '<testsuites tests="0" failures="0" errors="0"><testsuite name="undefined" errors="0" failures="0" skipped="0" tests="0"><testcase classname=" charges once" name=" charges once" time="0"/><testcase classname=" refunds" name=" refunds" time="0"/></testsuite></testsuites>',
      { tests: 2, skipped: 2 },
    ],
    [
      'pytest.exit',
      '<testsuites><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="1"><testcase classname="a" name="test_1"/><testcase time="0.000"/></testsuite></testsuites>',
      { tests: 2, unclear: 1 },
    ],
  ])('%s', (_why, xml, facts) => {
    expect(junit(xml)).toMatchObject(facts);
  });
});

describe('the same test several times', () => {
  const rerun = '<testcase classname="test_shop" name="test_pays" time="0.01"/>';

  test('pytest-rerunfailures: a case for each repetition is one test', () => {
    const xml = `<testsuites><testsuite name="pytest" tests="11" failures="0" errors="0" skipped="0">${good}${rerun.repeat(3)}</testsuite></testsuites>`;
    expect(judged(xml)).toEqual({ verdict: 'pass', reason: '11 tests, 0 failed, 0 skipped, 1 repeated' });
  });

  test('is as good as its worst case, and repetitions are no more tests', () => {
    expect(judged(beside(`${rerun}<testcase classname="test_shop" name="test_pays"><failure/></testcase>`)).verdict).toBe('fail');
    expect(
      judgeEvidence({ ...rule, minTests: 2 } as EvidenceRule, junit(`<testsuite tests="3">${rerun.repeat(3)}</testsuite>`)).verdict,
    ).toBe('inconclusive');
  });

  test('paths of one file are one; another file or suite is another test', () => {
    const of = (file: string): string => `<testcase name="pays" file="${file}"/>`;
    expect(junit(`<testsuite>${['a/b.py', './a/b.py', 'a\\b.py', 'a/c/../b.py'].map(of).join('')}</testsuite>`)).toMatchObject({
      tests: 1,
      repeated: 1,
    });
    expect(junit(`<testsuite>${['a/b.py', 'a/c.py'].map(of).join('')}</testsuite>`)).toMatchObject({ tests: 2, repeated: 0 });
    expect(
      junit(`<testsuites><testsuite name="chrome">${rerun}</testsuite><testsuite name="firefox">${rerun}</testsuite></testsuites>`),
    ).toMatchObject({ tests: 2 });
  });

  test('surefire: every case passed only when it was run again', () => {
    const flaky = Array.from({ length: 20 }, (_, n) => `<testcase name="${n}"><flakyFailure message="first"/></testcase>`).join('');
    expect(judged(`<testsuite>${flaky}</testsuite>`)).toEqual({ verdict: 'pass', reason: '20 tests, 0 failed, 0 skipped, 20 repeated' });
  });
});

test('node --test: a todo may fail, and does not count as run', () => {
  const todo =
    '<testcase name="b" classname="test" failure="x"><skipped type="todo" message="true"/><failure type="testCodeFailure" message="x">at b</failure></testcase>';
  expect(judged(`<testsuites>${good}${todo}</testsuites>`)).toEqual({ verdict: 'pass', reason: '11 tests, 0 failed, 1 skipped' });
  expect(
    judged(`<testsuites><testsuite name="s" tests="11" failures="1" skipped="1">${good}${todo}</testsuite></testsuites>`).verdict,
  ).toBe('pass');
  expect(judged(`<testsuites><testcase name="a"/>${todo}</testsuites>`).verdict).toBe('inconclusive');
});

describe('encodings and characters', () => {
  const report = (encoding: string): string =>
    `<?xml version="1.0" encoding="${encoding}"?><testsuite><testcase name="Prüfung"><failure/></testcase></testsuite>`;
  const utf16 = (text: string, mark: boolean, big: boolean): Uint8Array => {
    const buffer = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
    return new Uint8Array(big ? buffer.swap16() : buffer);
  };

  test.each([
    ['ISO-8859-1', new Uint8Array(Buffer.from(report('ISO-8859-1'), 'latin1'))],
    ['windows-1252, in single quotes', new Uint8Array(Buffer.from(report('windows-1252').replaceAll('"1.0"', "'1.0'"), 'latin1'))],
    ['UTF-16, little end first', utf16(report('UTF-16'), true, false)],
    ['UTF-16, big end first', utf16(report('UTF-16'), true, true)],
    ['UTF-16 without a byte-order mark', utf16(report('UTF-16LE'), false, false)],
    ['UTF-8 with a byte-order mark', bytes(`\ufeff${report('utf-8')}`)],
  ])('%s is read', (_what, input) => {
    expect(factsOf('junit', input).failures[0]?.name).toBe('Prüfung');
  });

  test.each([
    ['UTF-16 declared, single bytes sent', bytes(report('UTF-16')), /declared as UTF-16/],
    ['UTF-7', bytes(report('UTF-7')), /declared as UTF-7/],
    ['an encoding that does not exist', bytes(report('none')), /declared as none/],
    ['UTF-8 declared, Latin-1 sent', new Uint8Array(Buffer.from(report('UTF-8'), 'latin1')), /declared as UTF-8/],
  ])('%s is refused', (_what, input, got) => {
    expect(refusalOf('junit', input).got).toMatch(got);
  });

  test.each([
    ['in captured output', '<testcase name="x"><system-out>\u001b[32mok\u001b[0m</system-out></testcase>', 'pass'],
    ['in CDATA of a suite', '<testcase name="x"/><system-out><![CDATA[\u001b[32mup\u001b[0m\u0008\u0007]]></system-out>', 'pass'],
    ['escaped in a name', '<testcase name="pays &#x1b;[1mfast&#27;[0m"/>', 'pass'],
    ['in a message', '<testcase name="x"><failure message="\u001b[31mexpected 200\u001b[0m"/></testcase>', 'fail'],
  ])('colours are read: %s', (_where, one, verdict) => {
    expect(judged(beside(one)).verdict).toBe(verdict);
  });

  test('a control character in markup, and NUL anywhere, is refused', () => {
    for (const one of [
      '<test\u001bcase name="x"/>',
      '<testcase na\u001bme="x"/>',
      '<testcase name="x"><system-out>\u0000</system-out></testcase>',
      '<testcase name="&#0;"/>',
    ])
      expect(refusalOf('junit', bytes(beside(one))).type, one).toBe('evidence-unreadable');
  });

  test('a bare DOCTYPE is read; one that may declare something is refused', () => {
    expect(judged(`<!DOCTYPE testsuite>${beside('')}`).verdict).toBe('pass');
    for (const declared of [
      '[]',
      '[<!ENTITY a "b">]',
      'SYSTEM "junit.dtd"',
      'PUBLIC "a" "b"',
      '[<!ATTLIST testcase status CDATA "passed">]',
    ])
      expect(refusalOf('junit', bytes(`<!DOCTYPE testsuite ${declared}>${beside('')}`)).got, declared).toMatch(/document type declaration/);
  });
});

describe('an element that no list has', () => {
  test('of the report itself may say anything, so its test is no pass', () => {
    expect(judged(beside('<testcase name="x"><verified/></testcase>')).verdict).toBe('inconclusive');
    expect(judged(`<testsuite xmlns="urn:r"><testcase name="x"><verified/></testcase></testsuite>`).verdict).toBe('inconclusive');
  });

  test.each(['<acme:meta xmlns:acme="urn:acme" id="1"/>', '<meta xmlns="urn:acme" id="1"/>'])(
    'of another vocabulary is an extension: %s',
    (one) => {
      expect(judged(beside(`<testcase name="x">${one}</testcase>`)).verdict).toBe('pass');
    },
  );

  test.each(['<acme:failure xmlns:acme="urn:acme"/>', '<failure xmlns="urn:acme"/>'])(
    'does not hide an outcome by its vocabulary: %s',
    (one) => {
      expect(judged(beside(`<testcase name="x">${one}</testcase>`)).verdict).toBe('fail');
    },
  );
});
