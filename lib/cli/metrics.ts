import type { AnswerOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { counted } from '../wording.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { plain } from './plain.ts';

type Shown = AnswerOf<(typeof operations)['readMetrics']>;
type Group = Shown['groups'][number];

export const metrics: Command = {
  usage: [
    'holdpoint metrics [--service SERVICE] [--weeks N]',
    '',
    'Shows for each service and environment how often releases were deployed, the lead time from the start of the run, the change failure rate',
    'and the time to restore (DORA, dora.dev), and how long people took. N is 52 at most.',
    'Every figure says of how many releases it is.',
  ].join('\n'),
  examples: ['holdpoint metrics', 'holdpoint metrics --service shop --weeks 4 --json'],
  binds: 'the services that the token may read',
  defaults: '--weeks 12; every service',
  prints: operations.readMetrics.answer.schema,
  run: async (argv, io) => {
    const { values } = read(argv, { service: { type: 'string' }, weeks: { type: 'string' } }, []);
    const weeks = weeksOf(values.weeks ?? '12');
    const client = await connect(io, values, 'auditor');
    const query = { weeks, ...(values.service === undefined ? {} : { service: values.service }) };
    return conclude(io, values.json, await client.readMetrics({ query }), (shown) => ({ text: textOf(shown) }));
  },
};

const weeksOf = (text: string): number => {
  const weeks = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (weeks < 1 || weeks > 52) throw new Usage(`--weeks ${text}: expected a whole number from 1 to 52`);
  return weeks;
};

const textOf = ({ weeks, groups, more, runsRead, withoutMilestones }: Shown): string =>
  [
    ...(groups.length === 0
      ? [`No release in the last ${counted(weeks, 'week')}.`]
      : groups.flatMap((group) => [...groupText(group, weeks), ''])),
    ...(more ? [`There are more runs than the ${runsRead} newest: only those are counted.`] : []),
    ...(withoutMilestones === 0 ? [] : [`${counted(withoutMilestones, 'run')} of an older version not counted.`]),
  ]
    .join('\n')
    .trimEnd();

const groupText = (group: Group, weeks: number): string[] => {
  const { failed, decided, open } = group.changeFailure;
  return [
    `${plain(group.service)} ${plain(group.environment)}, last ${counted(weeks, 'week')}`,
    `  deployments       ${group.deployments}`,
    `  lead time         ${span(group.leadTime)} (from the start of the run)`,
    `  change failures   ${decided === 0 ? 'not known yet' : `${Math.round((failed * 1000) / decided) / 10} % (${failed} of ${decided})`}${open === 0 ? '' : `, ${open} not judged to the end yet`}`,
    `  time to restore   ${span(group.restore)}`,
    `  start to go       ${span(group.goTime)}`,
    ...group.waits.map((wait) => `  waited at ${plain(wait.title ?? wait.gate)}: ${span(wait)}`),
  ];
};

const span = (one: { readonly seconds: number; readonly of: number } | null): string =>
  one === null ? 'none yet' : `${lengthText(one.seconds)} (median of ${one.of})`;

/** Figures are compared, not added up: one digit is enough. */
const lengthText = (seconds: number): string => {
  const [unit, size] =
    seconds >= 172_800
      ? (['d', 86_400] as const)
      : seconds >= 3600
        ? (['h', 3600] as const)
        : seconds >= 60
          ? (['min', 60] as const)
          : (['s', 1] as const);
  return `${Math.round((seconds * 10) / size) / 10} ${unit}`;
};
