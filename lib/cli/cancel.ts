import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import type { Command } from './io.ts';

export const cancel: Command = {
  usage: [
    'holdpoint cancel RUN --reason TEXT',
    '',
    'Ends a run before its deployment. Operations and the person who started the run may do this. Once a deployment has started, it is',
    'refused: record a rollback trigger with `holdpoint rollback` instead.',
  ].join('\n'),
  binds: 'the run RUN; your sign-in (or --token) says who you are',
  defaults: 'no option has one',
  examples: [
    'holdpoint cancel RUN --reason "The wrong commit was built, 1.4.1 follows"',
    'holdpoint cancel RUN --reason "The launch is postponed to January" --json',
  ],
  prints: operations.cancelRun.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { reason: { type: 'string' } }, ['run']);
    const body = { reason: need(values.reason, 'reason') };
    const client = await connect(io, values, 'operations-lead');
    return conclude(io, values.json, await client.cancelRun({ params: { run }, body }), ({ alreadyRecorded, gate }) => ({
      text: alreadyRecorded ? 'This was recorded before.' : `Cancelled: the run ends at ${gate}.`,
    }));
  },
};
