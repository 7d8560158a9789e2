import { createHash } from 'node:crypto';
import { operations } from '../api/contract.ts';
import { observationKinds } from '../fields.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { ciOrPerson, connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { fitted } from './plain.ts';

const options = {
  kind: { type: 'string' },
  bad: { type: 'boolean' },
  good: { type: 'boolean' },
  subject: { type: 'string' },
  summary: { type: 'string' },
  at: { type: 'string' },
  id: { type: 'string' },
} as const;
type Values = ReturnType<typeof read<typeof options>>['values'];

export const observe: Command = {
  usage: [
    'holdpoint observe RUN --kind KIND --bad|--good --subject TEXT --summary TEXT [--at INSTANT] [--id ID]',
    '',
    `Reports something that was seen on the deployed service. KIND is ${observationKinds.join(', ')}.`,
    'A bad observation blocks the reviews until operations label it: holdpoint label. SUBJECT is what it was seen on, such as a function or a page; of an alarm it is its name, because an OK ends the alarm of that name only.',
    'For operations, and for CI jobs of the service. The same --id is the same observation.',
  ].join('\n'),
  binds: 'the run RUN; the observation is known by its id, so that the same one is recorded once',
  defaults: '--at now, --id from the other options and the time',
  examples: [
    'holdpoint observe RUN --kind error --bad --subject checkout --summary "Every second order gets a 502 since 14:10"',
    'holdpoint observe RUN --kind alarm --bad --subject p95-too-high --summary "p95 is 900 ms" --at 2026-12-01T14:10:00Z --id p95-too-high-1410',
  ],
  prints: operations.observe.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, options, ['run']);
    const body = bodyOf(values, io.now());
    const client = await connect(io, values, ciOrPerson);
    const answer = await client.observe({ params: { run }, body });
    return conclude(io, values.json, answer, ({ observation, notCounted, alreadyRecorded }) => ({
      text: [
        `Recorded: the observation ${observation}.${alreadyRecorded ? ' It was recorded before.' : ''}`,
        ...notCounted.map(({ check, why }) => fitted(`  not counted  ${check}  ${why}`, io.columns, 15)),
        ...(body.bad
          ? [`The reviews wait for its label: holdpoint label ${run} ${observation} --true-alarm|--false-alarm --reason TEXT`]
          : []),
      ].join('\n'),
    }));
  },
};

const bodyOf = (values: Values, now: Date) => {
  const kind = observationKinds.find((one) => one === values.kind);
  if (kind === undefined) throw new Usage(`--kind ${values.kind ?? 'is missing'}: expected ${observationKinds.join(', ')}`);
  const bad = values.bad === true;
  if (bad === (values.good === true)) throw new Usage(`got ${bad ? '--bad and --good' : 'neither'}, expected --bad or --good`);
  if (values.at !== undefined && Number.isNaN(Date.parse(values.at)))
    throw new Usage(`--at ${values.at}: an instant is expected, such as 2026-12-01T14:10:00Z`);
  const seen = {
    kind,
    bad,
    subject: need(values.subject, 'subject'),
    summary: need(values.summary, 'summary'),
    observedAt: values.at ?? now.toISOString(),
  };
  return { ...seen, observation: values.id ?? idOf(seen) };
};

/** The same words about the same instant are the same observation, so that the command can be repeated. */
const idOf = (seen: object): string => `seen-${createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, 12)}`;
