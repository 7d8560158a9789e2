import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { ownerOf } from './owner.ts';

export const waive: Command = {
  usage: [
    'holdpoint waive RUN CHECK --reason TEXT (--until INSTANT | --revoke)',
    '',
    'The owner of the check accepts that the release goes on without it until INSTANT; `holdpoint checklist` says for how long at most.',
    '--revoke takes a waiver, or a declaration that the check is not applicable, back at once. Everybody who signs releases may do that.',
  ].join('\n'),
  examples: [
    'holdpoint waive RUN final-code-review --revoke --reason "The reviewer is back and found a flaw"',
    'holdpoint waive RUN final-code-review --reason "Second reviewer is ill, see ticket 4411" --until 2026-12-01T00:00:00Z',
  ],
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', check = ''],
    } = read(argv, { reason: { type: 'string' }, until: { type: 'string' }, revoke: { type: 'boolean' } }, ['run', 'check']);
    const { reason, until, revoke } = values;
    if (revoke && until !== undefined) throw new Usage('--revoke and --until exclude each other');
    if (revoke) {
      if (reason === undefined) throw new Usage('--reason is missing: say why the exception counts no more');
      const client = await connect(io, values, ownerOf(check));
      return conclude(
        io,
        values.json,
        await client.revokeException({ params: { run, check }, body: { reason } }),
        ({ verdict, reason: why }) => ({
          text: `Revoked: the exception of ${check}. The check is ${verdict} now: ${why}.`,
        }),
      );
    }
    if (reason === undefined) throw new Usage('--reason is missing: say why the release may go on without this check');
    if (until === undefined) throw new Usage('--until is missing: say when the waiver ends, such as --until 2026-12-01T00:00:00Z');
    const client = await connect(io, values, ownerOf(check));
    return conclude(io, values.json, await client.waive({ params: { run, check }, body: { reason, until } }), () => ({
      text: `Waived: ${check}, until ${until}.`,
    }));
  },
};
