import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { baseChecklist, checklistDigest, deviate } from '../../lib/checklist/checklist.ts';
import { coverageAtLeast, junitPasses } from '../../lib/checklist/define.ts';
import { linesOf } from '../../lib/checklist/definition.ts';
import { listing } from '../../lib/checklist/listing.ts';
import { graphDigest, spineOf } from '../../lib/checklist/spine.ts';

const document = readFileSync(new URL('../samples/production-deployment-checklist.md', import.meta.url), 'utf8').split('\n');

const slug = (heading: string): string =>
  heading
    .replace(/^#+\s*/, '')
    .replace(/\([^)]*\)/g, '')
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .toLowerCase()
    .replace(/\s+/g, '-');

/** Every line of the document with the slug of the nearest heading, in order. A sign-off is its heading. */
const documentLines = (): { words: string; group: string }[] => {
  let group = '';
  return document.flatMap((text) => {
    if (text.startsWith('#')) {
      group = slug(text);
      return /Sign-Off$/.test(text) && text.startsWith('###') ? [{ words: text.replace(/^#+\s*/, ''), group }] : [];
    }
    const [, words] = /^(?:- \[ \]|✅|\d+\.|- \*\*)\s*(.+)$/u.exec(text) ?? [];
    return words === undefined ? [] : [{ words, group }];
  });
};

describe('the checklist', () => {
  test("every line of the document has the document's words under its heading, in its order", () => {
    const all = documentLines();
    let place = 0;
    for (const line of baseChecklist.lines.filter(({ source }) => source === 'document')) {
      const found = all.findIndex((one, index) => index >= place && one.words === line.words && one.group === line.group);
      expect(found, `${line.id}: "${line.words}" under ${line.group}, behind line ${place}`).toBeGreaterThanOrEqual(place);
      place = found + 1;
    }
  });

  test('ids are unique, every gate has a line and every phase three checks of the document', () => {
    expect(new Set(baseChecklist.lines.map(({ id }) => id)).size).toBe(baseChecklist.lines.length);
    for (const gate of baseChecklist.gates) expect(linesOf(baseChecklist, gate.id).length, gate.id).toBeGreaterThan(0);
    for (const phase of [1, 2, 3, 4, 5]) {
      expect(
        baseChecklist.lines.filter((line) => line.kind === 'check' && line.source === 'document' && line.phase === phase).length,
        `phase ${phase}`,
      ).toBeGreaterThanOrEqual(3);
    }
  });

  test('lines that a rule refers to exist, and so do the roles that are asked', () => {
    for (const line of baseChecklist.lines) {
      if (line.rule?.kind === 'lines-release/1')
        for (const id of line.rule.lines)
          expect(
            baseChecklist.lines.some((one) => one.id === id),
            id,
          ).toBe(true);
    }
    for (const gate of baseChecklist.gates) {
      const signed = linesOf(baseChecklist, gate.id).flatMap((line) => (line.rule?.kind === 'signed/1' ? [line.rule.role] : []));
      expect(signed, `${gate.id} asks exactly those whose signature is a line`).toEqual(gate.asks);
    }
  });

  test('all hard stops together, with every resume, stay under 330 days', () => {
    const spine = spineOf(baseChecklist);
    const longest = Math.max(...spine.gates.map((gate) => gate.hardStopSeconds));
    const once = spine.gates.reduce((sum, gate) => sum + gate.hardStopSeconds, 0);
    expect((once + baseChecklist.maxResumes * (spine.incident.hardStopSeconds + longest)) / 86_400).toBeLessThan(330);
  });

  test('the spine leads through every gate in order, and every edge leads somewhere', () => {
    const spine = spineOf(baseChecklist);
    expect(spine.gates.map(({ id }) => id)).toEqual(baseChecklist.gates.map(({ id }) => id));
    const ends = new Set(spine.ends.map(({ id }) => id));
    for (const [place, gate] of spine.gates.entries()) {
      const next = spine.gates[place + 1];
      expect(gate.released).toEqual(next === undefined ? { end: 'production-stable' } : { gate: next.id });
      for (const edge of [gate.rejected, gate.cancelled, gate.expired, gate.triggered])
        expect('end' in edge ? ends.has(edge.end) : edge.gate === 'incident').toBe(true);
    }
    expect(spine.ends.filter(({ succeeds }) => succeeds).map(({ id }) => id)).toEqual(['production-stable']);
  });
});

describe('deviations', () => {
  const soak = {
    line: 'soak-24h',
    parameter: 'minDurationSeconds',
    document: 86_400,
    here: 60,
    reason: 'a laptop is not watched for a day',
    approver: 'operations-lead',
  } as const;

  test('change the rule, are listed, and make another definition with the same gates', () => {
    const here = deviate(baseChecklist, [soak]);
    expect(here.deviations).toEqual([soak]);
    expect(here.lines.find(({ id }) => id === 'soak-24h')?.rule).toMatchObject({ minDurationSeconds: 60, minPoints: 1440 });
    expect(checklistDigest(here)).not.toBe(checklistDigest(baseChecklist));
    expect(graphDigest(spineOf(here))).toBe(graphDigest(spineOf(baseChecklist)));
  });

  test.each([
    ['an unknown line', { ...soak, line: 'soak-48h' }, /does not have/],
    ['an unknown parameter', { ...soak, parameter: 'minHours' }, /does not have/],
    ['the kind of the rule', { ...soak, parameter: 'kind' }, /does not have/],
    ["another value than the document's", { ...soak, document: 3600 }, /the checklist has 86400/],
    ['a value that the rule refuses', { ...soak, here: -1 }, /./],
    ['no real reason', { ...soak, reason: 'because' }, /./],
  ])('%s is a mistake in the configuration', (_what, deviation, message) => {
    expect(() => deviate(baseChecklist, [deviation])).toThrow(message);
  });
});

describe('the listing', () => {
  test("has exactly the promised members, verbatim words and the document's order", () => {
    const { version, digest, lines } = listing(baseChecklist);
    expect(version).toBe(baseChecklist.version);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual([
        'id',
        'kind',
        'phase',
        'group',
        'gate',
        'words',
        'title',
        'owner',
        'evidence',
        'controls',
        'maxAgeSeconds',
        'source',
        'mode',
      ]);
    }
    expect(lines.find(({ id }) => id === 'coverage-per-feature')).toMatchObject({
      kind: 'check',
      phase: 1,
      group: 'code-quality-verification',
      gate: 'phase-1',
      words: '70%+ test coverage per feature',
      evidence: ['lcov'],
      source: 'document',
      mode: 'required',
    });
  });
});

test('a misspelt evidence type or a parameter of another kind does not compile', () => {
  // @ts-expect-error: coverage is read from lcov
  expect(coverageAtLeast({ evidence: 'lconv', metric: 'lines', floorPct: 70, per: 'feature' }).kind).toBe('coverage-at-least/1');
  // @ts-expect-error: a floor is no parameter of a JUnit rule
  expect(junitPasses({ evidence: 'junit', minTests: 1, floorPct: 70 }).kind).toBe('junit-passes/1');
});
