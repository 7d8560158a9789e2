import type { RunView } from '../query/view.ts';
import type { Io } from './io.ts';
import { plain } from './plain.ts';
import { marks } from './show-run.ts';

/** Appends the run to the summary page of a GitHub Actions job. A summary that cannot be written does not fail the job. */
export const writeJobSummary = async (io: Io, run: RunView): Promise<void> => {
  const file = io.env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  await io.appendFile(file, `${runMarkdown(run)}\n`).catch((fault: unknown) => {
    io.err(`The job summary was not written: ${plain(fault instanceof Error ? fault.message : String(fault))}\n`);
  });
};

/** A reason may contain anything that a report contained: it must not end its table cell, nor be markup. */
const cell = (text: string): string => plain(text).replace(/[\\|<>`[\]*_#]/g, (sign) => `\\${sign}`);

/** A code span, in which nothing can be escaped. */
const code = (text: string): string => `\`${plain(text).replace(/[`|]/g, '')}\``;

const runMarkdown = (run: RunView): string => {
  const rows = run.gates
    .filter((gate) => gate.state !== 'ahead')
    .flatMap((gate) =>
      gate.checks.map(
        ({ verdict, title, basis, reason }) =>
          `| ${cell(gate.title)} | ${marks[verdict] ?? ''} ${verdict} | ${cell(title)} | ${basis ?? '–'} | ${cell(reason)} |`,
      ),
    );
  return [
    `### ${cell(`${run.service} ${run.version} → ${run.environment}`)}: ${cell(run.outcome)}`,
    '',
    `Run ${code(run.run)}, commit ${code(run.commit.slice(0, 12))}, checklist ${code(run.definition.digest.slice(0, 12))}`,
    '',
    '| Gate | Verdict | Check | Basis | Reason |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
};
