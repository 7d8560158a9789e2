import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { ownerOf } from './owner.ts';

export const attest: Command = {
  usage: 'holdpoint attest RUN CHECK --statement TEXT',
  examples: ['holdpoint attest RUN backup-of-production --statement "Snapshot of this morning, restored on staging"'],
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', check = ''],
    } = read(argv, { statement: { type: 'string' } }, ['run', 'check']);
    if (values.statement === undefined) throw new Usage('--statement is missing: say in your own words what you have seen');
    const client = await connect(io, values, ownerOf(check));
    return conclude(
      io,
      values.json,
      await client.attest({ params: { run, check }, body: { statement: values.statement } }),
      (recorded) => ({
        text: `Attested: ${check} is ${recorded.verdict}, ${recorded.reason}.`,
      }),
    );
  },
};
