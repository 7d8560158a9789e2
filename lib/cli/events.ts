import type { AnswerOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { pageLimits } from '../api/parameters.ts';
import { aboutEvent, unknownActor } from '../query/event-words.ts';
import { runsSearched } from '../query/search-events.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { durationOf } from './duration.ts';
import { type Command, type Io, Usage } from './io.ts';
import { fitted } from './plain.ts';

type Shown = AnswerOf<(typeof operations)['listEvents']>;
type Event = Shown['events'][number];

const options = {
  service: { type: 'string' },
  actor: { type: 'string' },
  type: { type: 'string' },
  check: { type: 'string' },
  outcome: { type: 'string' },
  lane: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
} as const;

export const events: Command = {
  usage: [
    'holdpoint events RUN|--service NAME [--check ID] [--type TYPE] [--actor NAME] [--outcome WORD] [--lane LANE]',
    '                        [--since TIME] [--until TIME] [--limit N] [--cursor TEXT]',
    '',
    `The audit events of a run, or with --service of the service, its environments and its newest runs, ${runsSearched} a page. TIME is an instant, a day, or a`,
    `duration before now such as 24h. --actor: the name or id of a person, or the id of a CI identity. --limit: ${pageLimits.default}, at most ${pageLimits.max}. Where`,
    'others follow, the last line says how to go on. --json has every field of each event with its hash.',
  ].join('\n'),
  examples: [
    'holdpoint events RUN --check no-regressions',
    'holdpoint events --service shop --type check.waived --since 7d',
    'holdpoint events --service shop --since 2026-11-01 --json',
  ],
  binds: 'a run, or a service with its environments and newest runs',
  defaults: `all events; --limit ${pageLimits.default}`,
  prints: operations.listEvents.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run],
    } = read(argv, options, ['run?']);
    const { json, url: _url, token: _token, as: _as, help: _help, since, until, ...filters } = values;
    if ((run === undefined) === (filters.service === undefined))
      throw new Usage('got a run and a service, or neither: expected RUN or --service NAME');
    const query = {
      ...filters,
      ...(run === undefined ? {} : { run }),
      ...(since === undefined ? {} : { from: instantOf(io, 'since', since) }),
      ...(until === undefined ? {} : { to: instantOf(io, 'until', until) }),
    };
    const client = await connect(io, values, 'auditor');
    return conclude(io, json, await client.listEvents({ query: query as never }), (shown) => ({
      text: textOf(shown, run ?? filters.service ?? '', io.columns),
      isExact: true,
    }));
  },
};

const instantOf = (io: Io, flag: string, text: string): string => {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00Z`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return text;
  return new Date(io.now().getTime() - durationOf(text, flag)).toISOString();
};

const textOf = ({ events: found, next, searched, actor }: Shown, about: string, columns: number | undefined): string =>
  [
    ...found.map((event) => fitted(lineOf(event), columns, 4)),
    ...(found.length > 0 ? [] : [next === null ? `No event of ${about} fits.` : 'No event fits here; older ones may.']),
    ...(actor?.known === false ? [unknownActor] : []),
    ...(searched === undefined ? [] : [`Searched: ${searched.length} ${searched.length === 1 ? 'run' : 'runs'} of ${about}.`]),
    ...(next === null ? [] : [`More: repeat the command with --cursor ${next}`]),
  ].join('\n');

const lineOf = ({ at, type, scope, lane, seq, actor, data }: Event): string => {
  const about = aboutEvent(data);
  return `${at}  ${type}${about === '' ? '' : `  ${about}`}  by ${actor.id}  ${scope} ${lane}#${seq}`;
};
