import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import type { Command } from './io.ts';
import { ownerOf } from './owner.ts';
import { plain } from './plain.ts';

export const notApplicable: Command = {
  usage: [
    'holdpoint not-applicable RUN CHECK --reason TEXT [--subject SUBJECT]     (short: holdpoint na)',
    '',
    'For checks that the document makes conditional, such as "if containerized"; `holdpoint checklist` says which. The migration of data cannot be',
    'declared not applicable when the start named migration scripts or evidence about it was sent. `holdpoint waive RUN CHECK --revoke` takes it back.',
    '--subject names one feature, endpoint, component, test or file of the check of which nothing was measured, such as feature:checkout.',
  ].join('\n'),
  binds: 'a check of the run RUN, or with --subject one part of it; your sign-in (or --token) says who you are',
  defaults: '--subject: the whole check',
  examples: [
    'holdpoint not-applicable RUN manifests-valid --reason "The shop runs on Lambda, not on Kubernetes"',
    'holdpoint na RUN data-recovery-planned --reason "The release changes no data"',
  ],
  prints: operations.declareNotApplicable.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', check = ''],
    } = read(argv, { reason: { type: 'string' }, subject: { type: 'string' } }, ['run', 'check']);
    const { subject } = values;
    const reason = need(values.reason, 'reason');
    const client = await connect(io, values, ownerOf(check));
    return conclude(
      io,
      values.json,
      await client.declareNotApplicable({ params: { run, check }, body: { reason, ...(subject === undefined ? {} : { subject }) } }),
      ({ reason: why }) => ({
        text: `Not applicable: ${check}${subject === undefined ? '' : `, ${plain(subject)}`}, ${why}.`,
      }),
    );
  },
};
