import * as z from 'zod';
import { artillery, isArtillery, readArtillery } from './artillery.ts';
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
  description: 'Result of a load test by autocannon, k6 or Artillery as JSON',
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
  const json = jsonOf(bytes, `${k6.description}, ${artillery.description}, or ${autocannon.description}`);
  if (json.refused) return json;
  const read = readerOf(json.ok)(json.ok);
  return read.refused ? read : { ...read, ok: { type: 'load', ...read.ok } };
};

const readerOf = (json: unknown): typeof readK6 => {
  if (isK6(json)) return readK6;
  return isArtillery(json) ? readArtillery : readAutocannon;
};
