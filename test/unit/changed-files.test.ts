import { describe, expect, test } from 'vitest';
import { compareChanges, covers, judgeEvidence, type StoredFacts } from '../../lib/registry/rules.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { recordMadeAt } from '../samples.ts';
import { bytes, factsOf } from './parsed.ts';

/** Coverage beside the files that changed since the live version. */

const [base, other] = ['e'.repeat(40), 'f'.repeat(40)];
const features = [
  { id: 'checkout', paths: ['src/checkout/**'] },
  { id: 'search', paths: ['src/search/**'] },
];
const rule = coverageAtLeast.of({ metric: 'lines', floorPct: 70, per: 'feature', features, changed: 'listed' });
const live = { version: '1.2.2', run: null, commit: base } as const;
const listOf = (changed: Readonly<Record<string, string>>, from = base): StoredFacts =>
  factsOf(
    'record',
    recordMadeAt('changes', new Date('2026-03-02T08:00:00Z'), {
      base: from,
      files: Object.entries(changed).map(([path, change]) => ({ path, change })),
    }),
  );
const coverageOf = (...paths: readonly string[]): StoredFacts =>
  factsOf('lcov', bytes(paths.map((path) => `SF:${path}\nDA:1,1\nend_of_record\n`).join('')));
const judged = (list: StoredFacts, ...coverage: readonly StoredFacts[]) => compareChanges(rule, live, [list, ...coverage]);

describe('changed production files beside the coverage', () => {
  const list = listOf({
    'src/checkout/price.ts': 'modified',
    'src/search/index.ts': 'added',
    'src/search/old.ts': 'deleted',
    'src/search/index.test.ts': 'added',
    'docs/guide.md': 'modified',
  });

  test('pass when a report has each of them: deleted files, tests and what no feature lists are not asked', () => {
    expect(judged(list, coverageOf('src/checkout/price.ts', 'src/search/index.ts'))).toMatchObject({
      verdict: 'pass',
      reason: '2 changed production files, each in a coverage report',
    });
    expect(judged(list, coverageOf('src/checkout/price.ts'), coverageOf('/build/shop/src/search/index.ts')).verdict).toBe('pass');
  });

  test('fail when no report has one, which is named and is a part of its own', () => {
    const judgement = judged(list, coverageOf('src/checkout/price.ts', 'src/search/other.ts'));
    expect(judgement).toMatchObject({
      verdict: 'fail',
      reason: 'no coverage report has src/search/index.ts of 2 changed production files',
    });
    expect(judgement.parts).toMatchObject([{ subject: { kind: 'file', id: 'src/search/index.ts' }, verdict: 'fail' }]);
    expect(judgement.besides).toEqual({ verdict: 'pass', reason: '', leftOut: 1 });
  });

  test('fail when a report has one without a measured line', () => {
    const unmeasured = factsOf('lcov', bytes('SF:src/checkout/price.ts\nDA:1,1\nend_of_record\nSF:src/search/index.ts\nend_of_record\n'));
    const judgement = judged(list, unmeasured);
    expect(judgement).toMatchObject({
      verdict: 'fail',
      reason: 'no coverage report has a measured line of src/search/index.ts of 2 changed production files',
    });
    expect(judgement.parts).toMatchObject([{ subject: { id: 'src/search/index.ts' }, reason: 'changed, and no lines measured' }]);
    expect(judged(list, unmeasured, coverageOf('src/search/index.ts')).verdict).toBe('pass');
    expect(judged(listOf({ 'src/checkout/a.ts': 'added', 'src/checkout/b.ts': 'added' }), unmeasured).reason).toContain('and 1 other of');
  });

  test('do not count from another base than the live version, which is none at a first release', () => {
    const late = listOf({ 'src/checkout/price.ts': 'modified' }, other);
    const covered = coverageOf('src/checkout/price.ts');
    expect(judged(late, covered)).toEqual({
      verdict: 'inconclusive',
      reason: `the list of changed files does not count: it begins at ${other}, and the version 1.2.2 that is live was built from ${base}`,
    });
    expect(compareChanges(rule, { ...live, commit: null }, [late, covered]).reason).toContain('name its commit when you adopt it');
    expect(compareChanges(rule, { version: null }, [late, covered]).verdict).toBe('pass');
    const whole = listOf({ 'src/checkout/price.ts': 'added' }, '4b825dc642cb6eb9a060e54bf8d69288fbee4904');
    expect(judged(whole, covered).verdict).toBe('pass');
  });

  test('are nothing without a coverage report, or with one that names no files', () => {
    expect(judged(listOf({ 'docs/guide.md': 'modified' })).verdict).toBe('inconclusive');
    const { perFile: _, ...unnamed } = coverageOf('src/checkout/price.ts') as { perFile?: unknown } & StoredFacts;
    expect(judged(list, unnamed as StoredFacts)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('names no single files') as unknown,
    });
  });

  test('are not compared where no profile says what production code is', () => {
    const plain = coverageAtLeast.of({ metric: 'lines', floorPct: 70, per: 'feature', changed: 'listed' });
    expect(compareChanges(plain, live, [list, coverageOf('src/a.ts')])).toEqual({
      verdict: 'pass',
      reason: '4 changed files not compared with the coverage: no profile says which files are production code',
    });
  });
});

describe('the list of changed files', () => {
  test('is judged beside the coverage, by a rule that asks for it and by no other', () => {
    const list = listOf({ 'src/a.ts': 'added' });
    expect(judgeEvidence(rule as never, list)).toEqual({ verdict: 'pass', reason: `1 file changed since ${base}` });
    const { changed: _, ...without } = rule;
    expect(judgeEvidence(without as never, list).verdict).toBe('error');
    expect(judgeEvidence(rule as never, { type: 'unreadable', reason: 'no JSON' }).verdict).toBe('inconclusive');
  });

  test('of more files than are kept is inconclusive, until a later one takes its place', () => {
    const many = listOf(Object.fromEntries(Array.from({ length: 5001 }, (_, n) => [`src/${n}.ts`, 'added'])));
    expect(judgeEvidence(rule as never, many)).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('the record lists 5001 changed files') as unknown,
    });
    expect(covers(rule as never, [listOf({})], many)).toBe(true);
    expect(covers(rule as never, [coverageOf('src/a.ts')], many), 'coverage says nothing of which files changed').toBe(false);
  });
});
