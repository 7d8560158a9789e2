import { setTimeout as sleep } from 'node:timers/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../../lib/ports.ts';
import { Sha256 } from './sha256.ts';
import { escaped, queryOf } from './uri-escape.ts';

/** Limits of one call with all its tries, and of one try. A function that waits for S3 keeps enough time to report the fault. */
export type RetryLimits = { readonly tries: number; readonly tryMs: number; readonly allMs: number; readonly pauseMs: number };
const defaultLimits: RetryLimits = { tries: 4, tryMs: 6_000, allMs: 12_000, pauseMs: 100 };

/** `endpoint` is a server other than AWS, addressed by path, because it has no host name for each bucket. */
export type S3Endpoint = { readonly region: string; readonly endpoint: string | undefined };
type Access = S3Endpoint & {
  readonly credentials: () => Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }>;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
  readonly limits?: RetryLimits;
  /** How long the function may still wait, in milliseconds. Default: for ever. */
  readonly leftMs?: () => number;
};

export type S3Request = {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly bucket: string;
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Of a longer object nothing is read. */
  readonly mostBytes?: number;
};
/**
 * `code` is S3's error code, empty after success; `etag` and `version` are those of the object, empty where S3 names none. `length` is what S3
 * sent or would have sent.
 */
export type S3Answer = Readonly<Record<'code' | 'request' | 'etag' | 'version', string>> & {
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly length: number;
};

/**
 * Sends a signed request, with retries while S3 is busy or unreachable, so the request has to be idempotent. Resolves with the last response,
 * also an error response. Throws when S3 did not respond.
 */
export type S3 = (request: S3Request) => Promise<S3Answer>;

/**
 * S3 by signed `fetch`, because S3's client would add 80 KB to every function for two kinds of requests. All other clients use the same signer,
 * so it is in the bundles anyway.
 */
export const createS3 = ({
  fetch: send = fetch,
  limits = defaultLimits,
  leftMs = () => Number.POSITIVE_INFINITY,
  ...access
}: Access): S3 => {
  const signer = signerOf(access);
  return async (request) => {
    const moreMs = (request.body?.byteLength ?? request.mostBytes ?? 0) / leastBytesPerMs;
    const until = performance.now() + Math.min(limits.allMs + moreMs, leftMs());
    for (let tried = 1; ; tried += 1) {
      const signed = await sign(signer, access, request);
      // The timeout also covers reading the body.
      const signal = AbortSignal.timeout(Math.ceil(Math.max(1, Math.min(limits.tryMs + moreMs, until - performance.now()))));
      const answer = await send(signed.url, { ...signed.init, signal })
        .then((response) => answerOf(response, request.mostBytes))
        .catch(asFault);
      const pauseMs = Math.ceil(limits.pauseMs * 2 ** (tried - 1) * Math.random());
      const isLast = tried === limits.tries || performance.now() + pauseMs >= until;
      if ('fault' in answer) {
        if (isLast) throw new Error(`S3 did not answer ${nameOf(request)} after ${tried} tries`, { cause: answer.fault });
      } else if (isLast || !isTransient(answer)) return answer;
      await sleep(pauseMs);
    }
  };
};

/** A large object has so much longer. In its own region S3 is ten times as fast. */
const leastBytesPerMs = 5_000;

const signerOf = ({ region, credentials }: Pick<Access, 'region' | 'credentials'>): SignatureV4 =>
  new SignatureV4({ service: 's3', region, credentials, sha256: Sha256, uriEscapePath: false });

/** An address with which anybody can send the request until it expires. */
export type Presign = (
  request: Pick<S3Request, 'bucket' | 'key'> & {
    readonly method: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string>>;
  },
  seconds: number,
) => Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }>;

/**
 * Signs the request into its address (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). Its headers stay headers
 * and are signed: who sends others is refused.
 */
