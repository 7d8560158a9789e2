import { type ParseArgsConfig, parseArgs } from 'node:util';
import * as z from 'zod';
import { type Answer, type Client, createClient, Unreachable } from '../api/client.ts';
import type { Problem } from '../api/problem.ts';
import { type ExitCode, type Io, Usage } from './io.ts';
import { plain } from './plain.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

const everywhere = {
  url: { type: 'string' },
  token: { type: 'string' },
  as: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options;

/** Arguments by `node:util`; an option that is not known is wrong usage and no guess. */
export const read = <O extends Options>(argv: readonly string[], options: O, positionals: readonly string[]) => {
  try {
    const parsed = parseArgs({ args: [...argv], options: { ...everywhere, ...options }, allowPositionals: true, strict: true });
    if (parsed.positionals.length !== positionals.length) {
      throw new Usage(
        `got ${parsed.positionals.length} arguments, expected ${positionals.length === 0 ? 'none' : positionals.map((name) => `<${name}>`).join(' ')}`,
      );
    }
    return parsed;
  } catch (fault) {
    if (fault instanceof Usage) throw fault;
    throw new Usage(fault instanceof Error ? fault.message : 'the arguments are not understood', { cause: fault });
  }
};

type Asked = { readonly url?: string | undefined; readonly token?: string | undefined; readonly as?: string | undefined };

/**
 * Where to go and as whom: flags, then HOLDPOINT_URL and HOLDPOINT_TOKEN, then GitHub Actions' own token, then a running local
 * stage. `who` is the local person or `ci` that stands in when nothing else says.
 */
export const connect = async (io: Io, asked: Asked, who: string): Promise<Client> => {
  const local = asked.url === undefined && io.env.HOLDPOINT_URL === undefined ? await io.local() : undefined;
  const baseUrl = asked.url ?? io.env.HOLDPOINT_URL ?? local?.url;
  if (baseUrl === undefined)
    throw new Usage('no address: set HOLDPOINT_URL or --url, or start a local stage with `npx holdpoint local up`');
  if (!/^https?:/.test(baseUrl) || !URL.canParse(baseUrl))
    throw new Usage(`${baseUrl} is no address: expected one such as https://holdpoint.example.com`);
  const token = asked.token ?? io.env.HOLDPOINT_TOKEN;
  const get = token !== undefined ? () => token : local !== undefined ? () => local.tokenOf(asked.as ?? who) : actionsToken(io);
  return createClient({ baseUrl: baseUrl.replace(/\/$/, ''), token: get, fetch: io.fetch });
};

const actionsAnswer = z.object({ value: z.string().min(1) });

/** The OpenID token that GitHub Actions gives a job with `permissions: id-token: write`. */
const actionsToken = (io: Io) => async (): Promise<string> => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = io.env;
  if (url === undefined || secret === undefined)
    throw new Usage('no token: set HOLDPOINT_TOKEN or --token; in GitHub Actions give the job `permissions: id-token: write`');
  const audience = io.env.HOLDPOINT_AUDIENCE ?? 'holdpoint';
  const response = await io
    .fetch(`${url}&audience=${encodeURIComponent(audience)}`, { headers: { authorization: `Bearer ${secret}` } })
    .catch((cause: unknown) => {
      throw new Unreachable('GitHub gave no token', { cause });
    });
  const answer = actionsAnswer.safeParse(await response.json().catch(() => undefined));
  if (!answer.success) throw new Unreachable(`GitHub gave no token: status ${response.status}`);
  return answer.data.value;
};

/** Prints the answer, or the problem document as sentences, and says how it went. */
export const conclude = <T>(
  io: Io,
  json: boolean | undefined,
  answer: Answer<T>,
  say: (value: T) => { readonly text: string; readonly code?: ExitCode },
): ExitCode => {
  if (answer.problem !== undefined) {
    if (json) io.out(`${JSON.stringify(answer.problem, null, 2)}\n`);
    else io.err(`${sentences(answer.problem)}\n`);
    return 1;
  }
  const { text, code = 0 } = say(answer.ok);
  io.out(json ? `${JSON.stringify(answer.ok, null, 2)}\n` : `${text}\n`);
  return code;
};

const sentences = ({ title, detail, got, expected, fix }: Problem): string =>
  [`${title}. ${detail}`, got && `  got:      ${got}`, expected && `  expected: ${expected}`, fix && `  ${fix}`]
    .flatMap((line) => (line ? [plain(line)] : []))
    .join('\n');
