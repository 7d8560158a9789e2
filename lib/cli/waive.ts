import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { ownerOf } from './owner.ts';

export const waive: Command = {
  name: 'waive',
  summary: 'waive a check, with a reason and an end',
  usage: 'holdpoint waive RUN CHECK --reason TEXT --until INSTANT',
  examples: ['holdpoint waive RUN final-code-review --reason "Second reviewer is ill, see ticket 4411" --until 2026-12-01T00:00:00Z'],
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', check = ''],
    } = read(argv, { reason: { type: 'string' }, until: { type: 'string' } }, ['run', 'check']);
    const { reason, until } = values;
    if (reason === undefined) throw new Usage('--reason is missing: say why the release may go on without this check');
    if (until === undefined) throw new Usage('--until is missing: say when the waiver ends, such as --until 2026-12-01T00:00:00Z');
    const client = await connect(io, values, ownerOf(check));
    return conclude(io, values.json, await client.waive({ params: { run, check }, body: { reason, until } }), () => ({
      text: `Waived: ${check}, until ${until}.`,
    }));
  },
};
