import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import type { Command } from './io.ts';

export const overrideFreeze: Command = {
  usage:
    'holdpoint override-freeze RUN --freeze NAME --reason TEXT\n\nAn operations lead and a technical lead or product owner both send it. Neither may have started the run. It counts for this freeze and this run only.',
  binds: 'one freeze and the run RUN; your sign-in (or --token) says who you are',
  defaults: 'no option has one',
  examples: [
    'holdpoint override-freeze RUN --freeze "Year end" --reason "The payment provider ends its old interface tomorrow"',
    'holdpoint override-freeze RUN --freeze "Year end" --reason "A flaw in the login, see ticket 4412" --json',
  ],
  prints: operations.overrideFreeze.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { freeze: { type: 'string' }, reason: { type: 'string' } }, ['run']);
    const body = { freeze: need(values.freeze, 'freeze'), reason: need(values.reason, 'reason') };
    const client = await connect(io, values, 'operations-lead');
    return conclude(io, values.json, await client.overrideFreeze({ params: { run }, body }), ({ freeze, state }) => ({
      text:
        state === 'approved'
          ? `The freeze ${freeze} does not hold this run any more.`
          : `Requested: a second person must send the same for ${freeze}. It takes an operations lead and a technical lead or product owner.`,
    }));
  },
};
