import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, test } from 'vitest';
import { mostFiles } from '../../lib/evidence/kind.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { listedBy } from '../../lib/rules/path-glob.ts';
import { bytes, factsOf } from './parsed.ts';

const cart = { id: 'cart', paths: ['src/cart/**'] };
const orders = { id: 'orders', paths: ['src/orders/**', 'src/order.ts'] };
const rule = (features: readonly { id: string; paths: string[]; floorPct?: number }[] = [cart, orders], floorPct = 70) =>
  coverageAtLeast.of({ metric: 'lines', floorPct, per: 'feature', features: [...features] });

/** A tracefile with so many lines of each file, hit and missed. */
const traced = (files: Readonly<Record<string, readonly [hit: number, missed: number]>>): string =>
  Object.entries(files)
    .map(([path, [hit, missed]]) =>
      [`SF:${path}`, ...Array.from({ length: hit + missed }, (_, at) => `DA:${at + 1},${at < hit ? 1 : 0}`), 'end_of_record', ''].join(
        '\n',
      ),
    )
    .join('');
const judge = (files: Parameters<typeof traced>[0], by = rule()) => judgeEvidence(by, factsOf('lcov', bytes(traced(files))));

describe('coverage of each feature', () => {
  test('passes when each feature reaches the floor, and says the least one', () => {
    expect(judge({ 'src/cart/a.ts': [9, 1], 'src/orders/b.ts': [7, 3], 'src/order.ts': [1, 0] })).toMatchObject({
      verdict: 'pass',
      reason: '2 of 2 features, the least is orders with 72.7 % of 11 lines; 80.9 % of 21 lines in 3 files, 70 % expected',
    });
  });

  test('an average hides no feature', () => {
    const judged = judge({ 'src/cart/a.ts': [990, 10], 'src/orders/b.ts': [69, 31] });
    expect(judged).toMatchObject({
      verdict: 'fail',
      reason: '1 of 2 features under its floor; feature orders: 69.0 % of 100 lines, 70 % expected',
    });
  });

  test('missed lines of a test file count where a feature lists it, and otherwise not', () => {
    const product = { 'src/cart/a.ts': [3, 0], 'src/orders/b.ts': [3, 0] } as const;
    expect(judge({ ...product, 'test/e2e/a.test.ts': [0, 4] })).toMatchObject({
      verdict: 'pass',
      reason:
        '2 of 2 features, the least is cart with 100.0 % of 3 lines; 100.0 % of 6 lines in 2 files, beside 1 test file, 70 % expected',
    });
    expect(judge({ ...product, 'src/cart/testing/tests/harness.ts': [0, 4] })).toMatchObject({
      verdict: 'fail',
      reason: '60.0 % of 10 lines in 2 files and 1 test file, whose missed lines count, 70 % expected',
    });
    const without = coverageAtLeast.of({ metric: 'lines', floorPct: 70, per: 'feature' });
    expect(judge({ ...product, 'test/e2e/a.test.ts': [0, 4] }, without as never)).toMatchObject({
      verdict: 'fail',
      reason: '60.0 % of 10 lines in 2 files and 1 test file, whose missed lines count, 70 % expected',
    });
  });

  test('a feature may have a higher floor', () => {
    const files = { 'src/cart/a.ts': [80, 20], 'src/orders/b.ts': [80, 20] } as const;
    expect(judge(files, rule([cart, { ...orders, floorPct: 80 }])).verdict).toBe('pass');
    expect(judge(files, rule([cart, { ...orders, floorPct: 81 }])).verdict).toBe('fail');
    expect(judge(files, rule([cart, { ...orders, floorPct: 1 }], 81)).verdict).toBe('fail');
  });

  test.each([
    [
      'a file that no feature lists',
      { 'src/cart/a.ts': [1, 0], 'src/orders/b.ts': [1, 0], 'src/other.ts': [1, 0] },
      /1 file belongs to no feature.*src\/other\.ts/,
    ],
    ['a feature without a file', { 'src/cart/a.ts': [1, 0] }, /no lines were measured of the feature orders/],
    [
      'a feature whose files have no lines',
      { 'src/cart/a.ts': [1, 0], 'src/orders/b.ts': [0, 0] },
      /no lines were measured of the feature orders/,
    ],
    ['a feature that only its tests cover', { 'src/cart/a.ts': [1, 0], 'src/orders/b.test.ts': [9, 0] }, /of the feature orders/],
  ] as const)('%s is inconclusive', (_what, files, reason) => {
    const judged = judge(files);
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reason).toMatch(reason);
  });

  test('a failing feature is said before a file of no feature', () => {
    expect(judge({ 'src/cart/a.ts': [0, 9], 'src/orders/b.ts': [9, 0], 'src/x.ts': [900, 0] }).verdict).toBe('fail');
  });

  test('missed lines that only a total knows count against all files together', () => {
    const text = `${traced({ 'src/cart/a.ts': [7, 3], 'src/orders/b.ts': [7, 3] })}`.replace('end_of_record', 'LF:20\nLH:7\nend_of_record');
    expect(judgeEvidence(rule(), factsOf('lcov', bytes(text))).verdict).toBe('fail');
  });

  test('absolute paths are those below the folder where most files are listed', () => {
    const at = (root: string) => judge({ [`${root}/src/cart/a.ts`]: [9, 1], [`${root}/src/orders/b.ts`]: [9, 1] }).verdict;
    expect(['/home/runner/work/shop/shop', '/w', '/src/shop', 'C:/work/shop'].map(at)).toEqual(['pass', 'pass', 'pass', 'pass']);
    // A copy of the sources in a folder beside them is no part of the feature.
    const copied = judge({ '/w/src/cart/a.ts': [9, 1], '/w/src/orders/b.ts': [9, 1], '/w/old/src/cart/a.ts': [99, 1] });
    expect(copied.reason).toMatch(/1 file belongs to no feature/);
  });

  test('where two folders may be that of the repository, nothing is known', () => {
    const by = rule([
      { id: 'one', paths: ['a/**'] },
      { id: 'two', paths: ['b/**'] },
    ]);
    expect(judge({ '/a/b/c.ts': [1, 0] }, by)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/may be the folder/),
    });
  });

  test('a report with too many files, and facts of an older version, say nothing of features', () => {
    const many = Object.fromEntries(Array.from({ length: mostFiles + 1 }, (_, at) => [`src/cart/${at}.ts`, [1, 0] as const]));
    const { perFile, ...facts } = factsOf('lcov', bytes(traced(many)));
    expect(perFile).toBeUndefined();
    expect(judgeEvidence(rule(), facts)).toMatchObject({ verdict: 'inconclusive', reason: expect.stringMatching(/2000 files at most/) });
    const old = factsOf('lcov', bytes(traced({ 'src/cart/a.ts': [1, 9] })));
    expect(judgeEvidence(rule(), { ...old, perFile: undefined })).toMatchObject({ verdict: 'fail' });
    expect(factsOf('lcov', bytes(traced({ [`src/${'x'.repeat(200)}.ts`]: [1, 0] }))).perFile).toBeUndefined();
  });

  test('the counts of files are those of all files together', () => {
    const { perFile = [], lines } = factsOf(
      'lcov',
      bytes(traced({ 'src/cart/a.ts': [3, 1], './src/orders/b.ts': [2, 2], 'src/a.test.ts': [9, 0] })),
    );
    expect(perFile.map(({ path }) => path)).toEqual(['src/cart/a.ts', 'src/orders/b.ts']);
    expect(perFile.reduce((sum, { lines: { found } }) => sum + found, 0)).toBe(lines.found);
  });
});

