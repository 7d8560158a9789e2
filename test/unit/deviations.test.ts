import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { Deviation } from '../../lib/checklist/definition.ts';
import { checklistDigest, gateOf, isDeviationOf } from '../../lib/checklist/definition.ts';
import { deviate } from '../../lib/checklist/deviations.ts';
import { gateGraphOf, graphDigest } from '../../lib/checklist/gate-graph.ts';

describe('deviations', () => {
  const soak = {
    check: 'soak-24h',
    parameter: 'minDurationSeconds',
    document: 86_400,
    here: 60,
    reason: 'a laptop is not watched for a day',
    approver: 'operations-lead',
  } as const;

  test('change the rule, are listed, and make another definition with the same gates', () => {
    const here = deviate(baseChecklist, [soak]);
    expect(here.deviations).toEqual([soak]);
    expect(here.items.find(({ id }) => id === 'soak-24h')?.rule).toMatchObject({ minDurationSeconds: 60, minPoints: 1440 });
    expect(checklistDigest(here)).not.toBe(checklistDigest(baseChecklist));
    expect(graphDigest(gateGraphOf(here))).toBe(graphDigest(gateGraphOf(baseChecklist)));
  });

  test.each<[string, Partial<Record<keyof Deviation, unknown>>, RegExp]>([
    ['an unknown check', { check: 'soak-48h' }, /does not have/],
    ['an unknown parameter', { parameter: 'minHours' }, /does not have/],
    ['an inherited member', { parameter: 'constructor' }, /does not have/],
    ['the kind of the rule', { parameter: 'kind', document: 'series-covers/1', here: 'attested/1' }, /may not change/],
    ['the evidence of the rule', { parameter: 'evidence', document: 'series', here: 'junit' }, /may not change/],
    ['which series counts', { parameter: 'series', document: 'soak', here: 'health' }, /may not change/],
    ['who attests', { check: 'operations-trained', parameter: 'role', document: 'operations-lead', here: 'developer' }, /may not change/],
    [
      'who signs',
      { check: 'go-operations-lead', parameter: 'role', document: 'operations-lead', here: 'technical-lead' },
      /may not be weakened/,
    ],
    ['a check that nobody may waive', { check: 'no-secrets', parameter: 'maxSuppressed', document: 0, here: 9 }, /may not be weakened/],
    ['a trigger', { check: 'data-corruption-detected', parameter: 'minTests' }, /may not be weakened/],
    ["another value than the document's", { document: 3600 }, /the checklist has 86400/],
    ['nothing', { here: 86_400 }, /changes nothing/],
    ['a number as text', { here: '60' }, /a number from 1/],
    ['a negative duration', { here: -1 }, /a number from 1/],
    ['no number', { here: Number.NaN }, /./],
    ['half a point', { parameter: 'minPoints', document: 1440, here: 30.5 }, /int/],
    ['no reason', { reason: 'because' }, /reason/],
    ['a reason of blanks', { reason: ' '.repeat(40) }, /reason/],
    ['somebody who signs nothing', { approver: 'developer' }, /approver/],
  ])('%s is a mistake in the configuration', (_what, changes, message) => {
    expect(() => deviate(baseChecklist, [{ ...soak, ...changes } as Deviation])).toThrow(message);
  });

  test.each([
    ['coverage-per-feature', 'floorPct', 70, 0],
    ['load-testing', 'maxErrorPct', 1, 100],
    ['load-testing', 'maxP99Ms', 29_000, 3_600_000],
    ['load-testing', 'minConcurrency', 100, 1],
    ['soak-24h', 'maxFailurePct', 0.1, 100],
    ['soak-24h', 'maxGapPct', 1, 101],
    ['no-regressions', 'maxSkippedPct', 20, 100],
  ])('a threshold that lets everything pass is none: %s %s', (check, parameter, document, here) => {
    expect(() => deviate(baseChecklist, [{ ...soak, check: check, parameter, document, here }])).toThrow(/is expected/);
  });

  test('two of one figure are refused, also in steps and on top of a deviating checklist', () => {
    const again = { ...soak, document: 60, here: 1 };
    expect(() => deviate(baseChecklist, [soak, again])).toThrow(/same figure: soak-24h, minDurationSeconds/);
    expect(() => deviate(baseChecklist, [soak, soak])).toThrow(/same figure/);
    expect(() => deviate(deviate(baseChecklist, [soak]), [again])).toThrow(/same figure/);
    expect(
      deviate(deviate(baseChecklist, [soak]), [{ ...soak, parameter: 'minPoints', document: 1440, here: 30 }]).deviations,
    ).toHaveLength(2);
  });

  test('every figure of every rule can be reached by a deviation, and nothing else', () => {
    for (const check of baseChecklist.items.filter(({ rule, waivable }) => rule !== null && waivable)) {
      for (const [parameter, document] of Object.entries(check.rule ?? {})) {
        const attempt = () => deviate(baseChecklist, [{ ...soak, check: check.id, parameter, document: document as number, here: 33 }]);
        if (typeof document === 'number') expect(attempt, `${check.id} ${parameter}`).not.toThrow(/may not change/);
        else expect(attempt, `${check.id} ${parameter}`).toThrow(/may not change/);
      }
    }
  });
});

