import { describe, expect, test } from 'vitest';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { bytes, factsOf, inspected, refusalOf, rulesOf } from './parsed.ts';

const facts = (text: string) => factsOf('lcov', bytes(text));
/** One section of a tracefile. */
const section = (file: string, ...records: string[]): string => `${[`SF:${file}`, ...records, 'end_of_record'].join('\n')}\n`;
const lines = (count: number, hits: string) => Array.from({ length: count }, (_, n) => `DA:${n + 1},${hits}`);
const verdictOf = (text: string) => rulesOf('lcov').map((rule) => judgeEvidence(rule, facts(text)).verdict);

describe('lcov', () => {
  test('counts the records, also those of a file that appears twice', () => {
    const text =
      'TN:\nSF:a.ts\nFNDA:1,f\nFNDA:0,g\nDA:1,1\nDA:2,0\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nend_of_record\nSF:a.ts\nDA:2,3\nDA:3,0\nend_of_record\n';
    expect(facts(text)).toEqual({
      type: 'lcov',
      files: 1,
      paths: [expect.stringMatching(/^[0-9a-f]{12}$/)],
      testFiles: 0,
      lines: { found: 3, hit: 2 },
      functions: { found: 2, hit: 1 },
      branches: { found: 2, hit: 1 },
      perFile: [{ path: 'a.ts', lines: { found: 3, hit: 2 }, functions: { found: 2, hit: 1 }, branches: { found: 2, hit: 1 } }],
    });
  });

  test.each([
    ['DA:5,3', 1],
    ['DA:5,3 ', 1],
    ['DA:05,3', 1],
    ['DA:5,3,FwMJSH8nVNC9fdx7qOFqYg', 1],
    ['DA:5,03', 1],
    ['DA:5,999999999999999', 1],
    ['DA:5,9999999999999999', 1],
    ['DA:5,0', 0],
    ['DA:5,00', 0],
    ['DA:5,-1', 0],
  ])('%s is a record of line 5, however it is written', (record, hit) => {
    expect(facts(section('a.ts', 'DA:5,0', record, 'DA:999999999,1', 'DA:1000000001,1'))).toMatchObject({
      lines: { found: 3, hit: 1 + hit },
    });
  });

  test.each(['DA:5,', 'DA:5', 'DA:,1', 'DA:5x,1', 'DA:5,1x', 'DA:5;1'])('%s is no record', (record) => {
    expect(refusalOf('lcov', bytes(section('a.ts', record))).got).toContain(record);
  });

  test('c8, istanbul and grcov: carriage returns, checksums, functions without a call, no totals', () => {
    const text = [
      'TN:',
      'SF:src/a.ts',
      'VER:1',
      'FN:7,(anonymous_0)',
      'FN:9,12,sum(int, int)',
      'FNDA:0,(anonymous_0)',
      'BRDA:8,0,0,1',
      'BRDA:8,0,1,-',
      'BRDA:8,e1,0,0',
      'DA:7,0,FwMJSH8nVNC9fdx7qOFqYg',
      'DA:8,12',
      'DA:8,00',
      'end_of_record',
      '# a comment of lcov 2',
      '',
    ].join('\r\n');
    expect(facts(text)).toMatchObject({
      files: 1,
      lines: { found: 2, hit: 1 },
      functions: { found: 2, hit: 0 },
      branches: { found: 3, hit: 1 },
    });
  });

  test.each<[string, string, boolean]>([
    ['once', '1', true],
    ['the greatest count of 64 bits', '18446744073709551615', true],
    ['a float that Perl wrote', '1.0e+19', true],
    ['a float with a capital', '1E+06', true],
    ['never', '0', false],
    ['never reached', '-', false],
    ['a negative count: threads of gcov raced', '-11', false],
    ['a negative float', '-1.5e+3', false],
    ['less than once', '0.4', false],
    ['a count beyond all counting', '9'.repeat(400), false],
    ['an exponent beyond all counting', '1e999', false],
  ])('a count is a hit or not, and never throws the report away: %s', (_what, count, hit) => {
    expect(facts(section('a', `DA:1,${count}`)).lines).toEqual({ found: 1, hit: hit ? 1 : 0 });
    expect(facts(section('a', `FNDA:${count},f`)).functions).toEqual({ found: 1, hit: hit ? 1 : 0 });
    expect(facts(section('a', 'FNL:0,1', `FNA:0,${count},f`)).functions).toEqual({ found: 1, hit: hit ? 1 : 0 });
    expect(facts(section('a', `BRDA:1,0,0,${count}`)).branches).toEqual({ found: 1, hit: hit ? 1 : 0 });
  });

  test.each(['0', '-1', '9'.repeat(20)])('a line that no file has is not covered: %s', (line) => {
    expect(facts(section('a', `DA:${line},5`)).lines).toEqual({ found: 1, hit: 0 });
  });

  test.each<[string, string[], { found: number; hit: number }]>([
    ['two methods of one name, one of them called', ['FN:1,f', 'FN:9,f', 'FNDA:1,f'], { found: 2, hit: 1 }],
    ['two methods of one name, the second called', ['FN:1,f', 'FN:9,f', 'FNDA:0,f', 'FNDA:3,f'], { found: 2, hit: 1 }],
    ['a function that is counted twice', ['FN:1,f', 'FNDA:0,f', 'FNDA:3,f'], { found: 1, hit: 1 }],
    ['a count without a function', ['FNDA:3,f'], { found: 1, hit: 1 }],
    ['lcov 2.2: not called', ['FNL:0,1,3', 'FNA:0,0,f'], { found: 1, hit: 0 }],
    ['lcov 2.2: one of two aliases called', ['FNL:0,1,3', 'FNA:0,0,f<int>', 'FNA:0,2,f<long, int>'], { found: 1, hit: 1 }],
    ['lcov 2.2: two functions on one line', ['FNL:0,1', 'FNL:1,1', 'FNA:0,1,f', 'FNA:1,0,g'], { found: 2, hit: 1 }],
    ['lcov 2.2: no count', ['FNL:0,1'], { found: 1, hit: 0 }],
    ['lcov 2.2: the count first', ['FNA:0,1,f', 'FNL:0,1'], { found: 1, hit: 1 }],
    ['more functions claimed', ['FN:1,f', 'FNDA:1,f', 'FNF:4', 'FNH:4'], { found: 4, hit: 1 }],
    ['aliases that the totals count once', ['FN:1,f', 'FN:1,g', 'FNDA:1,f', 'FNDA:2,g', 'FNF:1', 'FNH:1'], { found: 2, hit: 2 }],
  ])('functions: %s', (_what, records, expected) => {
    expect(facts(section('a', ...records)).functions).toEqual(expected);
  });

  test('a function that two sections count is one', () => {
    const one = ['FNL:3,1', 'FNA:3,0,f', 'FN:7,g', 'FNDA:0,g'];
    const two = ['FNL:0,1', 'FNA:0,4,f', 'FN:7,g', 'FNDA:2,g'];
    expect(facts(section('a', ...one) + section('a', ...two)).functions).toEqual({ found: 2, hit: 2 });
  });

  test('the branch of lcov 2 may be an expression with commas', () => {
    const records = ['BRDA:1,0,a && f(b, c),1', 'BRDA:1,0,a && !f(b, c),0', 'BRDA:1,0,a && f(b, d),-'];
    expect(facts(section('a', ...records)).branches).toEqual({ found: 3, hit: 1 });
  });

  test.each<[string, string[], { found: number; hit: number }]>([
    ['a file without records', ['LF:1000', 'LH:1000'], { found: 1000, hit: 0 }],
    ['a file without records, and without hits', ['LF:1000', 'LH:0'], { found: 1000, hit: 0 }],
    ['more lines than records', ['DA:1,1', 'LF:1000', 'LH:1'], { found: 1000, hit: 1 }],
    ['more hits than records', ['DA:1,1', 'DA:2,0', 'LF:2', 'LH:2'], { found: 2, hit: 1 }],
    ['fewer hits than records', ['DA:1,1', 'DA:2,1', 'LF:2', 'LH:0'], { found: 2, hit: 0 }],
    ['more hits than lines', ['DA:1,1', 'LF:1', 'LH:9'], { found: 9, hit: 1 }],
    ['more hits than records, alone', ['DA:1,1', 'LH:900'], { found: 900, hit: 1 }],
    ['hits alone', ['DA:1,1', 'DA:2,1', 'LH:1'], { found: 2, hit: 1 }],
    ['fewer lines than records', ['DA:1,1', 'DA:2,0', 'LF:1', 'LH:1'], { found: 2, hit: 1 }],
    ['totals that agree with a negative count', ['DA:1,3', 'DA:2,3', 'DA:3,-11', 'DA:4,5', 'LF:4', 'LH:3'], { found: 4, hit: 3 }],
    ['lines that have two records', ['DA:1,1', 'DA:1,1', 'DA:2,1', 'LF:3', 'LH:3'], { found: 2, hit: 2 }],
    ['a total that is there twice', ['DA:1,1', 'LF:5', 'LF:1', 'LH:1', 'LH:0'], { found: 5, hit: 0 }],
  ])('totals only make it worse: %s', (_what, records, expected) => {
    expect(facts(section('a', ...records)).lines).toEqual(expected);
  });

  test('sections that each see half of a file cover it, and their totals agree', () => {
    const one = section('a', 'DA:1,1', 'DA:2,0', 'LF:2', 'LH:1');
    const two = section('a', 'DA:1,0', 'DA:2,1', 'LF:2', 'LH:1');
    expect(facts(one + two).lines).toEqual({ found: 2, hit: 2 });
    expect(inspected('lcov', one + two)).toMatchObject({
      words: { lines: { covered: 2, total: 2, pct: 100 }, declared: { lines: { covered: 2, total: 4, pct: 50 } } },
      problems: [{ type: 'merged-lines-in-total', declared: 4, counted: 2, title: expect.stringContaining('more than once') }],
    });
  });

  test.each<[string, string[], object[]]>([
    [
      'a line that has two records',
      [section('a', 'DA:1,1', 'DA:1,1', 'DA:2,1', 'LF:3', 'LH:3')],
      [
        { type: 'merged-lines-in-total', declared: 3, counted: 2 },
        { type: 'merged-lines-covered', declared: 3, counted: 2 },
      ],
    ],
    [
      'sections of one file, one of which lies',
      [section('a', 'DA:1,1', 'LF:9', 'LH:9'), section('a', 'DA:1,1', 'LF:1', 'LH:1')],
      [
        { type: 'declared-lines-in-total', declared: 10, counted: 1 },
        { type: 'declared-lines-covered', declared: 10, counted: 1 },
      ],
    ],
    ['a section without totals', [section('a', 'DA:1,1', 'LF:1', 'LH:1'), section('b', 'DA:1,1')], []],
    [
      'a section without totals beside one that lies',
      [section('a', 'DA:1,1', 'LF:2', 'LH:1'), section('b', 'DA:1,1')],
      [{ type: 'declared-lines-in-total', declared: 2, counted: 1 }],
    ],
  ])('every difference between what is declared and counted is a problem: %s', (_what, sections, problems) => {
    expect(inspected('lcov', sections.join('')).problems).toMatchObject(problems);
    expect(inspected('lcov', sections.join('')).problems).toHaveLength(problems.length);
  });

  test.each<[string, string, string]>([
    ['a leading dot', './src/a.ts', 'src/a.ts'],
    ['a folder and back', 'src/x/../a.ts', 'src/a.ts'],
    ['doubled slashes', 'src//a.ts', 'src/a.ts'],
    ['backslashes', 'src\\a.ts', 'src/a.ts'],
    ['an absolute and a relative path', '/builds/shop/src/a.ts', 'src/a.ts'],
    ['the root of a container', '/src/a.ts', 'src/a.ts'],
    ['a drive and a relative path', 'C:\\shop\\src\\a.ts', '.\\src\\a.ts'],
    ['the case of a drive', 'C:\\shop\\a.ts', 'c:/shop/a.ts'],
    ['a long path of Windows', '\\\\?\\C:\\shop\\a.ts', 'c:\\shop\\a.ts'],
    ['an address', 'file:///builds/shop/a.ts', '/builds/shop/a.ts'],
    ['an address with a drive', 'file:///C:/shop/a.ts', 'C:\\shop\\a.ts'],
  ])('one file in two spellings is one: %s', (_what, one, other) => {
    expect(facts(section(one, 'DA:1,1', 'DA:2,0') + section(other, 'DA:1,0', 'DA:2,0'))).toMatchObject({
      files: 1,
      lines: { found: 2, hit: 1 },
    });
  });

  test('two files that share a path below a package stay two, unless two pairs with the same lines say that they are the same', () => {
    const [covered, missed] = [lines(3, '1'), lines(3, '0')];
    const copy = section('/repo/packages/x/src/a.ts', ...missed);
    expect(facts(copy + section('src/a.ts', 'DA:10,1')).files).toBe(2);
    expect(facts(copy + section('src/a.ts', ...covered) + section('src/b.ts', ...covered))).toMatchObject({
      files: 3,
      lines: { found: 9, hit: 6 },
    });
    const pair = copy + section('/repo/packages/x/src/b.ts', ...missed) + section('src/a.ts', ...covered);
    expect(facts(pair + section('src/b.ts', ...covered)).files).toBe(2);
    expect(facts(pair + section('src/b.ts', 'DA:9,1')).files).toBe(4);
    const third = pair + section('src/b.ts', ...covered) + section('/repo/packages/x/src/c.ts', ...missed);
    expect(facts(third + section('src/c.ts', 'DA:9,1')).files).toBe(4);
  });

  test.each<[string, string[], number]>([
    ['another folder', ['src/a.ts', 'lib/a.ts'], 2],
    ['another case', ['src/a.ts', 'src/A.ts'], 2],
    ['another drive', ['C:\\a.ts', 'D:\\a.ts'], 2],
    ['an end of a name', ['/builds/data.ts', 'a.ts'], 2],
    ['a package with the same inner path', ['/w/src/i.ts', '/w/src/j.ts', '/w/p/src/i.ts', 'src/i.ts', 'src/j.ts'], 3],
    ['two packages, of which either may be meant', ['/w/p/src/i.ts', '/w/q/src/i.ts', 'src/i.ts'], 3],
  ])('different files stay different: %s', (_what, paths, files) => {
    expect(facts(paths.map((path) => section(path, 'DA:1,1')).join('')).files).toBe(files);
  });

  test.each([
    'test/a.ts',
    'packages/web/tests/setup.ts',
    'src/__tests__/a.ts',
    'src/__mocks__/fs.ts',
    'e2e/login.ts',
    't/a.test.js',
    'src/a.spec.ts',
    'src/a-test.mjs',
    'pkg/store_test.go',
    'app/test_orders.py',
    'conftest.py',
    'spec/models/order.rb',
    'app/order_spec.rb',
    'src/test/java/shop/Orders.java',
    'src/main/java/shop/OrderTest.java',
    'src/androidTest/kotlin/A.kt',
    'Shop.Tests/Orders.cs',
    'Sources/OrderTests.swift',
    '/builds/shop/test/a.ts',
  ])('a test file does not cover the product: %s', (path) => {
    const product = section(path.startsWith('/') ? '/builds/shop/src/a.ts' : 'src/a.ts', ...lines(2, '0'));
    expect(facts(product + section(path, ...lines(100, '1')))).toMatchObject({ files: 1, testFiles: 1, lines: { found: 2, hit: 0 } });
  });

  test.each([
    'src/latest.ts',
    'src/contest/a.ts',
    'src/testing.ts',
    'src/openapi/spec.ts',
    'src/spec/schema.ts',
    'src/inspect.ts',
    'src/Latest.java',
    'src/AUDIT.java',
    '/home/test/shop/src/b.ts',
  ])('is no test file: %s', (path) => {
    const product = section(path.startsWith('/') ? '/home/test/shop/src/a.ts' : 'src/a.ts', ...lines(2, '0'));
    expect(facts(product + section(path, ...lines(8, '1')))).toMatchObject({ files: 2, testFiles: 0, lines: { found: 10, hit: 8 } });
  });

  test('a test file that is not covered makes it worse, because it may be part of the product', () => {
    const text = section('src/a.ts', ...lines(10, '1')) + section('lib/test/harness.ts', ...lines(10, '0'));
    expect(facts(text)).toMatchObject({ files: 1, testFiles: 1, lines: { found: 20, hit: 10 } });
  });

  test.each<[string, string, string]>([
    ['eight of ten lines', section('C:\\a\\b.ts', ...lines(8, '1'), 'DA:9,0', 'DA:10,-'), 'pass'],
    ['three of four lines, and a negative count', section('a', ...lines(3, '1'), 'DA:4,-11'), 'pass'],
    ['one line, and a file of which only the total is known', section('a', 'DA:1,1') + section('b', 'LF:1000', 'LH:0'), 'fail'],
    ['a line of a thousand', section('a', 'DA:1,1', 'LF:1000', 'LH:1'), 'fail'],
    [
      'an uncovered product beside covered tests',
      section('src/a.ts', ...lines(2, '0')) + section('test/a.test.ts', ...lines(100, '1')),
      'fail',
    ],
    ['tests alone', section('src/a.test.ts', ...lines(8, '1')), 'inconclusive'],
    ['no file', 'TN:\n', 'inconclusive'],
    ['a file without lines', section('a'), 'inconclusive'],
  ])('%s', (_what, text, verdict) => {
    expect(verdictOf(text)).toEqual([verdict]);
  });

  test.each([
    ['two truncated files', 'SF:a.ts\nDA:1,1\nSF:b.ts\nDA:1,1\nend_of_record\n', 'line 3, a file begins before the last one ended'],
    ['a truncated file', 'SF:a.ts\nDA:1,1\n', 'without end_of_record'],
    ['a record before a file', 'DA:1,1\nend_of_record\n', 'line 1, a record before a file'],
    ['a line that is not a number', section('a.ts', 'DA:one,1'), 'line 2, the line is not a number'],
    ['a count that is a word', section('a.ts', 'DA:1,yes'), 'line 2, the count is not a number'],
    ['no count', section('a.ts', 'DA:1'), 'line 2, the count is not a number'],
    ['a count that is not finite', section('a.ts', 'DA:1,inf'), 'line 2, the count is not a number'],
    ['a total that is a word', section('a.ts', 'LF:many'), 'line 2, the total is not a number'],
    ['a branch without a name', section('a.ts', 'BRDA:1,0,1'), 'line 2, the branch has no line'],
    ['an alias of no function', section('a.ts', 'FNA:0,1,f'), 'line 3, the function 0 has a count (FNA) and no line (FNL)'],
    ['a file without a name', section(' '), 'line 1, a file without a name'],
    ['a file name with NUL', section('a\0.ts'), 'line 1, a file name with control characters'],
    ['other text', 'coverage: 100 %', 'line 1, not a record'],
  ])('refuses %s by its cause', (_what, text, got) => {
    expect(refusalOf('lcov', bytes(text))).toMatchObject({ type: 'evidence-unreadable', got: expect.stringContaining(got) });
  });
});
