import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import type { Command } from './io.ts';

export const recall: Command = {
  usage:
    'holdpoint recall RUN GATE [--ask-again] --reason TEXT\n\nFor operations and for the person who started the run. It takes the requests of an approval back: answers to them no longer count, and nobody is asked until --ask-again.',
  binds: 'the requests of one gate of the run RUN; your sign-in (or --token) says who you are',
  defaults: 'without --ask-again the requests are taken back',
  examples: [
    'holdpoint recall RUN go-no-go --reason "The wrong ticket was named, the right one follows"',
    'holdpoint recall RUN go-no-go --ask-again --reason "The ticket is right now"',
  ],
  prints: operations.recallApproval.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', gate = ''],
    } = read(argv, { 'ask-again': { type: 'boolean' }, reason: { type: 'string' } }, ['run', 'gate']);
    const again = values['ask-again'] === true;
    const body = { action: again ? ('ask-again' as const) : ('recall' as const), reason: need(values.reason, 'reason') };
    const client = await connect(io, values, 'operations-lead');
    return conclude(io, values.json, await client.recallApproval({ params: { run, gate }, body }), ({ alreadyRecorded }) => ({
      text: alreadyRecorded
        ? 'This was recorded before.'
        : again
          ? `The approvals of ${gate} are requested again, with new links.`
          : `The requests of ${gate} are recalled. Everybody who was asked gets a mail.`,
    }));
  },
};
