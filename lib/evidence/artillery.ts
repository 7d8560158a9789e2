import * as z from 'zod';
import { hasMembers } from './content.ts';
import { evidenceType, mostJson } from './kind.ts';
import { factsOfArtillery } from './load-artillery.ts';
import { type LoadFigures, loadMembers, loadWords } from './load-facts.ts';
import type { Parsed } from './report-time.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({ type: z.literal('artillery'), as: z.literal('load'), ...loadMembers });
type ArtilleryFacts = z.infer<typeof facts>;

export const artillery = evidenceType({
  id: 'artillery',
  description: 'Report of a load test by Artillery (artillery run --output), version 1 or 2',
  judgedAs: 'load',
  fileNames: ['*artillery*.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => isArtillery(json),
  fieldWords: loadWords,
  parse: (bytes) => parse(bytes),
  sample: 'artillery.json',
});

/** Both versions have the whole test in `aggregate` and its periods in `intermediate`. */
export const isArtillery = (json: unknown): boolean => hasMembers(json, 'aggregate') && hasMembers(json.aggregate);

const expected = 'the report that `artillery run --output` writes';

const parse = (bytes: Uint8Array): Parsed<ArtilleryFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const read = readArtillery(json.ok);
  return read.refused ? read : { ...read, ok: { type: 'artillery', as: 'load', ...read.ok } };
};

/** Recomputes failures from counters; where a report counts them in two ways, the worse count is used. */
export const readArtillery = (json: unknown): Parsed<LoadFigures> => {
  const read = factsOfArtillery(json);
  if (read.refused === undefined) return read;
  return unreadable('The JSON is not a report of Artillery.', {
    got: read.refused,
    expected,
    fix: 'Use `artillery run --output artillery.json`.',
  });
};