export const createPresign = ({ clock, ...access }: Omit<Access, 'fetch' | 'limits'>): Presign => {
  const signer = signerOf(access);
  return async ({ method, bucket, key, headers = {}, query: asked = {} }, seconds) => {
    const { origin, host, protocol, path } = addressOf(access, bucket, key);
    const { query = {} } = await signer.presign(
      { method, protocol, hostname: host, path, query: asked, headers: { ...headers, host, [payload]: 'UNSIGNED-PAYLOAD' } },
      {
        expiresIn: seconds,
        signingDate: clock.now(),
        // The signer would move them into the address, where they bind nobody.
        unhoistableHeaders: new Set([...Object.keys(headers), payload]),
        // S3 takes a payload that no header speaks of for an unsigned one.
        unsignableHeaders: new Set([payload]),
      },
    );
    return { url: `${origin}${path}?${queryOf(query)}`, headers };
  };
};
const payload = 'x-amz-content-sha256';

/** The error for an unexpected response. It leaves out S3's own text, which repeats the signed request. */
export const s3Fault = (request: S3Request, { status, code, request: id }: S3Answer): Error =>
  new Error(`S3 answered ${[status, code].join(' ').trim()} to ${nameOf(request)}, request ${id || 'unknown'}`);

const nameOf = ({ method, bucket, key }: S3Request): string => `${method} ${bucket}/${key}`;

/** Whether a retry can help: a concurrent write of the same key, throttling, a fault of S3, a slow body, a skewed clock. */
const isTransient = ({ status, code }: S3Answer): boolean =>
  status === 409 || status === 429 || status >= 500 || code === 'RequestTimeout' || code === 'RequestTimeTooSkewed';

const asFault = (fault: unknown): { readonly fault: unknown } => ({ fault });

const answerOf = async (response: Response, mostBytes: number | undefined): Promise<S3Answer> => {
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const isTooLong = response.ok && mostBytes !== undefined && !(length <= mostBytes);
  const bytes = isTooLong ? await unread(response) : mostBytes === undefined ? await wholeOf(response) : await read(response, length);
  const code = response.ok ? '' : (/<Code>([\w.]{1,64})<\/Code>/.exec(Buffer.from(bytes).toString('utf8'))?.[1] ?? '');
  const named = (header: string): string => response.headers.get(header) ?? '';
  return {
    status: response.status,
    code,
    request: named('x-amz-request-id'),
    etag: named('etag'),
    version: named('x-amz-version-id'),
    bytes,
    length: isTooLong ? length : bytes.byteLength,
  };
};

const wholeOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());

const unread = async (response: Response): Promise<Uint8Array> => {
  await response.body?.cancel();
  return new Uint8Array();
};

/** Piece by piece into its place: collected and then joined, a large object would be in memory twice. */
const read = async (response: Response, length: number): Promise<Uint8Array> => {
  if (!response.ok || response.body === null) return wholeOf(response);
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const piece of response.body) {
    if (at + piece.byteLength > length) throw new Error('S3 sent more than it said');
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return at === length ? bytes : bytes.subarray(0, at);
};

const sign = async (
  signer: SignatureV4,
  { clock, ...place }: S3Endpoint & Pick<Access, 'clock'>,
  { method, bucket, key, headers, body }: S3Request,
): Promise<{ readonly url: string; readonly init: RequestInit }> => {
  const { origin, host, protocol, path } = addressOf(place, bucket, key);
  const { headers: signed } = await signer.sign(
    { method, protocol, hostname: host, path, query: {}, headers: { ...headers, host }, body },
    { signingDate: clock.now() },
  );
  // `fetch` takes the host from the URL. It would follow a redirect without the signature, so a redirect counts as a response.
  const { host: _, ...sent } = signed;
  const init = { method, headers: new Headers(sent), redirect: 'manual', body: body as Uint8Array<ArrayBuffer> | undefined } as const;
  return { url: `${origin}${path}`, init };
};

const addressOf = ({ region, endpoint }: S3Endpoint, bucket: string, key: string) => {
  const segments = key.split('/');
  // A URL resolves these segments, so it would name another object.
  if (segments.some((segment) => segment === '.' || segment === '..')) throw new TypeError(`S3: got the key ${key}, which no URL can name`);
  const path = `/${segments.map(escaped).join('/')}`;
  if (endpoint === undefined) {
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const host = `${bucket}.s3.${region}.${suffix}`;
    return { origin: `https://${host}`, host, protocol: 'https:', path };
  }
  const { origin, host, protocol, pathname } = new URL(endpoint);
  return { origin, host, protocol, path: `${pathname.replace(/\/$/, '')}/${escaped(bucket)}${path}` };
};
