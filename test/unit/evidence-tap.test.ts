import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, refusalOf, rulesOf } from './parsed.ts';

const verdictsOf = (text: string): string[] => rulesOf('tap').map((rule) => judgeEvidence(rule, factsOf('tap', bytes(text))).verdict);
const passes = (text: string): boolean => verdictsOf(text).includes('pass');
const wordsOf = (text: string) => inspectEvidence(bytes(text), 'tap').ok?.words;
const problemsOf = (text: string) => inspectEvidence(bytes(text), 'tap').ok?.problems ?? [];

describe('TAP', () => {
  test.each([
    ['node.tap', { tests: 11, passed: 9, failures: 0, errors: 0, skipped: 2 }],
    ['tape.tap', { tests: 3, passed: 3, failures: 0, errors: 0, skipped: 0 }],
    ['perl.tap', { tests: 4, passed: 2, failures: 0, errors: 0, skipped: 2 }],
    ['node-tap.tap', { tests: 5, passed: 3, failures: 0, errors: 0, skipped: 2 }],
  ])('the real report %s', (file, words) => {
    const report = new Uint8Array(readFileSync(new URL(`../samples/evidence/${file}`, import.meta.url)));
    const { ok } = inspectEvidence(report, undefined);
    expect(ok).toMatchObject({ type: 'tap', words, problems: [] });
  });

  test.each<[string, string, object]>([
    ['a plan at the beginning', '1..2\nok 1 - a\nok 2 - b', { tests: 2, passed: 2 }],
    ['a plan at the end', 'ok\nok\n1..2', { tests: 2, passed: 2 }],
    ['CRLF and a byte-order mark', '\ufeffTAP version 13\r\n1..1\r\nok 1 - a\r\n', { tests: 1, passed: 1 }],
    ['CR alone', 'TAP version 13\r1..1\rok 1 - a\r', { tests: 1, passed: 1 }],
    ['colours', '1..1\n\u001b[32mok\u001b[0m 1 - a', { tests: 1, passed: 1 }],
    ['output between the tests', '1..1\nlistening on 3000\n  at x (y.js)\nok 1 - a', { tests: 1, passed: 1 }],
    ['a failure that is spaced otherwise', '1..2\nok 1 - a\nnot  ok 2 - b', { tests: 2, failures: 1 }],
    ['a failure in capitals', '1..2\nok 1 - a\nNOT OK 2 - b', { tests: 2, failures: 1 }],
    ['words of a program', '1..1\nNot OK to go on\nnothing is not okay\nok 1 - a', { tests: 1, passed: 1 }],
    ['a skip', '1..2\nok 1 - a\nok 2 - b # SKIP no database', { tests: 2, skipped: 1 }],
    ['a skip in small letters, without space', '1..2\nok 1\nok 2 #skipped: none', { tests: 2, skipped: 1 }],
    ['a todo that fails', '1..2\nok 1\nnot ok 2 - b # TODO later', { tests: 2, failures: 0, skipped: 1 }],
    ['an escaped hash', '1..1\nok 1 - a \\# SKIP b', { tests: 1, passed: 1 }],
    ['a hash behind an escaped backslash', '1..2\nok 1 - a \\\\# SKIP b\nnot ok 2 - a \\\\# TODO b', { tests: 2, failures: 0, skipped: 2 }],
    ['a todo behind a number sign', '1..1\nnot ok 1 - mends #42 # TODO later', { tests: 1, failures: 0, skipped: 1 }],
    ['a cancelled test of node:test', '1..1\nnot ok 1\n# tests 1\n# pass 0\n# fail 0\n# cancelled 1', { tests: 1, failures: 1 }],
    ['details', '1..2\nok 1 - a\n  ---\n  message: "not ok 2"\n  not ok: 1\n  ...\nok 2 - b', { tests: 2, passed: 2 }],
    ['a subtest with its comment', '# Subtest: a\n    ok 1 - b\n    ok 2 - c\n    1..2\nok 1 - a\n1..1', { tests: 2, passed: 2 }],
    ['a subtest in braces', '1..2\nok 1 - a {\n    ok 1 - b\n    1..1\n}\nok 2 - c', { tests: 2, passed: 2 }],
    ['an empty subtest', '1..1\n    1..0 # SKIP none\nok 1 - a # SKIP none', { tests: 1, skipped: 1 }],
    ['no tests', '1..0 # SKIP no database', { tests: 0 }],
    ['a subtest that planned no tests', '1..2\n    1..0\nok 1 - a\nok 2 - b', { tests: 2, passed: 1, skipped: 1 }],
    [
      'a suite of node:test without tests',
      `ok 1 - a\n  ---\n  type: 'suite'\n  ...\nok 2 - b\n1..2\n# tests 1\n# pass 1`,
      { tests: 1, passed: 1 },
    ],
    [
      'a suite of node:test that was skipped',
      `ok 1 - a # SKIP\n  ---\n  type: 'suite'\n  ...\nok 2 - b\n1..2\n# tests 1`,
      { tests: 1, passed: 1, skipped: 0 },
    ],
    [
      'totals with some of the sums',
      '# Subtest: a\n    ok 1 - b\n    ok 2 - c\n    1..2\nok 1 - a\n# Subtest: d\n    ok 1 - e\n    1..1\nok 2 - d\n1..2\n# tests 4\n# pass 4',
      { tests: 3, passed: 3 },
    ],
    ['a skip that counts as passed in the total', '1..2\nok 1\nok 2 # SKIP\n# tests 2\n# pass 2', { tests: 2, passed: 1, skipped: 1 }],
    [
      'a total of AVA, which counts a todo as failed',
      '1..2\nok 1\nnot ok 2 # TODO\n# tests 1\n# pass 1\n# fail 1',
      { tests: 2, passed: 1, skipped: 1 },
    ],
    [
      'a total of mocha, which leaves out what was skipped',
      '1..2\nok 1\nok 2 # SKIP -\n# tests 1\n# pass 1\n# fail 0',
      { tests: 2, passed: 1, skipped: 1 },
    ],
    ['a strict report', 'TAP version 14\npragma +strict\n1..1\n# a comment\nok 1', { tests: 1, passed: 1 }],
  ])('%s', (_what, text, words) => {
    expect(wordsOf(text)).toMatchObject(words);
    expect(problemsOf(text)).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['a failing test', '1..2\nok 1\nnot ok 2 - b', 'fail'],
    ['a die behind the last test', '1..1\nok 1\n# Looks like your test exited with 255 just after 1.', 'fail'],
    ['a die whose sign stands behind other output', '1..1\nok 1\nboom# Looks like your test exited with 2 just after 1.', 'fail'],
    ['npm, whose command failed', '1..1\nok 1\nnpm ERR! code 1', 'fail'],
    ['npm since version 10', '1..1\nok 1\nnpm error Lifecycle script `test` failed with error:', 'fail'],
    ['pnpm, whose command failed', '1..1\nok 1\n ELIFECYCLE  Test failed. See above for more details.', 'fail'],
    ['yarn, whose command failed', '1..1\nok 1\nerror Command failed with exit code 2.', 'fail'],
    ['a test about npm', '1..1\nok 1 - says npm ERR! code 1', 'pass'],
    ['an old Test::More', '1..1\nok 1\n# Looks like your test died just after 1.', 'fail'],
    ['failures that pgTAP counts', '1..1\nok 1\n# Looks like you failed 1 test of 1', 'fail'],
    ['another number of tests by Test::More', '1..2\nok 1\nok 2\n# Looks like you planned 3 tests but ran 2.', 'fail'],
    ['a warning of bats', '1..2\nok 1\nok 2\n# bats warning: Executed 2 instead of expected 3 tests', 'fail'],
    ['a total of kselftest', '1..1\nok 1\n# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:1', 'fail'],
    ['another number of tests by kselftest', '1..1\nok 1\n# Planned tests != run tests (2 != 1)', 'fail'],
    ['expected failures of kselftest', '1..1\nok 1\n# Totals: pass:1 fail:0 xfail:1 xpass:0 skip:0 error:0', 'pass'],
    [
      'a todo subtest that says that it failed',
      '1..2\nok 1\n    not ok 1\n    1..1\n    # Looks like you failed 1 test of 1.\nnot ok 2 # TODO',
      'fail',
    ],
    ['a comment about something else', '1..1\nok 1\n# Looks like your parser works', 'pass'],
    ['a failing test in a subtest that passes', '1..1\n    not ok 1 - b\n    1..1\nok 1 - a', 'fail'],
    ['a subtest that fails by itself', '1..1\n    ok 1 - b\n    1..1\nnot ok 1 - a', 'fail'],
    ['a failing test that is called skipped', '1..1\nnot ok 1 - a # SKIP b', 'fail'],
    ['a failing test with a todo in its name', '1..1\nnot ok 1 - a#todo', 'fail'],
    ['a failing test with a todo behind another directive', '1..1\nnot ok 1 - a # later # TODO b', 'fail'],
    ['a failing test with a todo behind three backslashes', '1..1\nnot ok 1 - a \\\\\\# TODO b', 'fail'],
    ['a bail-out', '1..1\nok 1\nBail out! no database', 'fail'],
    ['a comment that counts a failure', '1..1\nok 1\n# tests 1\n# pass 0\n# fail 1', 'fail'],
    ['a comment that counts more failures than todos', '1..2\nok 1\nnot ok 2 # TODO\n# tests 1\n# fail 2', 'fail'],
    ['a comment that counts a failure and the todo apart', '1..2\nok 1\nnot ok 2 # TODO\n# tests 2\n# fail 1', 'fail'],
    ['a cancelled test', '1..1\nok 1\n# fail 0\n# cancelled 1', 'fail'],
    ['no plan', 'ok 1\nok 2', 'inconclusive'],
    ['fewer tests than planned', '1..3\nok 1\nok 2', 'inconclusive'],
    ['more tests than planned', '1..1\nok 1\nok 2', 'inconclusive'],
    ['a subtest without a plan', '1..1\n    ok 1 - b\nok 1 - a', 'inconclusive'],
    ['a subtest with fewer tests than planned', '1..1\n    1..2\n    ok 1 - b\nok 1 - a', 'inconclusive'],
    ['two plans', '1..1\nok 1\n1..1', 'inconclusive'],
    ['a plan in the middle', 'ok 1\n1..2\nok 2', 'inconclusive'],
    ['a plan that begins at 2', '2..3\nok 2\nok 3', 'inconclusive'],
    ['a number that is left out', '1..2\nok 1\nok 3', 'inconclusive'],
    ['a number beyond all counting', '1..1\nok 99999999999999999999 - a', 'inconclusive'],
    ['a plan beyond all counting', '1..99999999999999999999\nok 1', 'inconclusive'],
    ['a number twice', '1..2\nok 1\nok 1', 'inconclusive'],
    ['details that do not end', '1..2\nok 1\n  ---\n  a: 1\nok 2', 'inconclusive'],
    ['details that would hide a failing subtest', '1..2\nok 1\n  ---\n    not ok 1 - b\n    1..1\nnot ok 2', 'fail'],
    ['braces that do not end', '1..1\nok 1 - a {\n    ok 1\n    1..1', 'inconclusive'],
    ['a number cut in two', `1..12\n${Array.from({ length: 11 }, (_, n) => `ok ${n + 1}`).join('\n')}\nok 1`, 'inconclusive'],
    ['no test', '1..0', 'inconclusive'],
    ['a total of more tests than it shows', '1..2\nok 1\nok 2\n# tests 5\n# pass 5', 'inconclusive'],
    ['a strict report with a line that is no TAP', 'TAP version 14\npragma +strict\n1..1\nok 1\nno TAP', 'inconclusive'],
  ])('%s', (_what, text, verdict) => {
    expect(new Set(verdictsOf(text))).toEqual(new Set([verdict]));
    if (verdict === 'inconclusive' && text !== '1..0') expect(problemsOf(text)).not.toEqual([]);
  });

  test('suites of node:test without tests are no tests that passed', () => {
    const text = "ok 1 - a\n  ---\n  type: 'suite'\n  ...\n1..1\n# tests 0\n# pass 0";
    expect(wordsOf(text)).toMatchObject({ tests: 0, passed: 0 });
    expect(passes(text)).toBe(false);
    expect(passes(text.replace('ok 1', 'not ok 1'))).toBe(false);
    expect(factsOf('tap', bytes(text.replace('ok 1 - a', 'ok 1 - a # SKIP')))).toMatchObject({ tests: 1, skipped: 1 });
  });

  test('a plan that contradicts the tests is a problem with both numbers', () => {
    expect(problemsOf('1..5\nok 1\nok 2')).toEqual([
      { type: 'unclear-report', title: 'the report: plans 5 tests and has 2', declared: 5, counted: 2 },
    ]);
  });

  test('the time that a test took does not tell it from the same test later', () => {
    const named = (time: string) => factsOf('tap', bytes(`1..1\nok 1 - a # time=${time}ms`)).passedTests;
    expect(named('14.067')).toEqual(named('9'));
  });

  test('equal names are different tests, told apart by their order', () => {
    expect(factsOf('tap', bytes('1..2\nok 1 - equal\nnot ok 2 - equal'))).toMatchObject({
      tests: 2,
      failed: 1,
      passedTests: [expect.any(String)],
      otherTests: [expect.any(String)],
    });
  });

  test.each<[string, Uint8Array]>([
    ['a login page', bytes('<!DOCTYPE html><html><body>not ok</body></html>')],
    ['other text', bytes('all tests passed\n')],
    ['a later version', bytes('TAP version 15\n1..1\nok 1')],
    ['NUL', bytes('1..1\nok 1 - a\0')],
    ['UTF-16 of something else', new Uint8Array([0xff, 0xfe, 0x31, 0, 0x2e, 0])],
    ['bytes that are no UTF-8', new Uint8Array([0x6f, 0x6b, 0xff, 0x0a])],
    ['subtests 1,001 deep', bytes(Array.from({ length: 1002 }, (_, n) => `${' '.repeat(n)}ok`).join('\n'))],
    ['a line without end', bytes(`1..1\nok 1 - ${'a'.repeat(2_000_000)}`)],
  ])('refuses %s', (_what, report) => {
    expect(refusalOf('tap', report)).toMatchObject({ type: 'evidence-unreadable', fix: expect.any(String) });
  });

  const point = fc.record({
    ok: fc.boolean(),
    name: fc.constantFrom('', 'a', '- b', 'c # SKIP', 'd # TODO', 'e \\# f'),
    numbered: fc.boolean(),
    details: fc.boolean(),
  });
  type Point = typeof point extends fc.Arbitrary<infer P> ? P : never;
  const written = (points: readonly Point[], indent: string): string =>
    [
      ...points.map(
        ({ ok, name, numbered, details }, place) =>
          `${indent}${ok ? 'ok' : 'not ok'}${numbered ? ` ${place + 1}` : ''}${name === '' ? '' : ` ${name}`}${details ? `\n${indent}  ---\n${indent}  a: not ok\n${indent}  ...` : ''}`,
      ),
      `${indent}1..${points.length}`,
    ].join('\n');

  test('every test counts once, and a failing one at any depth never passes', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 12 }), fc.array(point, { minLength: 1, maxLength: 6 }), fc.boolean(), (outer, inner, ok) => {
        const nested = `${written(inner, '    ')}\n${ok ? 'ok' : 'not ok'} - group\n`;
        const text = `${nested}${written(outer, '')
          .replace(/1\.\.\d+$/, `1..${outer.length + 1}`)
          .replace(/^((?:not )?ok) \d+/gm, '$1')}`;
        const facts = factsOf('tap', bytes(text));
        const all = [...outer, ...inner];
        const bad = all.filter((one) => !one.ok && !one.name.includes('TODO')).length;
        expect(facts.failed).toBe(bad);
        expect(facts.unclear).toBe(0);
        expect(facts.tests - facts.errored).toBe(all.length);
        if (bad > 0 || !ok) expect(passes(text)).toBe(false);
      }),
    );
  });

  test('no part of a report passes where the whole does not, and none passes without its plan', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 12 }), fc.nat(400), (points, cut) => {
        const text = `TAP version 14\n1..${points.length}\n${written(points, '').replace(/\n1\.\.\d+$/, '')}`;
        const part = text.slice(0, 16 + cut);
        const parsed = inspectEvidence(bytes(part), 'tap');
        const isWhole = factsOf('tap', bytes(text)).tests === parsed.ok?.words.tests;
        if (parsed.ok !== undefined && !isWhole) expect(passes(part)).toBe(false);
        expect(passes(text.replace(/1\.\.\d+\n/, ''))).toBe(false);
      }),
      {
        examples: [
          [
            [
              { ok: true, name: 'a', numbered: true, details: false },
              { ok: false, name: 'a', numbered: true, details: false },
            ],
            20,
          ],
        ],
      },
    );
  });
});
