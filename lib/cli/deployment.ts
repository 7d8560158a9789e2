import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';

export const deployment: Command = {
  usage: [
    'holdpoint deployment RUN --state started|finished|failed --environment NAME --component NAME --digest sha256:…',
    '',
    'For the job that deploys, at the gate deployment-window: started before it deploys a component, then finished or failed. The gate passes once',
    'every component has finished; evidence about what runs counts from then on. A failed deployment blocks the gate, and operations are mailed.',
    'Exit code 1: it was not recorded, or it failed.',
  ].join('\n'),
  binds: 'a component of the run RUN, by the digest that is deployed; the token of the CI job says who reports',
  defaults: 'no option has one',
  examples: [
    'holdpoint deployment RUN --state started --environment production --component web --digest $DIGEST',
    'holdpoint deployment RUN --state finished --environment production --component web --digest $DIGEST',
  ],
  prints: operations.reportDeployment.answer.schema,
  run: async (argv, io) => {
    const { values, positionals } = read(
      argv,
      { state: { type: 'string' }, environment: { type: 'string' }, component: { type: 'string' }, digest: { type: 'string' } },
      ['run'],
    );
    const state = (['started', 'finished', 'failed'] as const).find((one) => one === values.state);
    if (state === undefined) throw new Usage(`--state ${values.state ?? 'is missing'}: expected started, finished or failed`);
    const body = {
      state,
      environment: need(values.environment, 'environment'),
      component: need(values.component, 'component'),
      digest: need(values.digest, 'digest'),
    };
    const client = await connect(io, values, 'ci');
    return conclude(io, values.json, await client.reportDeployment({ params: { run: positionals[0] ?? '' }, body }), () => ({
      text: `Recorded: the deployment of ${body.component} to ${body.environment} ${state}.`,
      code: state === 'failed' ? 1 : 0,
    }));
  },
};
