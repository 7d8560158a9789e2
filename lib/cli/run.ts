import * as z from 'zod';
import { read } from './arguments.ts';
import { connect } from './connect.ts';
import { sendFound } from './evidence.ts';
import { type Found, findReports, type NotSent, type Report } from './find-reports.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';
import { ownProblem } from './problem.ts';
import { commonQuery, exitCodeOf, outcomeSchema, reportOptions } from './send-reports.ts';

/** File systems keep the time of a file in steps of up to a second. */
const stepMs = 1_000;

export const run: Command = {
  usage: [
    'holdpoint run RUN --reports FILE|FOLDER [--reports …] --commit SHA [options of evidence] -- COMMAND [ARGUMENT…]',
    '',
    'Runs COMMAND with the input and output of this terminal, and sends the reports that it wrote together with its exit code, as parts of',
    'one result. A report that was there before and was not written anew is refused, and so is a command that wrote no report.',
    'Exits with the code of COMMAND when that is not 0 (127: not found, 128+n: ended by signal n), else as `holdpoint evidence` does.',
    'Without RUN, HOLDPOINT_RUN names the run. With --json the document { "exitCode", "reports" } follows the output of COMMAND.',
  ].join('\n'),
  binds: 'the run RUN, its --commit, and the exit code of COMMAND; only reports that COMMAND wrote count',
  defaults: 'RUN from HOLDPOINT_RUN; the options of `holdpoint evidence` as there',
  examples: [
    'holdpoint run RUN --reports junit.xml --reports coverage/lcov.info --commit $COMMIT --source unit -- npm test',
    'holdpoint run RUN --reports target/surefire-reports --commit $COMMIT --source unit -- mvn verify',
  ],
  prints: z.object({ exitCode: z.int(), reports: z.array(outcomeSchema) }),
  run: async (argv, io) => {
    const end = argv.indexOf('--');
    const [command, ...args] = end < 0 ? [] : argv.slice(end + 1);
    if (command === undefined) throw new Usage('the command is missing: put it after --, such as `-- npm test`');
    const own = argv.slice(0, end);
    const { values, positionals } = read(own, { ...reportOptions, reports: { type: 'string', multiple: true } }, ['run?']);
    const id = runOf(io, positionals);
    const paths = values.reports ?? [];
    if (paths.length === 0)
      throw new Usage('--reports is missing: name the files or folders that the command writes, such as --reports junit.xml');
    // Whatever is wrong with the arguments is said before the command takes its time.
    commonQuery(io, values, undefined);
    await connect(io, values, 'ci');
    const before = await findReports(io, paths, values.type);
    const startedAt = io.now().getTime();
    const code = await io.execute(command, args);
    if (code === 126 || code === 127) io.err(`${plain(command)}: ${code === 127 ? 'command not found' : 'cannot be executed'}\n`);
    const found = freshOnly(await findReports(io, paths, values.type), { before, startedAt, command });
    if (found.reports.length === 0) io.err(`${plain(command)} wrote no report, so nothing is sent.\n`);
    const outcomes = await sendFound(io, { values, to: { run: id, query: commonQuery(io, values, code) }, found, isOnly: false }).catch(
      (thrown: unknown) => {
        if (code === 0) throw thrown;
        io.err(`The reports were not sent: ${plain(thrown instanceof Error ? thrown.message : String(thrown))}\n`);
        return [];
      },
    );
    if (values.json) io.out(jsonText({ exitCode: code, reports: outcomes }));
    return code === 0 ? exitCodeOf(outcomes, values['allow-unused'] === true) : code;
  },
};

const runOf = (io: Io, positionals: readonly string[]): string => {
  const [id = io.env.HOLDPOINT_RUN] = positionals;
  if (id === undefined || id === '') throw new Usage('the run is missing: name it, or set HOLDPOINT_RUN');
  return id;
};

type Earlier = { readonly before: Found; readonly startedAt: number; readonly command: string };

/** Keeps what the command wrote. A file that was there before and is unchanged, or that is older than the start, is refused. */
const freshOnly = (found: Found, { before, startedAt, command }: Earlier): Found => {
  const versions = new Map(before.reports.map(({ file, entry }) => [file, entry.version]));
  const isFresh = ({ file, entry }: Report): boolean =>
    versions.get(file) !== entry.version && entry.modifiedAt.getTime() >= startedAt - stepMs;
  const stale = found.reports.filter((report) => !isFresh(report)).map((report) => staleOf(report, startedAt));
  const others = found.notSent.map(({ file, problem, isMissing }): NotSent => {
    const own = isMissing
      ? { ...ownProblem('report-not-sent', `${command} did not write ${file}.`), fix: 'Check what it writes, and where.' }
      : problem;
    return { file, problem: own, wrongUsage: false, isMissing };
  });
  return { reports: found.reports.filter(isFresh), notSent: [...stale, ...others], skipped: found.skipped };
};

const staleOf = ({ file, entry }: Report, startedAt: number): NotSent => ({
  file,
  wrongUsage: false,
  isMissing: false,
  problem: ownProblem('report-not-sent', `${file} is stale: the command did not write it.`, {
    got: `written at ${entry.modifiedAt.toISOString()}`,
    expected: `written after the command started at ${new Date(startedAt).toISOString()}`,
    fix: 'Delete old reports before the command, or have the command write this one.',
  }),
});
