import { SignatureV4 } from '@smithy/signature-v4';
import type { Reply } from '../../lib/actuators/ports.ts';
import { cut } from '../../lib/canonical-json.ts';
import type { Clock } from '../../lib/ports.ts';
import { Sha256 } from './sha256.ts';

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };

export type SignedAccess = {
  readonly credentials: () => Promise<Credentials>;
  readonly clock: Clock;
  readonly region: string;
  /** A server other than AWS. */
  readonly endpoint?: string | undefined;
  readonly fetch?: typeof fetch;
};

type Post = { readonly service: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };

const timeoutMs = 10_000;

/**
 * One signed request to a service of AWS, for services whose clients would add themselves to a bundle for a call or two. An answer with an
 * error is `busy` where trying again may help, else `refused` with the error's name and message on one line.
 */
export const signedPost = async (access: SignedAccess, { service, headers, body }: Post): Promise<Reply<string>> => {
  const { region, clock, credentials, fetch: send = fetch } = access;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const { origin, host, protocol } = new URL(access.endpoint ?? `https://${service}.${region}.${suffix}`);
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  try {
    const { headers: signed } = await signer.sign(
      { method: 'POST', protocol, hostname: host, path: '/', query: {}, headers: { host, ...headers }, body },
      { signingDate: clock.now() },
    );
    const { host: _, ...sent } = signed;
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await send(`${origin}/`, { method: 'POST', headers: new Headers(sent), body, redirect: 'manual', signal });
    const text = await answer.text();
    if (answer.ok) return { ok: text };
    const why = `${service} answered ${answer.status} ${errorIn(text)}`.trim();
    return answer.status === 429 || answer.status >= 500 || busyErrors.test(errorIn(text)) ? { busy: why } : { refused: why };
  } catch (fault) {
    return { busy: `${service} did not answer: ${cut(fault instanceof Error ? fault.message : 'no reason', 200)}` };
  }
};

/** Names of errors after which trying again may help. */
export const busyErrors =
  /Throttl|TooManyRequests|RequestLimitExceeded|ServiceUnavailable|ServerException|ServiceException|InternalFailure|InternalError/;

/** Name and message of an error, from JSON or XML. */
const errorIn = (text: string): string => {
  const named = /"__type"\s*:\s*"(?:[^"#]*#)?([\w.]+)"/.exec(text)?.[1] ?? /<Code>([\w.]+)<\/Code>/.exec(text)?.[1] ?? '';
  const said = /"[mM]essage"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? '';
  return cut(`${named} ${said}`.trim(), 300);
};
