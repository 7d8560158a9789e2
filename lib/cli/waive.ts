import { operations } from '../api/contract.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { ownerOf } from './owner.ts';
import { plain } from './plain.ts';

export const waive: Command = {
  usage: [
    'holdpoint waive RUN CHECK --reason TEXT (--until INSTANT | --revoke) [--subject SUBJECT]',
    '',
    'The owner of the check accepts that the release goes on without it until INSTANT; `holdpoint checklist` says for how long at most.',
    '--subject names one feature, endpoint, component or test of the check, such as feature:checkout: the others must still pass. Without it the whole',
    'check is meant, and with --revoke every exception of it.',
    '--revoke takes a waiver, or a declaration that the check is not applicable, back at once. Everybody who signs releases may do that.',
  ].join('\n'),
  binds: 'a check of the run RUN, or with --subject one part of it; your sign-in (or --token) says who you are',
  defaults: '--subject: the whole check',
  examples: [
    'holdpoint waive RUN final-code-review --revoke --reason "The reviewer is back and found a flaw"',
    'holdpoint waive RUN coverage-per-feature --subject feature:checkout --reason "Tests follow in ticket 4412" --until 2026-12-01T00:00:00Z',
    'holdpoint waive RUN final-code-review --reason "Second reviewer is ill, see ticket 4411" --until 2026-12-01T00:00:00Z',
  ],
  prints: operations.waive.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', check = ''],
    } = read(
      argv,
      {
        reason: { type: 'string' },
        until: { type: 'string' },
        subject: { type: 'string' },
        revoke: { type: 'boolean' },
      },
      ['run', 'check'],
    );
    const { reason, until, subject, revoke } = values;
    const named = subject === undefined ? {} : { subject };
    const what = subject === undefined ? check : `${check}, ${plain(subject)}`;
    if (revoke && until !== undefined) throw new Usage('--revoke and --until exclude each other');
    if (revoke) {
      if (reason === undefined) throw new Usage('--reason is missing: say why the exception no longer counts');
      const client = await connect(io, values, ownerOf(check));
      return conclude(
        io,
        values.json,
        await client.revokeException({ params: { run, check }, body: { reason, ...named } }),
        ({ verdict, reason: why }) => ({
          text: `Revoked: the exception of ${what}. The check is ${verdict} now: ${why}.`,
        }),
      );
    }
    if (reason === undefined) throw new Usage('--reason is missing: say why the release may go on without this check');
    if (until === undefined) throw new Usage('--until is missing: say when the waiver ends, such as --until 2026-12-01T00:00:00Z');
    const client = await connect(io, values, ownerOf(check));
    return conclude(
      io,
      values.json,
      await client.waive({ params: { run, check }, body: { reason, until, ...named } }),
      ({ verdict, reason: why }) => ({
        text: `Waived: ${what}, until ${until}.${subject === undefined ? '' : ` The check is ${verdict} now: ${why}.`}`,
      }),
    );
  },
};
