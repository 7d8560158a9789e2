import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { figureInWords, hasWords } from '../../lib/evidence/records/figure-words.ts';
import { type EvidenceRule, isEvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';
import { factsOf } from './parsed.ts';

const folder = new URL('../samples/records/', import.meta.url);
const samples = readdirSync(folder)
  .filter((file) => file.endsWith('.record.json'))
  .map((file) => [file, factsOf('record', new Uint8Array(readFileSync(new URL(file, folder))))] as const);
const rules = baseChecklist.items
  .flatMap(({ rule, sources = [] }) => [rule, ...sources.map((one) => one.rule)])
  .filter((rule): rule is EvidenceRule => rule !== null && isEvidenceRule(rule as EvidenceRule) && rule.kind.endsWith('-record/1'));

test.each(samples)('%s: each of its figures has a word, and no reason has a member of code', (_file, facts) => {
  expect(Object.keys(facts.figures).filter((name) => !hasWords(facts.record, name))).toEqual([]);
  const unknown = { ...facts, figures: Object.fromEntries(Object.keys(facts.figures).map((name) => [name, null])) };
  const own = rules.filter(({ kind }) => kind === `${facts.record}-record/1`);
  for (const rule of own)
    for (const one of [facts, unknown]) expect(judgeEvidence(rule, one).reason).not.toMatch(/\b[a-z]+(?:[A-Z][a-z]+)+\b/);
});

test.each([
  ['comparison', 'smallestSharePct', 8.333333, 'least', 'smallest share 8.33 %'],
  ['comparison', 'largestSharePct', 120.001, 'most', 'largest share 120.01 %'],
  ['schedule', 'startsInHours', 24, 'most', 'starts in 24 h'],
  ['schedule', 'uncoveredMinutes', 1620, 'most', 'nobody on duty for 27 h'],
  ['schedule', 'uncoveredMinutes', 95, 'most', 'nobody on duty for 95 min'],
  ['schedule', 'uncoveredMinutes', 0.5, 'most', 'nobody on duty for 0.5 min'],
  ['backup', 'restored', 0, undefined, '0 parts restored'],
  ['backup', 'restored', 1, undefined, '1 part restored'],
  ['ports', 'open', 2, undefined, '2 open ports'],
  ['issues', 'open', 2, undefined, '2 open issues'],
  ['backup', 'retentionDays', null, 'least', 'retention days unknown'],
] as const)('the figure %s.%s of %s', (record, name, value, side, said) => {
  expect(figureInWords(record, name, value, side)).toBe(said);
});
