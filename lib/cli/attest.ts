import * as z from 'zod';
import type { Answer, Client } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { type Problem, problemSchema } from '../api/problem.ts';
import { mostAttested } from '../fields.ts';
import { counted } from '../wording.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { bytesIn } from './given-file.ts';
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

const options = {
  statement: { type: 'string' },
  file: { type: 'string' },
  'valid-until': { type: 'string' },
  service: { type: 'string' },
  environment: { type: 'string' },
} as const;

export const attest: Command = {
  usage: [
    'holdpoint attest RUN CHECK… --statement TEXT [--file FILE] [--valid-until INSTANT]',
    '       holdpoint attest --service NAME [--environment NAME] CHECK… --statement TEXT [--file FILE] [--valid-until INSTANT]',
    '',
    'States in your own words that a check holds. You need the role that the check names. Of several checks, every name is looked up before',
    'anything is sent; then each is recorded by itself, and when one is refused, the others are still recorded. Exit code 1: one was refused.',
    '--file is a picture (PNG, JPEG), a PDF or a text that shows it. It is kept as evidence; secrets are taken out of a text, a picture and a PDF are',
    'kept as they are. --valid-until says until when it holds, at most as long as the check takes it: then the check fails again.',
    'With --json, one check gives the answer of the API, and several give { "attested": [ … ] }.',
  ].join('\n'),
  binds: 'a check of the run RUN, or with --service a check of the service in every run; your sign-in (or --token) says who you are',
  defaults: '--environment: none, for checks about the service as a whole; --valid-until: as long as the check takes it',
  examples: [
    'holdpoint attest RUN team-assembled --statement "All five are in the call, on duty until 18:00"',
    'holdpoint attest RUN team-assembled dashboards-open --statement "All five are in the call and watch the dashboards of the shop"',
    'holdpoint attest RUN dashboards-open --statement "The four dashboards of the shop are open" --file dashboards.png --valid-until 2026-12-01T18:00:00Z',
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
    const said = await saidIn(io, statement, values);
    const client = await connect(io, values, ownerOf(checks[0] ?? ''));
    const to: Receiver =
      service === undefined ? { run: positionals[0] ?? '' } : { service, ...(environment === undefined ? {} : { environment }) };
    const send = (check: string) => attested(client, to, check, said);
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

type Said = { readonly statement: string; readonly validUntil?: string; readonly file?: string };

const saidIn = async (
  io: Io,
  statement: string,
  { file, 'valid-until': validUntil }: { readonly file?: string | undefined; readonly 'valid-until'?: string | undefined },
): Promise<Said> => ({
  statement,
  ...(validUntil === undefined ? {} : { validUntil }),
  ...(file === undefined ? {} : { file: await fileIn(io, file) }),
});

/** In base64. What is larger would not get to Holdpoint, which could say so. */
const fileIn = async (io: Io, file: string): Promise<string> => {
  const bytes = await bytesIn(io, file);
  if (bytes.byteLength > mostAttested)
    throw new Usage(`--file ${file}: the file has ${counted(bytes.byteLength, 'byte')}, and ${mostAttested} are the most; make it smaller`);
  return Buffer.from(bytes).toString('base64');
};

const attested = (client: Client, to: Receiver, check: string, said: Said): Promise<Answer<Recorded>> => {
  if ('run' in to) return client.attest({ params: { run: to.run, check }, body: said });
  const { service, ...environment } = to;
  return client.attestForService({ params: { service, check }, body: { ...said, ...environment } });
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
  if ('verdict' in recorded)
    return `Attested: ${recorded.check} is ${recorded.verdict}${recorded.verdict === 'pass' ? '' : `, ${recorded.reason}`}.`;
  const service = 'service' in to ? to.service : '';
  const { check, event, confirmedBy } = recorded;
  return `Attested for ${service}: ${check}. It counts when a second person (${confirmedBy.join(' or ')}) confirms it: holdpoint confirm ${service} ${event}`;
};
