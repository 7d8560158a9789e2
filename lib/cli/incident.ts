import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';

export const incident: Command = {
  usage: [
    'holdpoint incident RUN --resume|--end --reason TEXT',
    '',
    'Decides an open incident. --resume: the run goes on at the gate that was interrupted; the person who started the run may not choose it,',
    'and the checklist limits how often. --end: the run ends. For operations leads.',
  ].join('\n'),
  binds: 'the open incident of the run RUN; your sign-in (or --token) says who you are',
  defaults: 'no option has one',
  examples: [
    'holdpoint incident RUN --resume --reason "The database answers again, the cause is in ticket 4411"',
    'holdpoint incident RUN --end --reason "The fix needs another build"',
  ],
  prints: operations.decideIncident.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { resume: { type: 'boolean' }, end: { type: 'boolean' }, reason: { type: 'string' } }, ['run']);
    const resumes = values.resume === true;
    if (resumes === (values.end === true)) throw new Usage(`got ${resumes ? '--resume and --end' : 'neither'}, expected --resume or --end`);
    const body = { decision: resumes ? ('resume' as const) : ('end' as const), reason: need(values.reason, 'reason') };
    const client = await connect(io, values, 'operations-lead');
    return conclude(io, values.json, await client.decideIncident({ params: { run }, body }), ({ gate, alreadyRecorded }) => ({
      text: `Decided: the run ${resumes ? `goes on at ${gate}` : 'ends'}.${alreadyRecorded ? ' It was recorded before.' : ''}`,
    }));
  },
};
