import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordId } from '../../lib/evidence/record.ts';
import { recordKinds } from '../../lib/evidence/records/index.ts';
import { type EvidenceType, judgedAs, parseEvidence } from '../../lib/registry/evidence.ts';
import { judgeEvidence, type Rule } from '../../lib/registry/rules.ts';
import { metricWithin } from '../../lib/rules/metric-within.ts';
import { vulnerabilitiesWithin } from '../../lib/rules/vulnerabilities-within.ts';
import { recordSampleOf, sampleOf } from '../samples.ts';
import { placesIn, replaced } from './json-places.ts';
import { bytes, json, refusalOf, rulesOf, sound, types } from './parsed.ts';
import { worseJson, worseRecords, worseText } from './worse-reports.ts';

type Json = Record<string, unknown>;
type Rules = readonly Rule[];

const text = (type: EvidenceType): string => new TextDecoder().decode(sampleOf(type));
const noVulnerabilities = vulnerabilitiesWithin.of({
  tools: ['npm audit', 'trivy', 'zap'],
  maxCritical: 0,
  maxHigh: 0,
  maxUnknown: 0,
});
const noErrors = metricWithin.of({ series: 'monitoring', figure: 'error-rate', most: 1, minPoints: 4, maxMissingPct: 10 });
/** The rules of the base checklist on a type, and those that no check of it uses yet. */
const rulesFor = (type: EvidenceType): Rules => {
  if (type === 'metric-series') return [noErrors] as unknown as Rules;
  return [...rulesOf(type), ...(judgedAs(type) === 'sarif' && type !== 'sarif' ? [noVulnerabilities] : [])] as unknown as Rules;
};

/** For each rule whether the report would pass; a report that is refused passes nowhere. */
const passes = (type: string, report: Uint8Array, rules: Rules): boolean[] => {
  const parsed = parseEvidence(type, report);
  return rules.map((rule) => parsed.ok !== undefined && judgeEvidence(rule, parsed.ok).verdict === 'pass');
};

/** A report, and the same with one more failing case after the other. */
const worseAndWorse = <R>(first: R, places: readonly number[], worsen: (report: R, place: number, n: number) => R): R[] => {
  const all = [first];
  for (const [n, place] of places.entries()) all.push(worsen(all[n] as R, place, n));
  return all;
};

const places = fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 });

/** Elements taken out of lists of a JSON report: reports that show less, down to nothing. */
const thinned = (report: Json, steps: readonly number[]): Json =>
  steps.reduce<Json>((left, step) => {
    const lists = placesIn(left)
      .map((path) => path.slice(0, path.findLastIndex((one) => typeof one === 'number') + 1))
      .filter((path) => path.length > 0);
    const path = lists[step % Math.max(1, lists.length)];
    if (path === undefined) return left;
    const holder = path.slice(0, -1).reduce<unknown>((at, name) => (at as Json)[name], left) as unknown[];
    return replaced(left, path.slice(0, -1), holder.toSpliced(Number(path.at(-1)), 1)) as Json;
  }, report);

/** Adding failing cases never gives a pass where there was none, and of a good report at least one rule no longer passes. */
const neverHelps = (type: string, rules: Rules, reports: readonly Uint8Array[]): void => {
  const verdicts = reports.map((report) => passes(type, report, rules));
  for (const [n, now] of verdicts.entries())
    for (const [rule, is] of now.entries()) if (is && n > 0) expect(verdicts[n - 1]?.[rule], `${rules[rule]?.kind}, case ${n}`).toBe(true);
};
/** A mutator that adds nothing would prove nothing. */
const showsInGood = (type: string, rules: Rules, good: Uint8Array, worse: Uint8Array): void => {
  expect(passes(type, good, rules)).toContain(true);
  const before = passes(type, good, rules).filter((is) => is).length;
  expect(passes(type, worse, rules).filter((is) => is).length).toBeLessThan(before);
};

test('every type and every kind of record has a way to add a case that fails', () => {
  expect([...Object.keys(worseJson), ...Object.keys(worseText), 'record'].sort()).toEqual([...types].sort());
  expect(Object.keys(worseRecords).sort()).toEqual(recordKinds.map(({ id }) => id).sort());
});

describe('a case that fails never turns a verdict to pass', () => {
  test.each(Object.entries(worseJson))('%s', (type, worsen) => {
    const sample = JSON.parse(text(type as EvidenceType)) as Json;
    const rules = rulesFor(type as EvidenceType);
    showsInGood(type, rules, json(sample), json(worsen(sample, 0, 0)));
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 3 }), places, (taken, at) => {
        neverHelps(type, rules, worseAndWorse(thinned(sample, taken), at, worsen).map(json));
      }),
      { numRuns: 25 },
    );
  });

  test.each(Object.entries(worseText))('%s', (type, worsen) => {
    const rules = rulesFor(type as EvidenceType);
    const sample = text(type as EvidenceType);
    showsInGood(type, rules, bytes(sample), bytes(worsen(sample, 0, 0)));
    fc.assert(
      fc.property(places, (at) => {
        neverHelps(type, rules, worseAndWorse(sample, at, worsen).map(bytes));
      }),
      { numRuns: 25 },
    );
  });

  test.each(recordKinds.map(({ id }) => id))('a record: %s', (id) => {
    const sample = recordSampleOf(id);
    const limits = id === 'comparison' ? { minSharePct: 50 } : {};
    const rules = [{ kind: `${id}-record/1`, evidence: 'record', ...limits }] as unknown as Rules;
    showsInGood('record', rules, json(sample), json(worseRecords[id](sample, 0, 0)));
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 3 }), places, (taken, at) => {
        neverHelps('record', rules, worseAndWorse(thinned(sample, taken), at, worseRecords[id]).map(json));
      }),
      { numRuns: 50 },
    );
  });
});

test.each<[RecordId, string, unknown, string]>([
  ['usage', 'limit', 5e-324, 'highestPct Infinity'],
  ['dashboard', 'shown', 1e300, 'largestDifferencePct'],
])('%s: a figure that nobody could keep is refused', (id, member, value, got) => {
  const sample = recordSampleOf(id);
  const place = placesIn(sample).find((path) => path.at(-1) === member) ?? [];
  expect(refusalOf('record', json(replaced(sample, place, value)))).toMatchObject({
    got: expect.stringContaining(got),
    expected: 'at most 9007199254740991',
  });
});

test.each(recordKinds.map(({ id }) => id))('no value at any place of a record makes it throw: %s', (id) => {
  const sample = recordSampleOf(id);
  fc.assert(
    fc.property(fc.constantFrom(...placesIn(sample)), fc.jsonValue(), (place, value) =>
      sound('record', json(replaced(sample, place, value))),
    ),
    { numRuns: 100 },
  );
});
