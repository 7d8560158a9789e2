import * as z from 'zod';
import { signInMetadataSchema } from '../api/pages.ts';
import { Unreachable } from '../api/unreachable.ts';
import { read } from './arguments.ts';
import { serverOf } from './connect.ts';
import { type Command, type Io, Usage } from './io.ts';
import { forgetToken, keepToken, placeOf } from './kept-token.ts';
import { jsonText } from './plain.ts';
import { type Metadata, signInWithBrowser } from './sign-in.ts';

const metadataPath = '/.well-known/oauth-protected-resource';
const timeoutMs = 30_000;
/** How long a person has for the sign-in. */
const signInMs = 300_000;

/** What the server says about the sign-in of people. It must speak for the very origin that was asked (RFC 9728, section 3.3). */
const metadataOf = async (io: Io, origin: string): Promise<Metadata> => {
  const url = `${origin}${metadataPath}`;
  const response = await io.fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
    throw new Unreachable(`GET ${url}: no answer`, { cause });
  });
  const said = signInMetadataSchema.safeParse(await response.json().catch(() => undefined));
  if (!said.success) throw new Unreachable(`GET ${url}: status ${response.status}, and no description of the sign-in`);
  const { resource, authorization_servers: issuers, holdpoint_audience: audience, holdpoint_cli_client_id: clientId } = said.data;
  if (resource !== origin) throw new Usage(`the server at ${origin} calls itself ${resource}: use that address`);
  if (clientId === null)
    throw new Usage(`${origin} has no client for the command line: ask its owner to set cliClientId, or set HOLDPOINT_TOKEN`);
  return { issuer: issuers[0] ?? '', audience, clientId, scope: said.data.holdpoint_cli_scope };
};

export const login: Command = {
  usage: [
    'holdpoint login [--url URL]',
    '',
    'Prints an address to open in a browser of this machine, and waits five minutes for the sign-in. The token is kept in a file that only',
    'you can read, under XDG_CONFIG_HOME/holdpoint or ~/.config/holdpoint, until it expires. attest, waive, runs, status, wait and all other commands of people use it when',
    'neither --token nor HOLDPOINT_TOKEN is set.',
  ].join('\n'),
  binds: 'the server of the stage, for which alone the token is kept',
  defaults: '--url HOLDPOINT_URL, else the running local stage',
  examples: ['holdpoint login', 'holdpoint login --url https://holdpoint.example.com'],
  prints: z.object({ origin: z.string(), expiresAt: z.string(), file: z.string() }),
  run: async (argv, io) => {
    const { values } = read(argv, {}, []);
    const origin = await originOf(io, values);
    const file = placeOf(io.env, origin);
    const signedIn = await signInWithBrowser(io, { origin, ...(await metadataOf(io, origin)), waitMs: signInMs });
    const { expiresAt } = signedIn;
    await keepToken(io.env, { origin, ...signedIn });
    io.out(
      values.json ? jsonText({ origin, expiresAt, file }) : `Signed in at ${origin} until ${expiresAt}. The token is kept in ${file}.\n`,
    );
    return 0;
  },
};

export const logout: Command = {
  usage: 'holdpoint logout [--url URL]\n\nDeletes the file. A copy of the token stays valid until it expires.',
  binds: 'the server of the stage, whose token is deleted on this machine',
  defaults: '--url HOLDPOINT_URL, else the running local stage',
  examples: ['holdpoint logout', 'holdpoint logout --url https://holdpoint.example.com'],
  prints: z.object({ origin: z.string(), deleted: z.boolean() }),
  run: async (argv, io) => {
    const { values } = read(argv, {}, []);
    const origin = await originOf(io, values);
    const deleted = await forgetToken(io.env, origin);
    const text = deleted ? `The token for ${origin} was deleted.\n` : `No token for ${origin} was kept.\n`;
    io.out(values.json ? jsonText({ origin, deleted }) : text);
    return 0;
  },
};

type Given = { readonly url?: string | undefined; readonly token?: string | undefined; readonly as?: string | undefined };

const originOf = async (io: Io, { url, token, as }: Given): Promise<string> => {
  if (token !== undefined || as !== undefined) throw new Usage(`--${as === undefined ? 'token' : 'as'} has no meaning here: leave it out`);
  return (await serverOf(io, url)).origin;
};
