import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import type { Command } from './io.ts';
import { plannedInWords } from './show-run.ts';

export const reschedule: Command = {
  usage:
    'holdpoint reschedule RUN --t0 INSTANT|when-released --reason TEXT\n\nFor operators, operations leads and technical leads, before T0 has come. Approvals for the old T0 no longer count: the run goes back to go / no-go.',
  binds: 'the run RUN; approvals for the T0 before are bound to that one and no longer count; your sign-in (or --token) says who you are',
  defaults: 'no option has one',
  examples: [
    'holdpoint reschedule RUN --t0 2026-12-02T09:00:00Z --reason "The database team is not available on Tuesday"',
    'holdpoint reschedule RUN --t0 when-released --reason "The fix cannot wait for the planned window"',
  ],
  prints: operations.rescheduleRun.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { t0: { type: 'string' }, reason: { type: 'string' } }, ['run']);
    const body = { plannedT0: need(values.t0, 't0'), reason: need(values.reason, 'reason') };
    const client = await connect(io, values, 'operations-lead');
    return conclude(io, values.json, await client.rescheduleRun({ params: { run }, body }), ({ plannedT0 }) => ({
      text: `Planned T0 is now: ${plannedInWords(plannedT0)}. Approvals for the old one no longer count.`,
    }));
  },
};
