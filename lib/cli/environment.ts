import * as z from 'zod';
import type { AnswerOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, type Io, Usage } from './io.ts';

type Shown = AnswerOf<(typeof operations)['readEnvironment']>;
type Place = { readonly service: string; readonly environment: string };
const options = { environment: { type: 'string' }, change: { type: 'string' }, reason: { type: 'string' } } as const;
type Values = ReturnType<typeof read<typeof options>>['values'];

export const environment: Command = {
  usage:
    'holdpoint environment show SERVICE --environment NAME\n       holdpoint environment explain SERVICE --environment NAME --change ID --reason TEXT\n       holdpoint environment free SERVICE --environment NAME --reason TEXT',
  binds: 'an environment of a service; what is explained is bound to the id of the change, and --environment is named always',
  defaults: 'no option has one',
  examples: [
    'holdpoint environment show shop --environment production',
    'holdpoint environment explain shop --environment production --change ID --reason "Hotfix by hand in the night, ticket 4411"',
    'holdpoint environment free shop --environment production --reason "The account was restored from a backup, the run is gone"',
  ],
  prints: z.union([
    operations.readEnvironment.answer.schema,
    operations.explainChange.answer.schema,
    operations.freeEnvironment.answer.schema,
  ]),
  run: async (argv, io) => {
    const {
      values,
      positionals: [action = '', service = ''],
    } = read(argv, options, ['show|explain|free', 'service']);
    const place = { service, environment: need(values.environment, 'environment') };
    const found = actions.find(({ name }) => name === action);
    if (found === undefined) throw new Usage(`${action}: expected ${actions.map(({ name }) => name).join(', ')}`);
    return found.perform(io, place, values);
  },
};

const actions: readonly {
  readonly name: string;
  readonly perform: (io: Io, place: Place, values: Values) => ReturnType<Command['run']>;
}[] = [
  {
    name: 'show',
    perform: async (io, params, values) => {
      const client = await connect(io, values, 'auditor');
      return conclude(io, values.json, await client.readEnvironment({ params }), (shown) => ({ text: textOf(shown) }));
    },
  },
  {
    name: 'explain',
    perform: async (io, place, values) => {
      const change = need(values.change, 'change');
      const explanation = need(values.reason, 'reason');
      const client = await connect(io, values, 'operations-lead');
      const answer = await client.explainChange({ params: { ...place, change }, body: { explanation } });
      return conclude(io, values.json, answer, () => ({ text: `Explained: the change ${change} of ${place.environment}.` }));
    },
  },
  {
    name: 'free',
    perform: async (io, params, values) => {
      const reason = need(values.reason, 'reason');
      const client = await connect(io, values, 'operations-lead');
      return conclude(io, values.json, await client.freeEnvironment({ params, body: { reason } }), ({ run }) => ({
        text: `Freed: ${params.environment}, which run ${run} held.`,
      }));
    },
  },
];

type Named = Pick<NonNullable<Shown['target']>, 'version' | 'level'>;
const versionText = (one: Named | null): string => {
  if (one === null) return 'not known';
  return one.level === 'withdraw' ? 'the service is taken away' : `${one.version} (${one.level})`;
};
const unread = (one: { readonly readBack?: boolean | null } | null): string =>
  one?.readBack === false ? ', not read back from the platform' : '';

const textOf = ({ service, environment: name, holder, live, target, drill, proposed, unaccounted, announced }: Shown): string =>
  [
    `${service} ${name}`,
    `held by   ${holder === null ? 'nobody' : `run ${holder.run}, ${holder.how} since ${holder.since}`}`,
    `live      ${live === null ? 'not known' : `${versionText(live)} since ${live.since}${unread(live)}`}`,
    `target    ${versionText(target)}${unread(target)}`,
    `drill     ${drill === null ? 'none' : `${drill.outcome} in ${drill.environment} on ${drill.at}`}`,
    ...proposed.map((one) => `proposed  ${versionText(one)} by ${one.by} on ${one.at}; another person must send the same`),
    ...unaccounted.map(
      ({ change, what, seenAt, explanation }) =>
        `change    ${change} ${seenAt} ${what}: ${explanation === null ? 'not explained' : `explained by ${explanation.by}`}`,
    ),
    ...announced.map(({ kind, subject, from, until, by }) => `announced ${kind} of ${subject} from ${from} until ${until} by ${by}`),
  ].join('\n');
