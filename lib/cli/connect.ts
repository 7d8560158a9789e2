import * as z from 'zod';
import { type Client, createClient, Unreachable } from '../api/client.ts';
import { type Io, Usage } from './io.ts';

type Target = { readonly url?: string | undefined; readonly token?: string | undefined; readonly as?: string | undefined };

/**
 * Finds the server and the token: flags first, then HOLDPOINT_URL and HOLDPOINT_TOKEN, then GitHub Actions' own token, then a running
 * local stage. `who` is the local person, or `ci`, whose token is used without `--as`.
 */
export const connect = async (io: Io, target: Target, who: string): Promise<Client> => {
  const local = target.url === undefined && io.env.HOLDPOINT_URL === undefined ? await io.local() : undefined;
  const baseUrl = target.url ?? io.env.HOLDPOINT_URL ?? local?.url;
  if (baseUrl === undefined)
    throw new Usage('no server address: set HOLDPOINT_URL or --url, or start a local stage with `npx holdpoint local up`');
  if (!/^https?:/.test(baseUrl) || !URL.canParse(baseUrl))
    throw new Usage(`${baseUrl} is not a server address: expected one such as https://holdpoint.example.com`);
  const token = target.token ?? io.env.HOLDPOINT_TOKEN;
  const get = token !== undefined ? () => token : local !== undefined ? () => local.tokenOf(target.as ?? who) : actionsToken(io);
  return createClient({ baseUrl: baseUrl.replace(/\/$/, ''), token: get, fetch: io.fetch });
};

const actionsAnswer = z.object({ value: z.string().min(1) });

/** The OpenID token that GitHub Actions gives a job with `permissions: id-token: write`. */
const actionsToken = (io: Io) => async (): Promise<string> => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = io.env;
  if (url === undefined || secret === undefined)
    throw new Usage('no token: set HOLDPOINT_TOKEN or --token; in GitHub Actions, give the job `permissions: id-token: write`');
  const audience = io.env.HOLDPOINT_AUDIENCE ?? 'holdpoint';
  const response = await io
    .fetch(`${url}&audience=${encodeURIComponent(audience)}`, { headers: { authorization: `Bearer ${secret}` } })
    .catch((cause: unknown) => {
      throw new Unreachable('GitHub did not return a token', { cause });
    });
  const answer = actionsAnswer.safeParse(await response.json().catch(() => undefined));
  if (!answer.success) throw new Unreachable(`GitHub did not return a token: status ${response.status}`);
  return answer.data.value;
};
