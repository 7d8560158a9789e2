import { excerpt } from '../canonical-json.ts';
import { isPermitted, type PermittedAddresses } from '../checklist/permitted-addresses.ts';
import { counted } from '../wording.ts';
import { isMetadataHost, kindOfAddress } from './addresses.ts';
import type { Connection, Failed, HopAnswer, Resolver } from './ports.ts';

export type DialDependencies = {
  readonly clock: { now(): Date };
  readonly resolver: Resolver;
  readonly connection: Connection;
};

export type DialRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** For everything, redirects included. */
  readonly timeoutMs: number;
  readonly maxBytes?: number | undefined;
  /** Whether private and loopback addresses may be asked. */
  readonly privateAddresses: boolean;
  /** Below which the address and those of all redirects must be. Without it, any address that may be asked. */
  readonly within?: PermittedAddresses | undefined;
  /** Statuses of redirects that are the answer that is asked for. */
  readonly unfollowed?: readonly number[] | undefined;
};
export type DialAnswer = HopAnswer & { readonly redirects: number };

/** Bytes that are read of a body. */
export const mostBodyBytes = 64 * 1024;
const mostRedirects = 5;
/** Addresses of one name that are tried when a connection is refused. */
const mostAddresses = 4;
const userAgent = 'holdpoint-collector';

/**
 * Sends a request to a configured target. The name is resolved first, every address is checked, and the connection goes to an address that was
 * checked, so a name that resolves otherwise a moment later changes nothing. Redirects are followed by hand and checked in the same way.
 */
export const dial = async (deps: DialDependencies, request: DialRequest): Promise<DialAnswer | Failed> => {
  const until = deps.clock.now().getTime() + request.timeoutMs;
  if (!URL.canParse(request.url)) return { failed: 'the address is not a URL' };
  let url = new URL(request.url);
  let own: Own = { headers: request.headers ?? {}, body: request.body };
  for (let redirects = 0; ; redirects += 1) {
    const answer = await hop(deps, request, { url, ...own, until });
    if ('failed' in answer) return redirects === 0 ? answer : { failed: `after ${counted(redirects, 'redirect')}: ${answer.failed}` };
    const location = redirectOf(request, answer);
    if (location === undefined) return { ...answer, redirects };
    if (redirects === mostRedirects) return { failed: `more than ${mostRedirects} redirects` };
    if (!URL.canParse(location, url.href)) return { failed: `redirected with status ${answer.status} to no URL` };
    const next = new URL(location, url);
    if (url.protocol === 'https:' && next.protocol !== 'https:') return { failed: 'redirected from https to an address without it' };
    // Headers and body may hold what identifies Holdpoint to this service; another one must not see them.
    if (next.origin !== url.origin) own = { headers: {}, body: undefined };
    url = next;
  }
};

type Own = { readonly headers: Readonly<Record<string, string>>; readonly body: string | undefined };
type Going = Own & { readonly url: URL; readonly until: number };

const hop = async (deps: DialDependencies, request: DialRequest, { url, headers, body, until }: Going): Promise<HopAnswer | Failed> => {
  const no = whyNot(url) ?? whyNotWithin(url, request);
  if (no !== undefined) return { failed: no };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isLiteral(host) ? { addresses: [host] } : await deps.resolver.resolve(host);
  if ('failed' in found) return { failed: `the name cannot be resolved: ${excerpt(found.failed, 100)}` };
  // One bad address among good ones is a sign of rebinding, so that all have to be good.
  const refused = found.addresses.map((address) => whyNotAddress(address, request.privateAddresses)).find((why) => why !== undefined);
  if (refused !== undefined) return { failed: refused };
  let last: Failed = { failed: 'the name has no address' };
  for (const address of found.addresses.slice(0, mostAddresses)) {
    const timeoutMs = until - deps.clock.now().getTime();
    if (timeoutMs <= 0) return { failed: `no answer within ${request.timeoutMs} ms` };
    const answer = await deps.connection.send({
      url,
      address,
      method: request.method,
      headers: { accept: '*/*', 'user-agent': userAgent, ...headers, 'accept-encoding': 'identity' },
      body,
      timeoutMs,
      maxBytes: request.maxBytes ?? mostBodyBytes,
    });
    if (!('failed' in answer)) return answer;
    last = { failed: excerpt(answer.failed, 150) };
    if (!/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/.test(answer.failed)) return last;
  }
  return last;
};

const isLiteral = (host: string): boolean => host.includes(':') || /^[\d.]+$/.test(host);

const whyNot = ({ protocol, username, password, hostname }: URL): string | undefined => {
  if (protocol !== 'http:' && protocol !== 'https:') return `the scheme ${excerpt(protocol, 20)} is not probed`;
  if (username !== '' || password !== '') return 'an address with a name or password in it is not probed';
  return isMetadataHost(hostname) ? 'the name is that of a metadata service, which is never probed' : undefined;
};

const whyNotWithin = (url: URL, { within }: DialRequest): string | undefined =>
  within === undefined || isPermitted(url, within)
    ? undefined
    : `the stage file permits no request to ${excerpt(`${url.origin}${url.pathname}`, 100)} (permits.addresses)`;

const whyNotAddress = (address: string, privateAddresses: boolean): string | undefined => {
  const kind = kindOfAddress(address);
  if (kind === 'never') return `the address ${excerpt(address, 60)} is never probed`;
  if (kind === 'private' && !privateAddresses)
    return `the address ${excerpt(address, 60)} is private, and the stage does not permit private addresses for this environment`;
  return undefined;
};

/** Only requests without effects are repeated elsewhere. */
const redirectOf = ({ method, unfollowed = [] }: DialRequest, { status, headers }: HopAnswer): string | undefined => {
  const isRedirect = [301, 302, 303, 307, 308].includes(status) && (method === 'GET' || method === 'HEAD') && !unfollowed.includes(status);
  return isRedirect ? headers.location : undefined;
};
