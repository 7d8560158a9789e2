import { operations } from '../api/contract.ts';
import { announcedKinds } from '../audit/events/environment.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { durationOf } from './duration.ts';
import { type Command, Usage } from './io.ts';

const options = {
  environment: { type: 'string' },
  kind: { type: 'string' },
  subject: { type: 'string' },
  from: { type: 'string' },
  for: { type: 'string' },
  until: { type: 'string' },
  reason: { type: 'string' },
} as const;
type Values = ReturnType<typeof read<typeof options>>['values'];

export const announce: Command = {
  usage: [
    'holdpoint announce SERVICE --environment NAME --kind KIND --subject SUBJECT [--from INSTANT] --until INSTANT|--for DURATION --reason TEXT',
    '',
    `Announces planned work before it happens. KIND is ${announcedKinds.join(' or ')}.`,
    'SUBJECT is one alarm of the profile or the stage file, or one component or resource that is restarted. What the feeds report of it in this time counts for no trigger',
    'and no review, and needs no label; an alarm that is still red at the end counts from then on. The time begins now or later and is at most four hours long. For operations. A person who has an open run there asks a colleague.',
  ].join('\n'),
  binds: 'one alarm or component of one environment of the service, for the named time; nothing that happened before',
  defaults: '--from now',
  examples: [
    'holdpoint announce shop --environment production --kind alarm-test --subject shop-errors --for 30m --reason "The alarm is driven once, to see that it arrives"',
    'holdpoint announce shop --environment production --kind planned-restart --subject web --from 2026-12-01T02:00:00Z --until 2026-12-01T03:00:00Z --reason "New certificates, ticket 4411"',
  ],
  prints: operations.announceWork.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [service = ''],
    } = read(argv, options, ['service']);
    const environment = need(values.environment, 'environment');
    const body = bodyOf(values, io.now());
    const client = await connect(io, values, 'operations-lead');
    return conclude(
      io,
      values.json,
      await client.announceWork({ params: { service, environment }, body }),
      ({ kind, subject, from, until, alreadyRecorded }) => ({
        text: `Announced: ${kind} of ${subject} in ${environment}, from ${from} until ${until}.${alreadyRecorded ? ' It was announced before.' : ''}`,
      }),
    );
  },
};

const bodyOf = (values: Values, now: Date) => {
  const kind = announcedKinds.find((one) => one === values.kind);
  if (kind === undefined) throw new Usage(`--kind ${values.kind ?? 'is missing'}: expected ${announcedKinds.join(' or ')}`);
  for (const flag of ['from', 'until'] as const)
    if (values[flag] !== undefined && Number.isNaN(Date.parse(values[flag])))
      throw new Usage(`--${flag} ${values[flag]}: an instant is expected, such as 2026-12-01T14:10:00Z`);
  if ((values.until === undefined) === (values.for === undefined))
    throw new Usage(`got ${values.until === undefined ? 'neither' : '--until and --for'}, expected --until or --for`);
  const from = values.from === undefined ? now : new Date(values.from);
  const until = values.until ?? new Date(from.getTime() + durationOf(values.for ?? '', 'for')).toISOString();
  return {
    kind,
    subject: need(values.subject, 'subject'),
    // Both ends by one clock: else a window of four hours seems longer where this clock is ahead of the server's.
    ...(values.from === undefined && values.for === undefined ? {} : { from: from.toISOString() }),
    until,
    reason: need(values.reason, 'reason'),
  };
};
