import * as z from 'zod';
import { foreignText, instant, insteadOfUpload, reportOf } from './collected.ts';
import { isHoldpointRecord } from './content.ts';
import { evidenceType, mostJson } from './kind.ts';
import { type Parsed, timeOfParts } from './report-time.ts';

const mostUnheard = 50;

const facts = z.strictObject({
  type: z.literal('restart-history'),
  at: z.string().describe('read at'),
  since: z.string().describe('since'),
  sources: z
    .array(
      z.strictObject({
        /** What the stage file names: kind and name of the resource. */
        kind: z.string(),
        name: z.string(),
        /** Why AWS could not be asked; null when it was. */
        unread: z.string().nullable(),
        /** Since when nothing is missing in what AWS keeps. */
        completeSince: z.string(),
        /** How often something of it was started anew or ended, and which of these times the run was not fed. */
        restarts: z.int().min(0),
        unheard: z.array(z.strictObject({ subject: z.string(), at: z.string() })),
        unheardCount: z.int().min(0),
        /** Starts that no stop explains: the resource has grown, or stops are missing. */
        unexplained: z.int().min(0),
      }),
    )
    .describe('what was asked'),
});
export type RestartHistoryFacts = z.infer<typeof facts>;

const reportSchema = z.strictObject({
  schema: z.literal('holdpoint.restart-history/1'),
  at: instant,
  since: instant,
  sources: z
    .array(
      z.strictObject({
        kind: foreignText(40),
        name: foreignText(255),
        unread: foreignText(200).nullable(),
        completeSince: instant,
        /** Every restart; `heard`: the run has an observation of it. */
        restarts: z.array(z.strictObject({ subject: foreignText(200), at: instant, heard: z.boolean() })).max(10_000),
        unexplained: z.int().min(0),
      }),
    )
    .max(200),
});
/** What the collector writes. */
export type RestartHistoryReport = z.input<typeof reportSchema>;

export const restartHistory = evidenceType({
  id: 'restart-history',
  description: 'What AWS itself keeps about restarts of the resources that the stage names, beside the feed',
  insteadOfUpload,
  fileNames: [],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => isHoldpointRecord(json, 'restart-history'),
  fieldWords: ({ since, sources }) => ({ since, sources }),
  parse: (bytes) => parse(bytes),
  sample: 'collected-restarts.json',
});

const expected = '{ "schema": "holdpoint.restart-history/1", "at", "since", "sources": [...] }';

const parse = (bytes: Uint8Array): Parsed<RestartHistoryFacts> => {
  const read = reportOf(reportSchema, bytes, expected);
  if (read.refused) return read;
  const { at, since, sources } = read.ok;
  const made = Date.parse(at);
  return {
    reportTime: timeOfParts([{ from: made, to: made }]),
    ok: {
      type: 'restart-history',
      at,
      since,
      sources: sources.map(({ restarts, ...source }) => {
        const unheard = restarts.filter(({ heard }) => !heard).map(({ subject, at: instantOf }) => ({ subject, at: instantOf }));
        return { ...source, restarts: restarts.length, unheard: unheard.slice(0, mostUnheard), unheardCount: unheard.length };
      }),
    },
  };
};
