import * as z from 'zod';
import type { Answer, Client } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { type Problem, problemSchema } from '../api/problem.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, type Io, Usage } from './io.ts';
import { ownerOf } from './owner.ts';
import { jsonText, plain, plainIn } from './plain.ts';
import { sentences } from './problem.ts';

const recordedSchema = z.union([operations.attest.answer.schema, operations.attestForService.answer.schema]);
const printed = z.union([
  recordedSchema,
  z.object({
    attested: z.array(
      z.union([z.object({ check: z.string(), recorded: recordedSchema }), z.object({ check: z.string(), problem: problemSchema })]),
    ),
  }),
]);

const options = { statement: { type: 'string' }, service: { type: 'string' }, environment: { type: 'string' } } as const;

export const attest: Command = {
  usage: [
    'holdpoint attest RUN CHECK… --statement TEXT',
    '       holdpoint attest --service NAME [--environment NAME] CHECK… --statement TEXT',
    '',
    'States in your own words that a check holds. You need the role that the check names. Of several checks, every name is looked up before',
    'anything is sent; then each is recorded by itself, and a refusal of one keeps none of the others back. Exit code 1: one was refused.',
    'With --json, one check gives the answer of the API, and several give { "attested": [ … ] }.',
  ].join('\n'),
  binds: 'a check of the run RUN, or with --service a check of the service in every run; your sign-in (or --token) says who you are',
  defaults: '--environment: none, for checks about the service as a whole',
  examples: [
    'holdpoint attest RUN team-assembled --statement "All five are in the call, on duty until 18:00"',
    'holdpoint attest RUN team-assembled dashboards-open --statement "All five are in the call and watch the dashboards of the shop"',
    'holdpoint attest --service shop operations-trained --statement "All eight operators took the course of 3 September"',
  ],
  prints: printed,
  run: async (argv, io) => {
    const isForService = argv.some((one) => one === '--service' || one.startsWith('--service='));
    const { values, positionals } = read(argv, options, isForService ? ['check…'] : ['run', 'check…']);
    const { statement, service, environment } = values;
    if (statement === undefined) throw new Usage('--statement is missing: say in your own words what you have seen');
    if (service === undefined && environment !== undefined) throw new Usage('--environment needs --service: a run has its environment');
    const checks = service === undefined ? positionals.slice(1) : positionals;
    const twice = checks.find((check, place) => checks.indexOf(check) !== place);
    if (twice !== undefined) throw new Usage(`${twice} is named twice`);
    const client = await connect(io, values, ownerOf(checks[0] ?? ''));
    const to: Receiver =
      service === undefined ? { run: positionals[0] ?? '' } : { service, ...(environment === undefined ? {} : { environment }) };
    const send = (check: string) => attested(client, to, check, statement);
    const [only = ''] = checks;
    if (checks.length === 1) return conclude(io, values.json, await send(only), (recorded) => ({ text: textOf(recorded, to) }));
    const wrong = await lookedUp(client, to, checks);
    if (wrong !== undefined) return conclude(io, values.json, { problem: wrong }, () => ({ text: '' }));
    const outcomes: Outcome[] = [];
    for (const check of checks) {
      const { ok: recorded, problem } = await send(check);
      const outcome: Outcome = recorded === undefined ? { check, problem } : { check, recorded };
      outcomes.push(outcome);
      if (values.json !== true) say(io, outcome, to);
    }
    if (values.json) io.out(jsonText({ attested: outcomes }));
    return outcomes.every((one) => 'recorded' in one) ? 0 : 1;
  },
};

type Receiver = { readonly run: string } | { readonly service: string; readonly environment?: string };
type Recorded = z.infer<typeof recordedSchema>;
type Outcome = { readonly check: string; readonly recorded: Recorded } | { readonly check: string; readonly problem: Problem };

const attested = (client: Client, to: Receiver, check: string, statement: string): Promise<Answer<Recorded>> => {
  if ('run' in to) return client.attest({ params: { run: to.run, check }, body: { statement } });
  const { service, ...environment } = to;
  return client.attestForService({ params: { service, check }, body: { statement, ...environment } });
};

/** What keeps all of them from being sent: the server gives no checklist, or people attest no check of such a name. */
const lookedUp = async (client: Client, to: Receiver, checks: readonly string[]): Promise<Problem | undefined> => {
  const run = 'run' in to ? await client.readRun({ params: { run: to.run } }) : undefined;
  if (run?.problem !== undefined) return run.problem;
  const digest = run?.ok.definition.digest;
  const list = await client.readChecklist({ query: digest === undefined ? {} : { digest } });
  if (list.ok === undefined) return list.problem;
  const { items } = list.ok;
  const wrong = checks.filter((check) => !items.some(({ id, evidence }) => id === check && evidence.includes('attestation')));
  if (wrong.length === 0) return undefined;
  const known = wrong.filter((check) => items.some(({ id }) => id === check));
  throw new Usage(
    `nothing was sent: ${wrong.join(', ')} ${wrong.length === 1 ? 'is no check' : 'are no checks'} that people attest${known.length === 0 ? '' : ` (${known.join(', ')}: proved by a report)`}; \`holdpoint checklist\` says what proves each`,
  );
};

const say = (io: Io, outcome: Outcome, to: Receiver): void => {
  if ('recorded' in outcome) io.out(`${textOf(plainIn(outcome.recorded), to)}\n`);
  else io.err(`${plain(outcome.check)}: ${sentences(outcome.problem)}\n`);
};

const textOf = (recorded: Recorded, to: Receiver): string => {
  if ('verdict' in recorded) return `Attested: ${recorded.check} is ${recorded.verdict}, ${recorded.reason}.`;
  const service = 'service' in to ? to.service : '';
  const { check, event, confirmedBy } = recorded;
  return `Attested for ${service}: ${check}. It counts when a second person (${confirmedBy.join(' or ')}) confirms it: holdpoint confirm ${service} ${event}`;
};
