import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';

/** The flag of each label of the API. */
const flags = { 'true-alarm': 'true', 'false-alarm': 'false', explained: 'explained' } as const;
type Flag = keyof typeof flags;
const names = Object.keys(flags) as Flag[];

export const label: Command = {
  usage: [
    'holdpoint label RUN OBSERVATION --true-alarm|--false-alarm|--explained --reason TEXT',
    '',
    'Labels what was seen as true, false or explained; the last label counts. `holdpoint status RUN` lists the observations with their ids.',
    'For operations leads who did not start the run.',
  ].join('\n'),
  binds: 'one observation of the run RUN, by its id; your sign-in (or --token) says who you are',
  defaults: 'no option has one',
  examples: [
    'holdpoint label RUN p95-too-high-1410 --false-alarm --reason "The load test of the search team, which is over"',
    'holdpoint label RUN p95-too-high-1410 --true-alarm --reason "Orders were slow, see ticket 4411"',
  ],
  prints: operations.labelObservation.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', observation = ''],
    } = read(
      argv,
      {
        'true-alarm': { type: 'boolean' },
        'false-alarm': { type: 'boolean' },
        explained: { type: 'boolean' },
        reason: { type: 'string' },
      },
      ['run', 'observation'],
    );
    const [flag, ...others] = names.filter((one) => values[one] === true);
    const expected = names.map((one) => `--${one}`).join(', ');
    if (flag === undefined || others.length > 0)
      throw new Usage(
        `got ${flag === undefined ? 'no label' : [flag, ...others].map((one) => `--${one}`).join(' and ')}, expected one of ${expected}`,
      );
    const body = { label: flags[flag], explanation: need(values.reason, 'reason') };
    const client = await connect(io, values, 'operations-lead');
    const answer = await client.labelObservation({ params: { run, observation }, body });
    return conclude(io, values.json, answer, ({ observation: labelled, alreadyRecorded }) => ({
      text: `Labelled: ${labelled} is ${flag === 'explained' ? 'explained' : `a ${body.label} alarm`}.${alreadyRecorded ? ' It was recorded before.' : ''}`,
    }));
  },
};
