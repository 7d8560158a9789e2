import * as z from 'zod';
import type { AnswerOf, Client } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { pageLimits } from '../api/parameters.ts';
import type { Problem } from '../api/problem.ts';
import { groupStates, isInState, isRunState } from '../query/run-states.ts';
import { standsSince, waitsInWords } from '../query/waits-words.ts';
import { formatInstant } from '../wording.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { fitted } from './plain.ts';

type Summary = AnswerOf<(typeof operations)['listRuns']>['runs'][number];

const options = {
  service: { type: 'string' },
  environment: { type: 'string' },
  state: { type: 'string' },
  limit: { type: 'string' },
} as const;

const usualLimit = 50;
const most = pageLimits.max;
/** So many pages are looked through at most for runs of a state: the API lists runs of all states. */
const mostPages = 20;

export const runs: Command = {
  usage: [
    'holdpoint runs [--service NAME] [--environment NAME] [--state STATE] [--limit N]',
    '',
    `Newest first. STATE is ${groupStates.join(', ')}, or how a run ended, such as production-stable or rolled-back.`,
    `A CI job sees the runs of its own services only. N is ${most} at most.`,
  ].join('\n'),
  binds: 'nothing: it lists what the token may see',
  defaults: '--limit 50; all services, environments and states',
  examples: ['holdpoint runs --service shop --environment production', 'holdpoint runs --state blocked --json'],
  prints: z.object({ runs: operations.listRuns.answer.schema.shape.runs, more: z.boolean() }),
  run: async (argv, io) => {
    const { values } = read(argv, options, []);
    const { service, environment } = values;
    const limit = Number(values.limit ?? usualLimit);
    if (!Number.isInteger(limit) || limit < 1 || limit > most)
      throw new Usage(`--limit ${values.limit}: a whole number from 1 to ${most} is expected`);
    const isWanted = stateOf(values.state);
    const client = await connect(io, values, 'auditor');
    const query = { ...(service === undefined ? {} : { service }), ...(environment === undefined ? {} : { environment }) };
    const found = await listed(client, query, isWanted, limit);
    return conclude(io, values.json, found, ({ runs: shown, more }) => ({
      text: [
        ...shown.map((one) => fitted(lineOf(one), io.columns, 2)),
        ...(shown.length === 0 ? ['No such run.'] : []),
        ...(more ? ['Older runs are not listed: raise --limit, or name a service.'] : []),
      ].join('\n'),
    }));
  },
};

const stateOf = (name: string | undefined): ((run: Summary) => boolean) => {
  if (name === undefined) return () => true;
  if (!isRunState(name))
    throw new Usage(`--state ${name}: expected ${groupStates.join(', ')}, or how a run ended, such as production-stable`);
  return (run) => isInState(name, run);
};

type Query = { readonly service?: string; readonly environment?: string };
type Found = { readonly ok: { readonly runs: readonly Summary[]; readonly more: boolean } } | { readonly problem: Problem };

/** The newest runs that are wanted. `more`: there are older ones that were not looked at. */
const listed = async (client: Client, query: Query, isWanted: (run: Summary) => boolean, limit: number): Promise<Found> => {
  const wanted: Summary[] = [];
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await client.listRuns({ query: { ...query, limit: most, ...(cursor === undefined ? {} : { cursor }) } });
    if (page.ok === undefined) return page;
    wanted.push(...page.ok.runs.filter(isWanted));
    cursor = page.ok.next ?? undefined;
    const isFull = wanted.length >= limit;
    if (cursor === undefined || isFull || pages >= mostPages)
      return { ok: { runs: wanted.slice(0, limit), more: cursor !== undefined || wanted.length > limit } };
  }
};

const lineOf = (listed: Summary): string => {
  const { run, service, environment, version, startedAt, gate, gateTitle, outcome, blocked } = listed;
  // Other commands take the id.
  const place = gateTitle === undefined || gateTitle === gate ? gate : `${gateTitle} (${gate})`;
  const [waits, since] = [waitsInWords(listed), standsSince(listed)];
  const state = outcome ?? `${blocked ? 'blocked' : 'waits'} at ${place}${waits === undefined ? '' : ` for ${waits}`}`;
  return `${run}  ${service} ${version} → ${environment}  ${state}${since === null ? '' : `  since ${formatInstant(since)}`}  started ${formatInstant(startedAt)}`;
};
