import * as z from 'zod';
import { type Client, createClient } from '../api/client.ts';
import { Unreachable } from '../api/unreachable.ts';
import { type Io, Usage } from './io.ts';
import { readToken } from './kept-token.ts';

export type Target = { readonly url?: string | undefined; readonly token?: string | undefined; readonly as?: string | undefined };

/** For what both may send: the token of the CI job, outside of one that of `holdpoint login`. */
export const ciOrPerson = 'ci-or-person';

type Connection = Client & {
  /** The server's address, without a slash at the end. */
  readonly address: string;
  /** The page of a run, for people. */
  readonly pageOf: (run: string) => string;
};

/**
 * Finds the server and the token: flags first, then HOLDPOINT_URL and HOLDPOINT_TOKEN, then GitHub Actions' own token, then for the
 * commands of people the token of `holdpoint login`, then a running local stage. `who` is the local person, or `ci`, whose token is used
 * without `--as`.
 */
export const connect = async (io: Io, target: Target, who: string): Promise<Connection> => {
  const url = target.url ?? variable(io, 'HOLDPOINT_URL');
  const token = target.token ?? variable(io, 'HOLDPOINT_TOKEN');
  if (target.as !== undefined && token !== undefined)
    throw new Usage(
      `--as ${target.as} chooses a token, and ${target.token === undefined ? 'HOLDPOINT_TOKEN' : '--token'} is one: leave one of them out`,
    );
  const local = url === undefined ? await io.local() : undefined;
  if (target.as !== undefined && local === undefined)
    throw new Usage(
      `--as ${target.as} needs a local stage, and ${url === undefined ? `none is running: ${startLocal}` : `the server is ${url}: leave --as out`}`,
    );
  const baseUrl = url ?? local?.url;
  if (baseUrl === undefined) throw new Usage(noServer);
  const { origin } = addressOf(baseUrl);
  const get =
    token !== undefined
      ? () => token
      : local !== undefined
        ? () => local.tokenOf(target.as ?? (who === ciOrPerson ? 'ci' : who))
        : () => ownToken(io, origin, who);
  const address = baseUrl.replace(/\/$/, '');
  return {
    ...createClient({ baseUrl: address, token: get, fetch: io.fetch }),
    address,
    pageOf: (run) => `${address}/runs/${encodeURIComponent(run)}`,
  };
};

const startLocal = 'in a checkout of Holdpoint, `node bin/holdpoint.mjs local up` starts one';
const noServer = `no server address: set HOLDPOINT_URL or --url, or use a local stage: ${startLocal}`;

/** The address of the server: the flag, HOLDPOINT_URL, or the running local stage. */
export const serverOf = async (io: Io, flag: string | undefined): Promise<URL> => {
  const url = flag ?? variable(io, 'HOLDPOINT_URL') ?? (await io.local())?.url;
  if (url === undefined) throw new Usage(noServer);
  return addressOf(url);
};

/** The token of the CI job, or for the commands of people the one that `holdpoint login` kept. A job never acts as a person. */
const ownToken = async (io: Io, origin: string, who: string): Promise<string> => {
  if (who === 'ci' || variable(io, 'ACTIONS_ID_TOKEN_REQUEST_URL') !== undefined) return actionsToken(io, origin);
  const kept = await readToken(io.env, origin);
  if (kept === undefined) throw new Usage('no token: sign in with `holdpoint login`, or set HOLDPOINT_TOKEN or --token');
  if (Date.parse(kept.expiresAt) <= io.now().getTime())
    throw new Usage(`your sign-in at ${origin} ended at ${kept.expiresAt}: run \`holdpoint login\` again`);
  return kept.token;
};

/** Whether the flags, the environment or a running local stage name a server. */
export const hasServer = async (io: Io, target: Target): Promise<boolean> =>
  (target.url ?? variable(io, 'HOLDPOINT_URL')) !== undefined || target.as !== undefined || (await io.local()) !== undefined;

/** CI systems set a variable to nothing when the setting behind it is missing. */
const variable = (io: Io, name: string): string | undefined => (io.env[name] === '' ? undefined : io.env[name]);

/** Nobody on the way can read what is sent there. */
export const isEncrypted = ({ protocol, hostname }: URL): boolean => protocol === 'https:' || loopback.test(hostname);

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Refuses an address to which no token may be sent: over plain http everybody on the way could read it. */
export const addressOf = (text: string): URL => {
  const url = /^https?:/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new Usage(`${text} is not a server address: expected one such as https://holdpoint.example.com`);
  if (!isEncrypted(url))
    throw new Usage(
      `${text} is not encrypted, and a token would be sent to it: expected https (http only to localhost, 127.0.0.1 and [::1])`,
    );
  return url;
};

const actionsAnswer = z.object({ value: z.string().min(1) });

/**
 * The OpenID token that GitHub Actions gives a job with `permissions: id-token: write`. Its audience is the server's origin, so that no
 * other server can use it.
 */
const actionsToken = async (io: Io, origin: string): Promise<string> => {
  const url = variable(io, 'ACTIONS_ID_TOKEN_REQUEST_URL');
  const secret = variable(io, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN');
  if (url === undefined || secret === undefined)
    throw new Usage('no token: set HOLDPOINT_TOKEN or --token; in GitHub Actions, give the job `permissions: id-token: write`');
  const asked = addressOf(url);
  asked.searchParams.set('audience', variable(io, 'HOLDPOINT_AUDIENCE') ?? origin);
  const response = await io.fetch(asked, { headers: { authorization: `Bearer ${secret}` } }).catch((cause: unknown) => {
    throw new Unreachable('GitHub did not return a token', { cause });
  });
  const answer = actionsAnswer.safeParse(await response.json().catch(() => undefined));
  if (!answer.success) throw new Unreachable(`GitHub did not return a token: status ${response.status}`);
  return answer.data.value;
};
