import * as z from 'zod';
import { counted } from '../wording.ts';
import { foreignText, instant, insteadOfUpload, reportOf } from './collected.ts';
import { isHoldpointRecord } from './content.ts';
import { evidenceType, mostJson } from './kind.ts';
import { longestPath, probeSets, protections } from './probe-sets.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { unreadable } from './unreadable.ts';

/** passed, failed: so many in a row. unsteady: neither. not-probed: no request was made, which proves nothing. */
export const probeOutcomes = ['passed', 'failed', 'unsteady', 'not-probed'] as const;
/**
 * How the tries count. in-a-row: the last `needed` ones agree. every: all of them are good. burst: all are good, and one was turned away with
 * status 429.
 */
const modes = ['in-a-row', 'every', 'burst'] as const;

const probeFacts = z.strictObject({
  id: z.string(),
  method: z.string(),
  /** Without the query, which may hold a secret. */
  path: z.string(),
  critical: z.boolean(),
  mode: z.enum(modes),
  outcome: z.enum(probeOutcomes),
  tries: z.int().min(0),
  failed: z.int().min(0),
  /** Tries without any answer. */
  unanswered: z.int().min(0),
  p95Ms: z.number().min(0),
  statuses: z.array(z.strictObject({ status: z.int(), count: z.int().min(1) })),
  /** Of a probe that did not pass: the first reason. */
  reason: z.string().nullable(),
  /** What it shows; absent of a probe that shows no protection, and in facts of older versions. */
  shows: z.enum(protections).optional(),
});
export type ProbeFacts = z.infer<typeof probeFacts>;

const facts = z.strictObject({
  type: z.literal('probes'),
  set: z.enum(probeSets).describe('set of probes'),
  /** Whether only some of the probes of the set were made. */
  partial: z.boolean().describe('is a part of the set'),
  from: z.string().describe('from'),
  to: z.string().describe('until'),
  probes: z.array(probeFacts).describe('probes'),
});
export type ProbesFacts = z.infer<typeof facts>;

/** The most probes or operations of one look. */
export const mostProbes = 1000;
const mostTries = 2000;
const longestMs = 600_000;

const trySchema = z.strictObject({
  ms: z.number().min(0).max(longestMs),
  status: z.int().min(100).max(599).nullable(),
  ok: z.boolean(),
  why: foreignText(200).nullable(),
});
export type ProbeTry = z.input<typeof trySchema>;

const reportSchema = z.strictObject({
  schema: z.literal('holdpoint.probes/1'),
  set: z.enum(probeSets),
  partial: z.boolean(),
  from: instant,
  to: instant,
  probes: z
    .array(
      z.strictObject({
        id: foreignText(120),
        method: foreignText(20),
        path: foreignText(longestPath),
        critical: z.boolean(),
        mode: z.enum(modes),
        needed: z.int().min(1).max(mostTries),
        /** Why no request was made. */
        skipped: foreignText(200).nullable(),
        shows: z.enum(protections).optional(),
        tries: z.array(trySchema).max(mostTries),
      }),
    )
    .max(mostProbes),
});
/** What the collector writes. */
export type ProbesReport = z.input<typeof reportSchema>;
type Probed = z.output<typeof reportSchema>['probes'][number];

export const probes = evidenceType({
  id: 'probes',
  description: 'What the service answered to the probes that the stage configures',
  insteadOfUpload,
  fileNames: [],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => isHoldpointRecord(json, 'probes'),
  fieldWords: ({ set, partial, probes: all }) => ({
    set,
    partial,
    probes: all.length,
    passed: all.filter(({ outcome }) => outcome === 'passed').length,
  }),
  parse: (bytes) => parse(bytes),
  sample: 'collected-probes.json',
});

const expected = '{ "schema": "holdpoint.probes/1", "set", "partial", "from", "to", "probes": [...] }';

/** Decides from the tries what each probe came to. */
const parse = (bytes: Uint8Array): Parsed<ProbesFacts> => {
  const read = reportOf(reportSchema, bytes, expected);
  if (read.refused) return read;
  const { set, partial, probes: probed } = read.ok;
  const [from, to] = [Date.parse(read.ok.from), Date.parse(read.ok.to)];
  if (to < from)
    return unreadable('The report ends before it begins.', { got: `${read.ok.from} to ${read.ok.to}`, expected, fix: insteadOfUpload });
  return {
    reportTime: timeOfParts([from, to].map((instantOf) => ({ from: instantOf, to: instantOf }))),
    ok: {
      type: 'probes',
      set,
      partial,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      probes: probed.map(factsOf),
    },
  };
};

const factsOf = (probe: Probed): ProbeFacts => {
  const { id, method, path, critical, mode, tries, skipped, shows } = probe;
  const outcome = outcomeOf(probe);
  const statuses = new Map<number, number>();
  for (const { status } of tries) if (status !== null) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const times = tries.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    id,
    method,
    path,
    critical,
    mode,
    outcome,
    tries: tries.length,
    failed: tries.filter(({ ok }) => !ok).length,
    unanswered: tries.filter(({ status }) => status === null).length,
    p95Ms: times[Math.ceil(times.length * 0.95) - 1] ?? 0,
    statuses: [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => ({ status, count })),
    reason: outcome === 'passed' ? null : (skipped ?? tries.find(({ ok }) => !ok)?.why ?? notEnough(probe)),
    ...(shows === undefined ? {} : { shows }),
  };
};

/** Unknown is never good: only tries that were all made, and were all good, pass. */
const outcomeOf = ({ mode, needed, skipped, tries }: Probed): ProbeFacts['outcome'] => {
  if (skipped !== null || tries.length === 0) return 'not-probed';
  if (mode === 'burst') return tries.every(({ ok }) => ok) && tries.some(({ status }) => status === 429) ? 'passed' : 'failed';
  if (mode === 'every') return !tries.every(({ ok }) => ok) ? 'failed' : tries.length < needed ? 'unsteady' : 'passed';
  const last = tries.slice(-needed);
  if (last.length < needed) return 'unsteady';
  if (last.every(({ ok }) => ok)) return 'passed';
  return last.every(({ ok }) => !ok) ? 'failed' : 'unsteady';
};

const notEnough = ({ mode, tries }: Probed): string =>
  tries.length === 0
    ? 'no request was made'
    : mode === 'burst'
      ? `none of ${counted(tries.length, 'request')} was answered with status 429`
      : `only ${counted(tries.length, 'try was', 'tries were')} made`;
