import { expect } from 'vitest';
import { canonical } from '../../lib/canonical-json.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { mostNamed } from '../../lib/evidence/kind.ts';
import type { Refusal } from '../../lib/outcome.ts';
import { type EvidenceType, evidenceTypes, type FactsOf, isEvidenceType, judgedAs, parseEvidence } from '../../lib/registry/evidence.ts';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
import { type EvidenceRule, isEvidenceRule, judgeEvidence } from '../../lib/registry/rules.ts';

/** Reports for the parsers, and what the parsers make of them. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const json = (value: unknown): Uint8Array => bytes(JSON.stringify(value));

export const types = Object.keys(evidenceTypes).filter(isEvidenceType);

export const factsOf = <T extends EvidenceType>(type: T, input: Uint8Array): FactsOf<T> => {
  const parsed = parseEvidence(type, input);
  if (parsed.refused) throw new Error(`${parsed.refused.type}: ${parsed.refused.detail} (${parsed.refused.got})`);
  return parsed.ok as FactsOf<T>;
};

export const refusalOf = (type: string, input: Uint8Array): Refusal => {
  const { ok, refused } = parseEvidence(type, input);
  if (refused === undefined) throw new Error(`read as ${JSON.stringify(ok).slice(0, 200)}`);
  return refused;
};

/** What `holdpoint evidence inspect` shows of a report. */
export const inspected = (type: EvidenceType, text: string) => {
  const { ok, refused } = inspectEvidence(bytes(text), type);
  if (ok === undefined) throw new Error(refused.got);
  return ok;
};

/** The rules of the base checklist that judge every report of this type: not those about some suites only, nor about a service's own peak. */
export const rulesOf = (type: EvidenceType): EvidenceRule[] =>
  baseChecklist.items.flatMap(({ rule }) =>
    rule !== null && isEvidenceRule(rule) && rule.evidence === judgedAs(type) && !('suites' in rule) && !('expectedPeak' in rule)
      ? [rule]
      : [],
  );

/** Holds for every report: it is read or refused, its facts fit their schema and can be stored, and no text in them grows without limit. */
export const sound = (type: EvidenceType, input: Uint8Array): void => {
  const parsed = parseEvidence(type, input);
  const stored = canonical(parsed.ok ?? parsed.refused);
  expect(stored.length).toBeLessThan(['junit', 'lcov'].includes(judgedAs(type)) ? 32 * mostNamed : 64_000);
  if (parsed.refused !== undefined) {
    expect(parsed.refused).toMatchObject({ got: expect.any(String), expected: expect.any(String), fix: expect.any(String) });
    return;
  }
  expect(evidenceTypes[type].facts.safeParse(parsed.ok).error).toBeUndefined();
  for (const rule of rulesOf(type)) {
    const { verdict, reason } = judgeEvidence(rule, parsed.ok);
    expect(verdict).not.toBe('error');
    expect(reason).not.toMatch(/\bNaN\b|Infinity/);
    expect(canonical(reason).length).toBeLessThan(2000);
  }
};
