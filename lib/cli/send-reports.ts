import * as z from 'zod';
import type { AnswerOf, Client } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { maxEvidenceBytes } from '../api/parameters.ts';
import { type Problem, problemSchema } from '../api/problem.ts';
import { Unreachable } from '../api/unreachable.ts';
import { formatInstant, withInstants } from '../wording.ts';
import { need } from './arguments.ts';
import type { Report } from './find-reports.ts';
import { type ExitCode, type Io, Usage } from './io.ts';
import { fitted, plain, plainIn } from './plain.ts';
import { ownProblem, problemFrom, sentences } from './problem.ts';
import { uploadReport } from './upload.ts';

/** What is said of all reports of one command. `run` takes the same options as `evidence`, and knows the exit code itself. */
export const reportOptions = {
  type: { type: 'string' },
  commit: { type: 'string' },
  source: { type: 'string' },
  component: { type: 'string' },
  artifact: { type: 'string' },
  'made-at': { type: 'string' },
  'producer-run': { type: 'string' },
  'producer-attempt': { type: 'string' },
  'allow-unused': { type: 'boolean' },
} as const;

export type ReportValues = { readonly [Name in keyof typeof reportOptions]?: (Name extends 'allow-unused' ? boolean : string) | undefined };

/** What the server answers about one report: of a run, or of a service. */
export const recordedSchema = z.union([operations.recordEvidence.answer.schema, operations.giveEvidence.answer.schema]);
type Recorded = z.infer<typeof recordedSchema>;
/** `Outcome` as `--json` prints it. */
export const outcomeSchema = z.object({
  file: z.string(),
  type: z.string().optional(),
  madeAt: z.string().optional(),
  recorded: recordedSchema.optional(),
  problem: problemSchema.optional(),
});
/** What became of one file: recorded by the server, or why it was not. */
export type Outcome = {
  readonly file: string;
  readonly type?: string;
  readonly madeAt?: string;
  readonly recorded?: Recorded;
  readonly problem?: Problem;
};

