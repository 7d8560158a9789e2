import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import { diffDefinitions, saidIn } from '../../lib/checklist/definition-diff.ts';
import { deviate } from '../../lib/checklist/deviations.ts';
import { deviationInWords, thresholdsOf, titlesIn } from '../../lib/checklist/thresholds.ts';
import { lineDifferences, looseDifferences } from '../../lib/query/diff-words.ts';
import { ruleKinds } from '../../lib/registry/rule-list.ts';
import { parameterWords } from '../../lib/registry/rules.ts';
import { valueInWords } from '../../lib/rules/parameter-words.ts';
import { durationWords } from '../../lib/wording.ts';

const titleOf = titlesIn(baseChecklist);

/** A name of a member, JSON, or what JavaScript writes of a value. */
const privateWord = /(?<!\bOpe|\bClou|\bGi)[a-z][A-Z]|[{}"]|\[object|undefined|null|NaN/;
const unitOf = { Pct: '%', Ms: 'ms|second|minute', Seconds: 'second|minute|hour|day', Days: 'day', Hours: 'hour|day', Minutes: 'minute' };

const parameters = ruleKinds
  .map((one) => one as unknown as { readonly kind: string; readonly parameters: object })
  .flatMap(({ kind, parameters: all }) =>
    Object.entries(all as Readonly<Record<string, z.ZodType>>).map(([name, schema]) => ({ kind: kind as string, name, schema })),
  );

describe('what people read of a rule', () => {
  test('every parameter of every rule has a noun, and says what stands where it is absent', () => {
    expect(parameters.length).toBeGreaterThan(100);
    for (const { kind, name } of parameters) {
      const words = parameterWords(kind, name);
      expect([kind, name, words?.name]).toEqual([kind, name, expect.stringMatching(/^[a-z0-9].{2,}$/)]);
      expect([kind, name, privateWord.test(`${words?.name} ${words?.none}`)]).toEqual([kind, name, false]);
      expect([kind, name, words?.none.trim().length ?? 0]).toSatisfy(([, , length]) => (length as number) > 0);
    }
  });

  test('every number has its unit, and every choice its words', () => {
    for (const { kind, name, schema } of parameters) {
      const words = parameterWords(kind, name);
      if (words === undefined) throw new Error(`${kind} ${name}`);
      const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
      const values =
        inner instanceof z.ZodEnum
          ? inner.options
          : inner instanceof z.ZodLiteral
            ? [...inner.values]
            : inner instanceof z.ZodNumber
              ? [7]
              : [];
      for (const value of values) {
        const said = valueInWords(words, value, { rule: { kind, figure: 'p95' }, titleOf });
        expect([kind, name, said, privateWord.test(said)]).toEqual([kind, name, said, false]);
        if (typeof value !== 'number') continue;
        expect([kind, name, said]).toEqual([kind, name, expect.stringMatching(/^(?:at least|at most|up to) /)]);
        const [suffix, unit] = Object.entries(unitOf).find(([end]) => name.endsWith(end) && name !== 'maxStartsInHours') ?? ['', ''];
        expect([kind, name, suffix, said]).toEqual([kind, name, suffix, expect.stringMatching(new RegExp(unit))]);
      }
    }
  });

  test('no threshold of the checklist shows a name of a member', () => {
    const all = baseChecklist.items.flatMap(({ rule }) => thresholdsOf(rule, titleOf).map(({ text }) => text));
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((text) => privateWord.test(text))).toEqual([]);
    expect(all).toContain('95th percentile of the response times: at most 2 seconds');
  });

  test('a rule of a newer version is shown as it is', () => {
    expect(thresholdsOf({ kind: 'of-next-year/1', maxMagic: 3 } as never, titleOf)).toEqual([
      { parameter: 'maxMagic', text: 'maxMagic: 3' },
    ]);
  });
});

