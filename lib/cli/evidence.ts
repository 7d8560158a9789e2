import * as z from 'zod';
import { uploadedTypes } from '../registry/evidence.ts';
import { counted } from '../wording.ts';
import { read } from './arguments.ts';
import { ciOrPerson, connect, type Target } from './connect.ts';
import { type Found, findReports, pathOf } from './find-reports.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';
import {
  commonQuery,
  exitCodeOf,
  type Outcome,
  outcomeSchema,
  outcomeText,
  type Receiver,
  type ReportValues,
  recordedSchema,
  reportOptions,
  sendReports,
  serviceQuery,
} from './send-reports.ts';

export const evidence: Command = {
  usage: [
    'holdpoint evidence RUN FILE|FOLDER… [--type TYPE] --commit SHA',
    '  [--source NAME] [--component NAME --artifact sha256:…] [--made-at INSTANT] [--producer-run TEXT] [--producer-attempt N]',
    '  [--exit-code N] [--allow-unused]',
    '       holdpoint evidence --service NAME [--environment NAME] FILE|FOLDER… [options as above, without --component and --artifact]',
    '',
    'With --service the reports are about the service, one of its environments or its team: they count in every run, open ones too, until they are too',
    'old. What a person sends counts when a second one has confirmed it (holdpoint confirm).',
    '',
    'All files of one command are parts of one result, and each must pass. A folder stands for the reports below it; links in it are not',
    'followed. A file there whose name ends like a report, and that shows no type, is refused; --type says what all files are.',
    'When a report is refused, the others are still sent. The exit code is 0 only when each report passed.',
    '',
    'Reports of one --source from one --producer-run and --producer-attempt are parts of one result, too. A later attempt clears a failure',
    'only where it covers it. Every source must pass.',
    'With --exit-code $? a report never passes when the tool that wrote it failed. A report that serves no check is an error (exit code 1),',
    'unless --allow-unused is given. A report is as old as the earliest of its own time, and --made-at or else the time of its file. In GitHub Actions and',
    'GitLab CI --commit is the commit of the job when it is left out.',
    'A report of more than 4 MB is uploaded apart, piece by piece, with its progress on stderr; the outcome is the same.',
    'With --json, one file gives the answer of the API, and several files or a folder give { "reports": [ … ] }.',
    '',
    'Without --type the file name says which type the report has, and where it does not the content. The types:',
    ...uploadedTypes.map(({ id, description, fileNames }) => `  ${id.padEnd(12)}${description}\n${' '.repeat(14)}${fileNames.join(', ')}`),
  ].join('\n'),
  binds: 'the run RUN, its --commit, and with --component and --artifact one artifact of it; or with --service the service',
  defaults:
    '--type from name or content, --source default, --commit that of the job, --made-at the time of the file, --producer-run that of the job, --producer-attempt 1',
  examples: [
    'holdpoint evidence RUN junit.xml --commit $COMMIT --source unit',
    'holdpoint evidence RUN target/surefire-reports coverage/lcov.info --commit $COMMIT --source unit',
    'holdpoint evidence --service shop --environment production ports.record.json --type record',
    'holdpoint evidence RUN bom.cdx.json --type cyclonedx --commit $COMMIT --component web --artifact $DIGEST',
  ],
  prints: z.union([recordedSchema, z.object({ reports: z.array(outcomeSchema) })]),
  run: async (argv, io) => {
    const isForService = argv.some((one) => one === '--service' || one.startsWith('--service='));
    const expected = isForService ? ['file or folder…'] : ['run', 'file or folder…'];
    const { values, positionals } = read(argv, evidenceOptions, expected);
    const { to, paths } = receiverOf(io, values, positionals);
    const found = await findReports(io, paths, values.type);
    const isOnly = paths.length === 1 && [...found.reports, ...found.notSent].every(({ file }) => file === pathOf(paths[0] ?? ''));
    const outcomes = await sendFound(io, { values, to, found, isOnly });
    if (values.json) io.out(jsonText(isOnly ? (outcomes[0]?.recorded ?? outcomes[0]?.problem) : { reports: outcomes }));
    return exitCodeOf(outcomes, values['allow-unused'] === true);
  },
};

const evidenceOptions = {
  ...reportOptions,
  'exit-code': { type: 'string' },
  service: { type: 'string' },
  environment: { type: 'string' },
} as const;
type Values = ReturnType<typeof read<typeof evidenceOptions>>['values'];

/** Where the reports go, and which arguments name them. */
const receiverOf = (
  io: Io,
  values: Values,
  positionals: readonly string[],
): { readonly to: Receiver; readonly paths: readonly string[] } => {
  const code = numberOf(values['exit-code']);
  if (values.service !== undefined) return { to: { service: values.service, query: serviceQuery(io, values, code) }, paths: positionals };
  if (values.environment !== undefined) throw new Usage('--environment needs --service: a run has its environment');
  const [run = '', ...paths] = positionals;
  return { to: { run, query: commonQuery(io, values, code) }, paths };
};

type Sending = {
  readonly values: ReportValues & Target & { readonly json?: boolean | undefined };
  readonly to: Receiver;
  readonly found: Found;
  readonly isOnly: boolean;
};

/** Sends what was found and prints every outcome as soon as it is known, so that a later fault hides none. */
export const sendFound = async (io: Io, { values, to, found, isOnly }: Sending): Promise<readonly Outcome[]> => {
  const { reports, notSent, skipped } = found;
  if (reports.length === 0 && notSent.length > 0 && notSent.every(({ wrongUsage }) => wrongUsage))
    throw new Usage(notSent.map(({ problem }) => problem.detail).join('; '));
  const client = reports.length === 0 ? undefined : await connect(io, values, 'run' in to ? 'ci' : ciOrPerson);
  const outcomes: Outcome[] = [];
  const done = (outcome: Outcome): void => {
    outcomes.push(outcome);
    if (values.json !== true) (outcome.recorded === undefined ? io.err : io.out)(`${outcomeText(io, outcome, isOnly)}\n`);
  };
  if (skipped.length > 0 && values.json !== true)
    io.err(
      `${counted(skipped.length, 'other file is', 'other files are')} skipped: ${skipped.slice(0, 5).map(plain).join(', ')}${skipped.length > 5 ? ', …' : ''}\n`,
    );
  for (const { file, problem } of notSent) done({ file, problem });
  if (client !== undefined) await sendReports(io, { client, to, reports, values, quiet: values.json === true }, done);
  return outcomes;
};

const numberOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,10}$/.test(text)) throw new Usage(`--exit-code ${text}: expected a whole number, such as --exit-code $?`);
  return Number(text);
};
