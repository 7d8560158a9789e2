import * as z from 'zod';
import { at, count, list, recordKind, text } from './kind.ts';

export const document = recordKind({
  id: 'document',
  description: 'A guide or a plan: its file at the commit, words, headings, links (`holdpoint document` writes it)',
  schema: z.strictObject({
    path: text,
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    /** Of the last commit that changed the file. */
    changedAt: at,
    words: count,
    headings: list(text),
    links: count,
    brokenLinks: list(z.strictObject({ line: count, link: text })),
    /** Lines that say that something is still to be written. */
    placeholders: list(z.strictObject({ line: count, found: text })),
  }),
  limits: {
    minWords: { of: 'words', name: 'words', is: 'least', bound: { least: 20 } },
    minHeadings: { of: 'headings', name: 'headings', is: 'least', bound: { least: 1 } },
    maxUnchangedDays: { of: 'unchangedDays', name: 'time without a change', is: 'most', unit: 'days', bound: { most: 3650 } },
  },
  content: ({ path, changedAt, words, headings, brokenLinks, placeholders }, made) => ({
    path,
    items: words === 0 ? 0 : 1,
    figures: { words, headings: headings.length, unchangedDays: Math.floor((made - Date.parse(changedAt)) / 86_400_000) },
    faults: [
      ...brokenLinks.map(({ line, link }) => `${path}:${line} links to ${link}, which does not exist`),
      ...placeholders.map(({ line, found }) => `${path}:${line} says ${found}`),
    ],
  }),
});
