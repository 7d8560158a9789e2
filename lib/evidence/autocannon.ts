import * as z from 'zod';
import { hasMembers } from './content.ts';
import { evidenceType, megabyte } from './kind.ts';
import { factsOfAutocannon } from './load-autocannon.ts';
import { type LoadFigures, loadMembers, loadWords } from './load-facts.ts';
import type { Parsed } from './report-time.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('autocannon'), as: z.literal('load'), ...loadMembers });
type AutocannonFacts = z.infer<typeof facts>;

export const autocannon = evidenceType({
  id: 'autocannon',
  description: 'Result of a load test by autocannon (--json) as JSON',
  judgedAs: 'load',
  fileNames: ['*autocannon*.json'],
  mediaTypes: ['application/json'],
  maxBytes: megabyte,
  facts,
  recognises: ({ json }) => hasMembers(json, 'connections', 'latency', 'requests'),
  fieldWords: loadWords,
  parse: (bytes) => parse(bytes),
  sample: 'autocannon.json',
});

const expected = 'the JSON result of autocannon';

const parse = (bytes: Uint8Array): Parsed<AutocannonFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = readAutocannon(json.ok);
  return read.refused ? read : { ...read, ok: { type: 'autocannon', as: 'load', ...read.ok } };
};

/** Recomputes failures; where a result counts them in two ways, the worse count is used. */
export const readAutocannon = (json: unknown): Parsed<LoadFigures> => {
  const read = factsOfAutocannon(json);
  if (read.refused === undefined) return read;
  return unreadable('The JSON is not a result of autocannon.', { got: read.refused, expected, fix: 'Use `autocannon --json`.' });
};
