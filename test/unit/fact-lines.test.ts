import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { factLines } from '../../lib/query/fact-lines.ts';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { factWords } from '../../lib/registry/written-words.ts';
import { sampleOf } from '../samples.ts';
import { factsOf, types } from './parsed.ts';

const lines = (facts: object): Readonly<Record<string, string>> =>
  Object.fromEntries(factLines(facts as { type: string }).map(({ name, value }) => [name, value]));

describe('facts as people read them', () => {
  test.each(types)('of %s: every fact of the schema has words where it is defined', (type) => {
    const { facts, judgedAs } = evidenceTypes[type] as { facts: z.ZodType; judgedAs?: string };
    const known = { ...factWords[judgedAs ?? ''], ...factWords[type] };
    expect(facts).toBeInstanceOf(z.ZodObject);
    const members = Object.keys((facts as z.ZodObject).shape).filter((name) => name !== 'type' && name !== 'as');
    expect(members.length).toBeGreaterThan(0);
    expect(members.filter((name) => !Object.hasOwn(known, name))).toEqual([]);
  });

  test.each(types)('of %s: its sample shows no key of the program, no bare instant and no two lines of one name', (type) => {
    const shown = factLines(factsOf(type, sampleOf(type)));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter(({ name }) => /[a-z][A-Z]|\.|_|^$/.test(name.replace('JSON', '').replace('OpenAPI', '')))).toEqual([]);
    expect(shown.filter(({ value }) => /^\d{4}-\d\d-\d\dT|^(true|false|null)$|\[object/.test(value))).toEqual([]);
    expect(new Set(shown.map(({ name }) => name)).size).toBe(shown.length);
  });

  test('of coverage are lines that are covered and lines in all, whatever the format', () => {
    const covered = { found: 500, hit: 391 };
    const facts = { files: 5, testFiles: 0, lines: covered, perFile: [{ path: 'a' }, { path: 'b' }] };
    const wanted = { 'lines: in all': '500', 'lines: covered': '391', 'files with figures of their own': '2' };
    expect(lines({ type: 'lcov', ...facts })).toMatchObject(wanted);
    expect(lines({ type: 'jacoco', as: 'lcov', ...facts })).toMatchObject(wanted);
  });

  test('have the unit of their name beside the figure', () => {
    const facts = { type: 'series', durationSeconds: 12_900, p95Ms: 75, from: '2026-03-02T09:00:00.000Z', longestGapSeconds: 0 };
    expect(lines(facts)).toEqual({
      length: '215 minutes',
      'longest gap': '0 seconds',
      '95th percentile of the response times': '75 ms',
      from: '2026-03-02 09:00:00 UTC',
    });
    const record = { type: 'record', figures: { retentionDays: 1, largestSharePct: 4, uncoveredMinutes: 1620, approved: null } };
    expect(lines(record)).toEqual({
      'figure: retention': '1 day',
      'figure: largest share': '4 %',
      'figure: uncovered': '1620 minutes',
      'figure: approved': 'not stated',
    });
  });

  test('that nobody has given words, and types that nobody knows, are words all the same', () => {
    const facts = { brandNewCount: 3, oldestAgeMs: 12, inner: { isWhole: true, snake_case: 'x' }, first: [] };
    const wanted = {
      'brand new in all': '3',
      'oldest age': '12 ms',
      'inner: is whole': 'yes',
      'inner: snake case': 'x',
      first: '0',
    };
    expect(lines({ type: 'lcov', ...facts })).toEqual(wanted);
    expect(lines({ type: 'of-tomorrow', ...facts })).toEqual(wanted);
    expect(lines({ type: 'of-tomorrow', constructor: 1 })).toEqual({ constructor: '1' });
  });

  test('that are lists show how many there are and the first names, and no digests', () => {
    const facts = { type: 'junit', failures: ['a', 'b', 'c', 'd'].map((name) => ({ name, message: 'no' })), passedTests: ['0123456789ab'] };
    expect(lines(facts)).toEqual({ 'first failures': '4: a, b, c, …', 'tests that passed, by digest': '1' });
  });
});
