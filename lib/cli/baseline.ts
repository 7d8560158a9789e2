import * as z from 'zod';
import type { EvidenceKind } from '../evidence/kind.ts';
import { schemaOf } from '../evidence/record.ts';
import { baseline as baselineRecord, type StatedTest, statedTest } from '../evidence/records/baseline.ts';
import { evidenceTypes } from '../registry/evidence.ts';
import { inspectEvidence } from '../registry/inspect.ts';
import { counted } from '../wording.ts';
import { need, read } from './arguments.ts';
import { bytesIn } from './given-file.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';
import { writeRecord } from './write-record.ts';

const options = {
  reason: { type: 'string' },
  'valid-days': { type: 'string' },
  'replaces-last-stable': { type: 'boolean' },
  output: { type: 'string' },
} as const;

const defaultOutput = 'baseline.record.json';

export const baseline: Command = {
  usage: [
    'holdpoint baseline FILE… --reason TEXT --valid-days N [--replaces-last-stable] [--output FILE]',
    '',
    'Writes the record `baseline`, with which releases are compared, from reports: the tests that passed in results of tests (JUnit XML, TAP), and',
    'p95 and error rate of one load test, series or answer of metrics. Figures that the report does not have are left out, and said.',
    'TEXT says why these figures and tests, and not those of the last release that became production-stable. A run may take the record for N',
    'days, 90 at most. With --replaces-last-stable it counts in place of every release that became production-stable before now.',
    'People give the record with `holdpoint evidence --service`, and a second person confirms it.',
  ].join('\n'),
  binds: 'files on this machine; nothing is sent to Holdpoint',
  defaults: `without --replaces-last-stable it counts only where no release is stable, --output ${defaultOutput}`,
  examples: [
    'holdpoint baseline unit.xml --reason "There is no stable release yet" --valid-days 30',
    'holdpoint baseline unit.xml integration.xml --reason "New machines" --valid-days 90 --replaces-last-stable --output new.record.json',
  ],
  prints: z.object({ file: z.string(), ...schemaOf(baselineRecord).shape }),
  run: async (argv, io) => {
    const { values, positionals } = read(argv, options, ['file…']);
    const reason = need(values.reason, 'reason');
    const days = need(values['valid-days'], 'valid-days');
    if (!/^[1-9]\d?$/.test(days) || Number(days) > 90) throw new Usage(`--valid-days ${days}: a number of days from 1 to 90 is expected`);
    const found = await Promise.all(positionals.map((file) => reportIn(io, file)));
    const tests = new Map(found.flatMap(({ passed }) => passed).map((identity) => [identity, statedTest(identity)]));
    const measured = figuresIn(found);
    const record = {
      schema: 'holdpoint.baseline/1',
      at: io.now().toISOString(),
      tool: 'holdpoint baseline',
      reason,
      ...measured,
      ...(tests.size === 0 ? {} : { tests: [...tests.values()] }),
      validDays: Number(days),
      ...(values['replaces-last-stable'] === true ? { replacesLastStable: true } : {}),
    };
    if (tests.size === 0 && Object.keys(measured).length === 0)
      throw new Usage('these reports hold no test that passed, no p95 and no error rate, so that nothing could be compared with them');
    const output = values.output ?? defaultOutput;
    await writeRecord(io, baselineRecord, { record, output });
    const others = found.reduce((sum, one) => sum + one.others, 0);
    io.out(values.json ? jsonText({ file: output, ...record }) : `${summaryOf(record, { others, output })}\n`);
    return 0;
  },
};

/** What a report says that a baseline may state. `figures` is undefined of a report that measures nothing. */
type Report = {
  readonly file: string;
  readonly passed: readonly string[];
  readonly others: number;
  readonly figures: { readonly p95Ms?: number; readonly errorRatePct?: number } | undefined;
};

/** The figures of such a report, in the words of the field. */
const figureWords = z.object({ latencyMs: z.object({ p95: z.number().nullable() }), errorRate: z.number().nullable() });

const reportIn = async (io: Io, file: string): Promise<Report> => {
  const bytes = await bytesIn(io, file);
  const seen = inspectEvidence(bytes, undefined);
  if (seen.refused !== undefined)
    throw new Usage(`${file}: ${seen.refused.detail}${seen.refused.got === undefined ? '' : ` Got ${seen.refused.got}.`}`);
  const kind: EvidenceKind = evidenceTypes[seen.ok.type];
  const tests = kind.testsIn?.(bytes);
  if (tests?.ok !== undefined) return { file, ...tests.ok, figures: undefined };
  const figures = figureWords.safeParse(seen.ok.words).data;
  if (figures === undefined)
    throw new Usage(
      `${file} is a report of the type ${seen.ok.type}; expected results of tests, a load test, a series or an answer of metrics`,
    );
  const { latencyMs, errorRate } = figures;
  return {
    file,
    passed: [],
    others: 0,
    figures: {
      ...(latencyMs.p95 === null ? {} : { p95Ms: latencyMs.p95 }),
      ...(errorRate === null ? {} : { errorRatePct: Math.round(errorRate * 10_000) / 100 }),
    },
  };
};

/** A release is compared with one p95 and one error rate: of two reports nobody can know which of them is meant. */
const figuresIn = (reports: readonly Report[]): NonNullable<Report['figures']> => {
  const measuring = reports.filter(({ figures }) => figures !== undefined);
  const [first, second] = measuring;
  if (second !== undefined) throw new Usage(`${first?.file} and ${second.file} both hold p95 and error rate; name one of them`);
  return first?.figures ?? {};
};

type Stated = { readonly p95Ms?: number; readonly errorRatePct?: number; readonly tests?: readonly StatedTest[] };

const summaryOf = (
  { p95Ms, errorRatePct, tests = [] }: Stated,
  { others, output }: { readonly others: number; readonly output: string },
): string => {
  const figure = (what: string, value: number | undefined, unit: string): string =>
    value === undefined ? `${what}: none of the reports has one` : `${what}: ${value} ${unit}`;
  return [
    figure('p95', p95Ms, 'ms'),
    figure('Error rate', errorRatePct, '%'),
    `Tests that passed: ${tests.length}${others === 0 ? '' : `; ${counted(others, 'other one is', 'other ones are')} left out`}`,
    `The record is in ${plain(output)}.`,
  ].join('\n');
};