describe('a glob of a feature', () => {
  const names = fc.constantFrom('a', 'b', 'ab', 'a.ts', 'b.ts', '.x', 'a-b');
  const parts = fc.constantFrom('a', 'b', '*', '**', '*.ts', 'a*', '?', 'a?', '.x', '*-*');

  test('lists what a library lists', () => {
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 5 }), fc.array(names, { minLength: 1, maxLength: 5 }), (glob, path) => {
        // With `a/**` the library means the folder a, too; a path of a report is a file.
        fc.pre(glob.at(-1) !== '**');
        const [wanted, given] = [glob.join('/'), path.join('/')];
        expect(listedBy([wanted])(given), `${wanted} ${given}`).toBe(picomatch.isMatch(given, wanted, { dot: true }));
      }),
    );
  });

  test.each([
    ['app/[id]/(shop)/**', 'app/[id]/(shop)/page.ts', true],
    ['app/[id]/**', 'app/i/page.ts', false],
    ['src/a+b.ts', 'src/aab.ts', false],
    ['src/**', 'src', false],
    ['**', 'a/b/c.ts', true],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/ü?.ts', 'src/üx.ts', true],
    ['src/*', 'src/a/b.ts', false],
  ])('%s and %s: %s', (glob, path, listed) => {
    expect(listedBy([glob])(path)).toBe(listed);
  });
});

describe('tests of each feature', () => {
  const by = junitPasses.of({
    minTests: 1,
    features: [
      { id: 'cart', suites: ['*cart*'] },
      { id: 'orders', suites: ['*orders*'] },
    ],
  });
  const report = (cases: string) => factsOf('junit', bytes(`<testsuites>${cases}</testsuites>`));
  const suite = (name: string, inside = '') => `<testsuite name="${name}"><testcase name="t of ${name}">${inside}</testcase></testsuite>`;

  test.each([
    ['each feature has a test that passed', suite('Cart') + suite('Orders page'), 'pass'],
    ['a feature has none', suite('Cart'), 'inconclusive'],
    ['a feature has only a skipped one', suite('Cart') + suite('Orders', '<skipped/>'), 'inconclusive'],
    ['a test of a feature fails', suite('Cart') + suite('Orders', '<failure/>'), 'fail'],
    ['a test of no feature fails', suite('Cart') + suite('Orders') + suite('Other', '<failure/>'), 'pass'],
  ])('%s', (_what, cases, verdict) => {
    expect(judgeEvidence(by, report(cases)).verdict).toBe(verdict);
  });

  test('the feature without a test is named', () => {
    expect(judgeEvidence(by, report(suite('Cart'))).reason).toMatch(
      /^1 test, 0 failed, 0 skipped; no test ran of the feature orders \(orders: no suite, class or file fits .*\)$/,
    );
  });
});