describe('a team of two', () => {
  const two = {
    check: 'go-no-go',
    parameter: 'distinctPeople',
    document: 3,
    here: 2,
    reason: 'only two people work on this service',
    approver: 'product-owner',
  } as const;
  const signing = (id: string, checklist = baseChecklist) => gateOf(checklist, id) ?? expect.fail('no such gate');

  test('deviates in how many different people sign at a gate, which stays the same, and the report says so', () => {
    const here = deviate(baseChecklist, [two]);
    expect(here.deviations).toEqual([two]);
    expect([signing('go-no-go', here).distinctPeople, signing('sign-off', here).distinctPeople]).toEqual([2, 3]);
    expect(signing('go-no-go', here)).toMatchObject({ asks: signing('go-no-go').asks, nonAuthors: 1 });
    expect(checklistDigest(here)).not.toBe(checklistDigest(baseChecklist));
    expect(graphDigest(gateGraphOf(here))).toBe(graphDigest(gateGraphOf(baseChecklist)));
    const signatures = here.items.filter((item) => isDeviationOf(two, item)).map(({ id }) => id);
    expect(signatures).toEqual(['go-technical-lead', 'go-operations-lead', 'go-product-owner']);
  });

  test.each<[string, Partial<Record<keyof Deviation, unknown>>, RegExp]>([
    ['one person alone', { here: 1 }, /nobody releases alone/],
    ['nobody', { here: 0 }, /nobody releases alone/],
    ['half a person', { here: 2.5 }, /a whole number from 2 to 3/],
    ['a number as text', { here: '2' }, /a whole number from 2 to 3/],
    ['more people than roles', { here: 4 }, /a whole number from 2 to 3/],
    ['nothing', { here: 3 }, /changes nothing/],
    ['another figure than that of the document', { document: 4 }, /the checklist has 3/],
    ['a gate at which nobody signs', { check: 'phase-1' }, /the id of a gate at which people sign is expected/],
    ['a check', { check: 'soak-24h' }, /the id of a gate at which people sign is expected/],
  ])('%s is a mistake', (_what, changes, message) => {
    expect(() => deviate(baseChecklist, [{ ...two, ...changes } as Deviation])).toThrow(message);
  });

  test('may say so once for each gate', () => {
    expect(() => deviate(baseChecklist, [two, { ...two, reason: 'we have said so before' }])).toThrow(/the same figure/);
    expect(deviate(baseChecklist, [two, { ...two, check: 'sign-off' }]).deviations).toHaveLength(2);
  });
});

describe('the cap of the 48-hour review', () => {
  const longer = {
    check: 'review-48h',
    parameter: 'capSeconds',
    document: 7 * 86_400,
    here: 10 * 86_400,
    reason: 'the service is idle on weekends',
    approver: 'operations-lead',
  } as const;
  const cap = (checklist = baseChecklist) => gateOf(checklist, 'review-48h')?.capSeconds;

  test('is a week, and a reasoned deviation changes it: the graph stays, the lines of the review show it', () => {
    const here = deviate(baseChecklist, [longer]);
    expect([cap(), cap(here)]).toEqual([7 * 86_400, 10 * 86_400]);
    expect(here.deviations).toEqual([longer]);
    expect(graphDigest(gateGraphOf(here))).toBe(graphDigest(gateGraphOf(baseChecklist)));
    const lines = here.items.filter((item) => isDeviationOf(longer, item));
    expect(new Set(lines.map(({ gate }) => gate))).toEqual(new Set(['review-48h']));
    expect(cap(deviate(baseChecklist, [{ ...longer, here: 3 * 86_400 }]))).toBe(3 * 86_400);
  });

  test.each<[string, Partial<Record<keyof Deviation, unknown>>, RegExp]>([
    ['as long as the window', { here: 48 * 3600 }, /from 172801 to 1209600 is expected, because the cap is longer than the window/],
    ['longer than the deadline', { here: 15 * 86_400 }, /from 172801 to 1209600 is expected/],
    ['none', { here: 0 }, /is expected/],
    ['half a second', { here: 604_800.5 }, /a whole number/],
    ['a number as text', { here: '864000' }, /a whole number/],
    ['no change', { here: 7 * 86_400 }, /changes nothing/],
    ['another figure than that of the document', { document: 86_400 }, /the checklist has 604800/],
    ['of a review that no incident extends', { check: 'stability-24h' }, /the id of a review that incidents extend is expected/],
    ['of a gate that is no review', { check: 'phase-1' }, /the id of a review that incidents extend is expected/],
    ['of a check', { check: 'soak-24h' }, /the id of a review that incidents extend is expected/],
  ])('%s is a mistake', (_what, changes, message) => {
    expect(() => deviate(baseChecklist, [{ ...longer, ...changes } as Deviation])).toThrow(message);
  });
});
