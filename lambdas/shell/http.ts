import * as z from 'zod';

/** The fields that we read of an HTTP API event, payload format 2.0. */
export const httpEventSchema = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string().optional()).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    requestId: z.string(),
    /** `sourceIp` is the peer of the connection that API Gateway accepted; headers such as X-Forwarded-For say what a caller likes. */
    http: z.object({ method: z.string(), sourceIp: z.union([z.ipv4(), z.ipv6()]).optional().catch(undefined) }),
    routeKey: z.string().optional(),
    authorizer: z.object({ lambda: z.unknown() }).partial().nullish(),
  }),
});
export type HttpEvent = z.infer<typeof httpEventSchema>;

export type HttpResult = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: false;
};

/** Whether a `Request` can have this method. No route has one of the others. */
export const isCarried = (method: string): boolean => /^[A-Z]{1,20}$/.test(method) && !['TRACE', 'TRACK', 'CONNECT'].includes(method);

/** The path arrives decoded; `?` and `#` are encoded again, so that they stay part of it. */
const pathOf = (rawPath: string): string => rawPath.replace(/[?#]/g, encodeURIComponent);

export const requestOf = (event: HttpEvent): Request => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers))
    if (value !== undefined && isHeader(name, value) && !/^(cookie|content-length|host|connection|transfer-encoding)$/i.test(name))
      headers.set(name, value);
  // Payload 2.0 has cookies in a field of their own; the local emulator leaves them in the header, and so may the authorizer's payload.
  const inHeader = Object.entries(event.headers).find(([name]) => /^cookie$/i.test(name))?.[1];
  const cookies = event.cookies.length > 0 ? event.cookies.join('; ') : inHeader;
  if (cookies !== undefined && isHeader('cookie', cookies)) headers.set('cookie', cookies);
  const { method } = event.requestContext.http;
  const body =
    event.body === undefined || method === 'GET' || method === 'HEAD'
      ? null
      : Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  return new Request(new URL(`http://holdpoint.internal${pathOf(event.rawPath)}${query}`), { method, headers, body });
};

/** A header that HTTP does not allow is dropped; the operation that needs it reports it as missing. */
const isHeader = (name: string, value: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

export const resultOf = async (response: Response): Promise<HttpResult> => {
  const cookies = response.headers.getSetCookie();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'));
  return {
    statusCode: response.status,
    headers: { 'strict-transport-security': 'max-age=31536000', ...headers },
    ...(cookies.length === 0 ? {} : { cookies }),
    body: await response.text(),
    isBase64Encoded: false,
  };
};
