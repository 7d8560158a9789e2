import { stringify } from 'yaml';
import type { AnswerOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { plain } from './plain.ts';
import { serviceOf, usualFile } from './profile-service.ts';

export type ShownProfile = AnswerOf<(typeof operations)['readProfile']>;
type Proposal = NonNullable<ShownProfile['open']>;

export const profileShow: Command = {
  usage: [
    'holdpoint profile show [--service NAME] [--yaml [--proposed] | --json]',
    '',
    `--yaml prints the profile in force as a file, with --proposed the open proposal. Without --service the service is that of ${usualFile} in this folder.`,
  ].join('\n'),
  binds: 'the service; nothing is changed',
  defaults: '--service that of holdpoint.yaml in this folder',
  examples: ['holdpoint profile show --service shop', 'holdpoint profile show --service shop --yaml'],
  prints: operations.readProfile.answer.schema,
  run: async (argv, io) => {
    const options = { service: { type: 'string' }, yaml: { type: 'boolean' }, proposed: { type: 'boolean' } } as const;
    const { values } = read(argv, options, []);
    if (values.yaml === true && values.json === true) throw new Usage('--yaml and --json exclude each other');
    if (values.proposed === true && values.yaml !== true) throw new Usage('--proposed belongs to --yaml');
    const service = await serviceOf(io, values.service);
    const client = await connect(io, values, 'auditor');
    return conclude(io, values.json, await client.readProfile({ params: { service } }), (shown) =>
      values.yaml === true ? asFile(values.proposed === true ? shown.open : shown.inForce, service) : { text: textOf(shown).join('\n') },
    );
  },
};

const asFile = (one: Proposal | null, service: string) =>
  one === null || one.content === null
    ? { text: `# ${service} has no such profile`, code: 1 as const }
    : { text: stringify(one.content).trimEnd().split('\n').map(plain).join('\n') };

const textOf = (shown: ShownProfile): string[] => {
  const { service, inForce, open, rejected } = shown;
  return [
    ...(inForce === null
      ? [`${service}: no profile is in force; its runs take the checklist of the stage`]
      : proposalText('in force', inForce, shown)),
    ...(open === null ? [] : ['', ...proposalText('proposed', open, shown)]),
    ...(rejected === null ? [] : ['', ...proposalText('rejected', rejected, shown)]),
  ];
};

/** One profile: what it is, who proposed it, who has answered and who has not. */
export const proposalText = (how: string, one: Proposal, { service }: Pick<ShownProfile, 'service'>): string[] => [
  `${service}: ${how} is the profile ${one.profile}`,
  `  gives the definition ${one.definition}`,
  `  of the checklist     ${one.base}`,
  `  proposed by ${one.by} at ${one.at}`,
  ...one.answers.map(
    ({ answer, by, roles, at, reason }) =>
      `  ${answer} by ${by} (${roles.join(', ')}) at ${at}${reason?.text == null ? '' : `: ${reason.text}`}`,
  ),
  ...(one.needs === null ? [] : [`  waits for the ${one.needs}`]),
];