/** What is the same for every report of the command. Throws when an option is wrong, before anything is sent. */
export const commonQuery = (io: Io, values: ReportValues, exitCode: number | undefined) => {
  const attempt = values['producer-attempt'] ?? (io.env.GITHUB_RUN_ATTEMPT || '1');
  if (!/^[1-9]\d{0,5}$/.test(attempt)) throw new Usage(`--producer-attempt ${attempt}: expected a whole number, 1 or more`);
  return {
    source: values.source ?? 'default',
    commit: need(values.commit ?? commitOf(io), 'commit'),
    producerRun: values['producer-run'] ?? jobOf(io),
    producerAttempt: Number(attempt),
    ...(values.component === undefined ? {} : { component: values.component }),
    ...(values.artifact === undefined ? {} : { artifact: values.artifact }),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
};

/** Where reports go: to a run, or to a service, where they stand until they are too old. With what is the same for every report. */
export type Receiver =
  | { readonly run: string; readonly query: ReturnType<typeof commonQuery> }
  | { readonly service: string; readonly query: ReturnType<typeof serviceQuery> };

/** As `commonQuery`, for a service: no release is named. */
export const serviceQuery = (
  io: Io,
  { environment, ...values }: ReportValues & { readonly environment?: string | undefined },
  exitCode: number | undefined,
) => {
  for (const name of ['component', 'artifact'] as const)
    if (values[name] !== undefined) throw new Usage(`--${name} is about a release: leave it out with --service`);
  const { commit, ...query } = commonQuery(io, { ...values, commit: values.commit ?? commitOf(io) ?? '' }, exitCode);
  return { ...query, ...(commit === '' ? {} : { commit }), ...(environment === undefined ? {} : { environment }) };
};

/**
 * The run of the producer. GitHub counts the attempts of a workflow run; in GitLab a job that is retried is another job of the same
 * pipeline, so the job is the run, and a later one clears what it covers. An empty variable is one that the CI system does not set.
 */
const jobOf = ({ env }: Io): string | undefined => env.GITHUB_RUN_ID || env.CI_JOB_ID || env.CI_PIPELINE_ID || undefined;

/** The commit of the job in GitHub Actions and in GitLab CI. */
export const commitOf = ({ env }: Io): string | undefined => env.GITHUB_SHA || env.CI_COMMIT_SHA || undefined;

type Sending = {
  readonly client: Client;
  readonly to: Receiver;
  readonly reports: readonly Report[];
  readonly values: ReportValues;
  /** Shows no progress. */
  readonly quiet: boolean;
};

type Sent = { readonly report: Report; readonly madeAt: string; readonly byHand: string };

/** What is about a run may be large: then it is uploaded. */
const sendOne = async (io: Io, { client, to, quiet }: Sending, { report: { file, type, entry }, madeAt, byHand }: Sent) => {
  const made = { producerRun: to.query.producerRun ?? byHand, madeAt };
  if (!('run' in to))
    return client.giveEvidence({ params: { service: to.service, type }, body: await io.readFile(file), query: { ...to.query, ...made } });
  const { run } = to;
  const query = { ...to.query, ...made };
  return entry.bytes > maxEvidenceBytes
    ? uploadReport(io, { client, run, file, size: entry.bytes, about: { ...query, type }, quiet })
    : client.recordEvidence({ params: { run, type }, body: await io.readFile(file), query });
};

/**
 * Sends every report as a part of one result, one after the other; large ones by an upload. One that is refused keeps none of the others back. When the server
 * does not answer, nothing more is sent.
 */
export const sendReports = async (io: Io, sending: Sending, done: (outcome: Outcome) => void): Promise<void> => {
  const { reports, values } = sending;
  const madeAtOf = ({ entry }: Report): string => values['made-at'] ?? entry.modifiedAt.toISOString();
  // The name of the result does not change when the same files are sent again.
  const byHand = `by-hand-${reports.map(madeAtOf).sort().at(-1)}`;
  let silent: Problem | undefined;
  for (const report of reports) {
    const { file, type } = report;
    const madeAt = madeAtOf(report);
    if (silent !== undefined) {
      done({ file, type, madeAt, problem: ownProblem('unreachable', `${file} was not sent, because Holdpoint did not answer before.`) });
      continue;
    }
    try {
      const answer = await sendOne(io, sending, { report, madeAt, byHand });
      done({ file, type, madeAt, ...(answer.problem === undefined ? { recorded: answer.ok } : { problem: answer.problem }) });
    } catch (thrown) {
      if (thrown instanceof Usage) throw thrown;
      const problem = problemFrom(thrown);
      if (thrown instanceof Unreachable) silent = problem;
      done({ file, type, madeAt, problem });
    }
  }
};

/** 0 when every report was recorded, serves a check, and passes all that it serves. */
export const exitCodeOf = (outcomes: readonly Outcome[], allowUnused: boolean): ExitCode => {
  if (outcomes.some(({ problem }) => problem?.type.endsWith('/unreachable'))) return 3;
  const passes = ({ recorded }: Outcome): boolean => {
    if (recorded === undefined || (recorded.judged.length === 0 && !allowUnused)) return false;
    return recorded.judged.every(({ verdict }) => verdict === 'pass');
  };
  return outcomes.length > 0 && outcomes.every(passes) ? 0 : 1;
};

/** One outcome as lines. The name of the file is left out where it is the only one. */
export const outcomeText = (io: Io, outcome: Outcome, isOnly: boolean): string => {
  const name = isOnly ? '' : `${plain(outcome.file)}${outcome.type === undefined ? '' : ` (${plain(outcome.type)})`}: `;
  if (outcome.recorded === undefined) return `${name}${outcome.problem === undefined ? '' : sentences(outcome.problem)}`;
  const recorded = plainIn(outcome.recorded);
  const { judged, alreadyRecorded } = recorded;
  const { notCounted, unused } = 'unused' in recorded ? recorded : { notCounted: [], unused: null };
  return [
    `${name}${alreadyRecorded ? 'This report was recorded before; nothing new was recorded.' : `Recorded, as made at ${withInstants(outcome.madeAt ?? '')}.`}`,
    ...judged.map(
      (one) =>
        `  ${one.verdict.padEnd(12)} ${one.check}  ${one.reason}${'comparedLater' in one && one.comparedLater !== undefined ? `; later ${one.comparedLater}` : ''}`,
    ),
    ...notCounted.map((one) => `  not counted  ${one.check}  ${one.why}`),
    ...('state' in recorded ? [stateText(recorded)] : []),
    ...(unused === null ? [] : [`  unused       The report serves no check: ${unused}.`]),
  ]
    .map((line) => fitted(line, io.columns, 15))
    .join('\n');
};

type Given = Pick<AnswerOf<(typeof operations)['giveEvidence']>, 'state' | 'until' | 'confirmedBy' | 'event'>;

/** Whether standing evidence counts. */
const stateText = ({ state, until, confirmedBy, event }: Given): string => {
  if (state === 'counts') return `  It counts in every run until ${formatInstant(until)}.`;
  if (state === 'rejected') return '  A second person has rejected it: it counts in no run.';
  if (state === 'withdrawn') return '  A person has withdrawn it: it counts in no run. Send what was found now.';
  return `  It waits for a second person (${confirmedBy.join(' or ')}): holdpoint confirm SERVICE ${event}`;
};
