import type { Problem, Words } from '../evidence/account.ts';
import type { EvidenceKind } from '../evidence/kind.ts';
import type { Outcome } from '../outcome.ts';
import { type EvidenceType, evidenceTypes, type Facts, parseEvidence, recognise } from './evidence.ts';

/** What a report says: its facts, the same in the words of their field, and what does not add up in it. */
export type Inspected = {
  readonly type: EvidenceType;
  readonly facts: Facts;
  /** With what the report says of itself in `declared`, where it says something. */
  readonly words: Words;
  readonly problems: readonly Problem[];
};

/** Reads a report as evidence would be read, and keeps nothing. Without a type the content tells it. */
export const inspectEvidence = (bytes: Uint8Array, given: string | undefined): Outcome<Inspected> => {
  const type: Outcome<string> = given === undefined ? recognise(bytes) : { ok: given };
  if (type.refused) return type;
  const parsed = parseEvidence(type.ok, bytes);
  if (parsed.refused) return parsed;
  const kind: EvidenceKind = evidenceTypes[parsed.ok.type];
  const { counted = {}, declared, problems = [] } = parsed.account ?? {};
  return {
    ok: {
      type: parsed.ok.type,
      facts: parsed.ok,
      words: { ...kind.fieldWords(parsed.ok), ...counted, ...(declared === undefined ? {} : { declared }) },
      problems,
    },
  };
};
