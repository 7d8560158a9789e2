import type { CallOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';

type Body = CallOf<(typeof operations)['adoptTarget']>['body'];

export const target: Command = {
  usage:
    'holdpoint target adopt SERVICE --environment NAME --version VERSION --component NAME=sha256:…[@REFERENCE]… [--commit COMMIT] [--reason TEXT]\n       holdpoint target withdraw SERVICE --environment NAME --reason TEXT',
  binds: 'what runs in an environment of the service, by the digest of each component; your sign-in (or --token) says who you are',
  defaults: '--reason, --commit: none for adopt',
  examples: [
    'holdpoint target adopt shop --environment production --version 1.4.0 --component web=$DIGEST@17 --commit $COMMIT',
    'holdpoint target withdraw shop --environment production --reason "Nobody uses the service yet, so it can be taken away"',
  ],
  prints: operations.adoptTarget.answer.schema,
  run: async (argv, io) => {
    const options = {
      environment: { type: 'string' },
      version: { type: 'string' },
      component: { type: 'string', multiple: true },
      commit: { type: 'string' },
      reason: { type: 'string' },
    } as const;
    const {
      values,
      positionals: [action = '', service = ''],
    } = read(argv, options, ['adopt|withdraw', 'service']);
    if (action !== 'adopt' && action !== 'withdraw') throw new Usage(`${action}: expected adopt or withdraw`);
    const environment = need(values.environment, 'environment');
    const reason = values.reason === undefined ? {} : { reason: values.reason };
    const commit = values.commit === undefined ? {} : { commit: values.commit };
    const body: Body =
      action === 'withdraw'
        ? { target: action, reason: need(values.reason, 'reason') }
        : {
            target: action,
            version: need(values.version, 'version'),
            components: componentsOf(values.component ?? []),
            ...commit,
            ...reason,
          };
    const client = await connect(io, values, 'operations-lead');
    return conclude(io, values.json, await client.adoptTarget({ params: { service, environment }, body }), ({ state, needs }) => ({
      text:
        state === 'adopted'
          ? `Adopted: both people have named it. A rollback of the next release to ${environment} leads there.`
          : `Proposed: it counts when another person sends the same as ${needs}, within seven days.`,
    }));
  },
};

/** `web=sha256:…@17`: a component, its digest, and how the platform names what runs. */
const componentsOf = (given: readonly string[]) => {
  if (given.length === 0) throw new Usage('--component is missing: name each component with the digest that runs, such as web=sha256:…');
  return given.map((text) => {
    const [, component, digest, reference] = /^([^=@]+)=([^=@]+)(?:@(.+))?$/.exec(text) ?? [];
    if (component === undefined || digest === undefined)
      throw new Usage(`--component ${text}: expected NAME=sha256:…, and @REFERENCE where the platform has one`);
    return { component, digest, ...(reference === undefined ? {} : { reference }) };
  });
};