describe('what people read of a difference', () => {
  const changedBy = (id: string, member: object): Checklist => ({
    ...baseChecklist,
    items: baseChecklist.items.map((item) => (item.id === id ? { ...item, ...member } : item)),
  });
  const changesTo = (to: Checklist): readonly string[] =>
    lineDifferences(diffDefinitions(baseChecklist, to)).flatMap(({ changes }) => changes);
  const dies = baseChecklist.items.find(({ maxAgeSeconds }) => maxAgeSeconds === null);
  const covered = baseChecklist.items.find(({ rule }) => rule?.kind === 'coverage-at-least/1');

  test('a maximum age, a floor and a feature', () => {
    expect(changesTo(changedBy(dies?.id ?? '', { maxAgeSeconds: 3600 }))).toEqual(['evidence: no maximum age → at most 1 hour old']);
    const features = [{ id: 'cart', paths: ['src/cart/**'], floorPct: 85 }];
    expect(changesTo(changedBy(covered?.id ?? '', { rule: { ...covered?.rule, floorPct: 85, features } }))).toEqual([
      'covered share: at least 70 % → at least 85 %',
      'features: one, which covers all files → cart (src/cart/**, at least 85 %)',
    ]);
    const before = changedBy(covered?.id ?? '', { rule: { ...covered?.rule, features } });
    const more = [...features, { id: 'pay', paths: ['src/pay/**'] }];
    const after = changedBy(covered?.id ?? '', { rule: { ...covered?.rule, features: more } });
    expect(lineDifferences(diffDefinitions(before, after))[0]?.changes).toEqual(['features: added pay (src/pay/**)']);
  });

  test('every member of a line that can differ has words', () => {
    for (const [place, item] of baseChecklist.items.entries()) {
      const { id, gate, kind } = item;
      const { id: _, ...other } = baseChecklist.items[place + 1] ?? item;
      const said = changesTo(changedBy(id, { ...other, gate, kind }));
      const prose = said.filter((one) => !/^(?:how it is proved|title|words of the document): /.test(one));
      expect([id, prose.filter((one) => privateWord.test(one))]).toEqual([id, []]);
    }
  });

  test('what is observed names its date as people read it, and a deviation its figure', () => {
    const observing = changedBy('no-regressions', { mode: 'observe', observeUntil: '2026-05-01T00:00:00.000Z' });
    expect(looseDifferences(diffDefinitions(baseChecklist, observing)).map(({ text }) => text)).toEqual([
      `${titleOf('no-regressions')}: required → judged and shown only until 2026-05-01 00:00:00 UTC`,
    ]);
    const one = {
      check: covered?.id ?? '',
      parameter: 'floorPct',
      document: 70,
      here: 60,
      reason: 'The old modules go away in May.',
      approver: 'technical-lead',
    } as const;
    expect(looseDifferences(diffDefinitions(baseChecklist, deviate(baseChecklist, [one]))).map(({ text }) => text)).toEqual([
      `Deviation of ${covered?.title}: covered share: at least 60 % instead of at least 70 %. The old modules go away in May. Accepted by the technical lead.`,
    ]);
  });

  test('deviations that change no figure of a rule', () => {
    const drops = { parameter: 'mode', document: 'required', here: 'observe' };
    expect(deviationInWords(drops, null, titleOf)).toBe('mode: judged and shown only instead of required');
    const signers = { check: 'go-no-go', parameter: 'distinctPeople', document: 3, here: 2 } as const;
    expect(saidIn(baseChecklist, { ...signers, reason: '', approver: 'technical-lead' })).toMatchObject({
      title: 'Go / no-go',
      says: 'different people who sign: 2 instead of 3',
    });
  });
});

describe('a length of time', () => {
  test('stands in the largest unit that leaves a whole number', () => {
    const said = [0, 0.3, 1, 1.5, 90, 3600, 86_400, 172_800, 259_200, 604_800].map(durationWords);
    expect(said).toEqual([
      '0 seconds',
      '300 ms',
      '1 second',
      '1500 ms',
      '90 seconds',
      '1 hour',
      '24 hours',
      '48 hours',
      '3 days',
      '7 days',
    ]);
  });
});
