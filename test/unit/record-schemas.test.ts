import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { jsonSchemaOf } from '../../lib/evidence/published-schemas.ts';
import { recordKinds } from '../../lib/evidence/records/index.ts';
import { recordSampleOf } from '../samples.ts';
import { parsed } from './records.ts';

const [commit, digest] = ['a'.repeat(40), `sha256:${'a'.repeat(64)}`];
/** Values at and beyond the borders of what some member takes. */
const values: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e15, 1e16, Number.MAX_SAFE_INTEGER + 2],
  ...[
    '',
    ' ',
    '\u00a0',
    '\u200b',
    ' x',
    'x',
    'a\nb',
    'a\0b',
    'a\u2028b',
    '\ud800',
    '\u{1f600}'.repeat(200),
    'x'.repeat(300),
    'x'.repeat(301),
  ],
  ...['2026-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-01', '2026-01-01T24:00:00Z', '2026-01-01T00:00:60Z', '2026-01-01T00:00:00'],
  ...['2026-01-01T00:00:00+14:00', '2026-01-01T00:00:00+0100', '2026-01-01t00:00:00z', '2026-01-01T00:00:00+25:00'],
  ...['production', commit, commit.toUpperCase(), digest, '__proto__', '../x', '/x', 'a\\b', [], {}, [null]],
];

/** The record with each of its members replaced, left out or added to. */
function* variants(value: unknown): Generator<unknown> {
  yield* values;
  if (Array.isArray(value)) {
    yield [...value, ...value];
    for (const one of variants(value[0])) yield [one, ...value.slice(1)];
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, unknown: 1 };
    yield JSON.parse(`{"__proto__":1,${JSON.stringify(value).slice(1)}`);
    for (const [name, member] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      for (const one of variants(member)) yield { ...value, [name]: one };
    }
  }
}

describe.each(recordKinds.map((kind) => [kind.id, kind] as const))('the published schema of %s', (id, kind) => {
  test('takes exactly what is understood', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(jsonSchemaOf(kind));
    const seen = [0, 0];
    for (const variant of variants(recordSampleOf(id))) {
      const text = JSON.stringify(variant);
      const { refused } = parsed(JSON.parse(text));
      const isOfContent = /too large to be kept|each test once/.test(`${refused?.detail} ${refused?.got}`);
      if (isOfContent) continue;
      const isValid = validate(JSON.parse(text));
      expect({ text, isValid, refused: refused?.got }).toMatchObject({ isValid: refused === undefined });
      seen[Number(isValid)] = (seen[Number(isValid)] ?? 0) + 1;
    }
    expect(Math.min(...seen)).toBeGreaterThan(3);
  });
});
