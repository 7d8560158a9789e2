import { asWords } from '../wording.ts';
import { approvalLines, headlineOf, type ShownRun } from './headline.ts';
import type { Io } from './io.ts';
import { withNames } from './names.ts';
import { plain } from './plain.ts';
import { exceptionsOf, marks, otherReasons } from './show-run.ts';

/** Appends the run to the summary page of a GitHub Actions job. A summary that cannot be written does not fail the job. */
export const writeJobSummary = async (io: Io, run: ShownRun, page: string): Promise<void> => {
  const file = io.env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  await io.appendFile(file, `${runMarkdown(run, page)}\n`).catch((fault: unknown) => {
    io.err(`The job summary was not written: ${plain(fault instanceof Error ? fault.message : String(fault))}\n`);
  });
};

/** A reason may contain anything that a report contained: it must not end its table cell, nor be markup. */
const cell = (text: string): string => plain(text).replace(/[\\|<>`[\]*_#]/g, (sign) => `\\${sign}`);

/** A code span, in which nothing can be escaped. */
const code = (text: string): string => `\`${plain(text).replace(/[`|]/g, '')}\``;

const runMarkdown = (run: ShownRun, page: string): string => {
  const gates = run.gates.filter((gate) => gate.state !== 'ahead');
  const rows = gates.flatMap((gate) =>
    gate.checks.map(
      ({ check, verdict, title, owner, basis, reason }) =>
        `| ${cell(gate.title)} | ${marks[verdict] ?? ''} ${verdict} | ${cell(title)} | ${code(check)} | ${cell(asWords(owner))} | ${basis === null ? '–' : asWords(basis)} | ${cell(withNames(reason, run))} |`,
    ),
  );
  const notes = [
    ...gates.flatMap((gate) =>
      [...otherReasons(gate).map((reason) => withNames(reason, run)), ...approvalLines(gate, run)].map((line) => `${gate.title}: ${line}`),
    ),
    ...exceptionsOf(run),
  ];
  return [
    `### ${cell(`${run.service} ${run.version} → ${run.environment}`)}: ${cell(run.outcome)}`,
    '',
    cell(headlineOf(run)),
    '',
    `Run ${code(run.run)}, commit ${code(run.commit.slice(0, 12))}, checklist ${code(run.definition.digest.slice(0, 12))}, page: <${page}>`,
    '',
    '| Gate | Verdict | Check | Id | Owner | Basis | Reason |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${cell(note)}`)]),
    '',
  ].join('\n');
};
