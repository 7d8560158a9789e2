import * as z from 'zod';
import { autocannon, readAutocannon } from './autocannon.ts';
import { k6, readK6 } from './k6.ts';
import { evidenceType, megabyte } from './kind.ts';
import { loadMembers, loadWords } from './load-facts.ts';
import { isK6 } from './load-k6.ts';
import type { Parsed } from './report-time.ts';
import { jsonOf } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('load'), ...loadMembers });
export type LoadFacts = z.infer<typeof facts>;

/** The result of a load test whose tool the caller does not name. */
export const load = evidenceType({
  id: 'load',
  description: 'Result of a load test by autocannon or k6 as JSON',
  fileNames: ['load.json', 'load-*.json', '*load-test*.json', '*-load.json'],
  mediaTypes: ['application/json'],
  maxBytes: megabyte,
  facts,
  // Each tool has a type of its own, which recognises its report.
  recognises: () => false,
  fieldWords: loadWords,
  parse: (bytes) => parse(bytes),
  sample: 'load.json',
});

const parse = (bytes: Uint8Array): Parsed<LoadFacts> => {
  const json = jsonOf(bytes, `${k6.description}, or ${autocannon.description}`);
  if (json.refused) return json;
  const read = isK6(json.ok) ? readK6(json.ok) : readAutocannon(json.ok);
  return read.refused ? read : { ...read, ok: { type: 'load', ...read.ok } };
};
