import { expect } from 'vitest';
import { canonical } from '../../lib/canonical.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type Facts, parseEvidence } from '../../lib/evidence/index.ts';
import type { Refusal } from '../../lib/outcome.ts';
import { isEvidenceRule, judgeEvidence } from '../../lib/rules/index.ts';

/** Reports for the parsers, and what came of them. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const json = (value: unknown): Uint8Array => bytes(JSON.stringify(value));

export const factsOf = <T extends Facts['type']>(type: T, input: Uint8Array): Extract<Facts, { type: T }> => {
  const parsed = parseEvidence(type, input);
  if (parsed.refused) throw new Error(`${parsed.refused.type}: ${parsed.refused.detail} (${parsed.refused.got})`);
  return parsed.ok as Extract<Facts, { type: T }>;
};

export const refusalOf = (type: string, input: Uint8Array): Refusal => {
  const { ok, refused } = parseEvidence(type, input);
  if (refused === undefined) throw new Error(`read as ${JSON.stringify(ok).slice(0, 200)}`);
  return refused;
};

const rules = baseChecklist.items.flatMap(({ rule }) => (rule !== null && isEvidenceRule(rule) ? [rule] : []));

/** What must hold of every report whatever it says: it is read or refused, what came of it can be stored, and nothing of it grows. */
export const sound = (type: string, input: Uint8Array): void => {
  const parsed = parseEvidence(type, input);
  const kept = canonical(parsed.ok ?? parsed.refused);
  expect(kept.length).toBeLessThan(64_000);
  if (parsed.refused !== undefined) {
    expect(parsed.refused).toMatchObject({ got: expect.any(String), expected: expect.any(String), fix: expect.any(String) });
    return;
  }
  for (const rule of rules.filter(({ evidence }) => evidence === parsed.ok.type)) {
    const { verdict, reason } = judgeEvidence(rule, parsed.ok);
    expect(verdict).not.toBe('error');
    expect(reason).not.toMatch(/\bNaN\b|Infinity/);
    expect(canonical(reason).length).toBeLessThan(2000);
  }
};
