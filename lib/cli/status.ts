import { operations } from '../api/contract.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { headlineOf, type ShownRun } from './headline.ts';
import type { Command, ExitCode } from './io.ts';
import { writeJobSummary } from './job-summary.ts';
import { runText } from './show-run.ts';

const codeOf = (run: ShownRun): ExitCode => (run.outcome === 'running' || run.outcome === 'production-stable' ? 0 : 1);

export const status: Command = {
  usage:
    'holdpoint status RUN [--all]\n\nBegins with one sentence: what the run waits for, and for whom. --all also shows the checks of gates that are ahead, and those that passed or do not apply in gates that have passed.\nExit code 1: the run is blocked, or ended without being production-stable.',
  binds: 'the run RUN; nothing is changed',
  defaults: 'without --all only the open gate and what is not a plain pass are shown check by check',
  examples: ['holdpoint status RUN', 'holdpoint status RUN --all --json'],
  prints: operations.readRun.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { all: { type: 'boolean' } }, ['run']);
    const client = await connect(io, values, 'auditor');
    const answer = await client.readRun({ params: { run } });
    if (answer.ok !== undefined) await writeJobSummary(io, answer.ok, client.pageOf(run));
    return conclude(io, values.json, answer, (view) => ({
      text: runText(view, headlineOf(view), {
        coloured: io.coloured,
        columns: io.columns,
        all: values.all ?? false,
        page: client.pageOf(run),
      }),
      code: codeOf(view),
    }));
  },
};
