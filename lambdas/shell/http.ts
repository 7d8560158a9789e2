import * as z from 'zod';

/** An HTTP API event, payload format 2.0: the members that we read. */
export const httpEventSchema = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string().optional()).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    requestId: z.string(),
    http: z.object({ method: z.string() }),
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

/** Methods that a `Request` cannot carry, and no route takes. */
export const isCarried = (method: string): boolean => /^[A-Z]{1,20}$/.test(method) && !['TRACE', 'TRACK', 'CONNECT'].includes(method);

/** The path arrives decoded; what would end a path is encoded again, so that it stays part of it. */
const pathOf = (rawPath: string): string => rawPath.replace(/[?#]/g, encodeURIComponent);

export const requestOf = (event: HttpEvent): Request => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers))
    if (value !== undefined && isHeader(name, value) && !/^(cookie|content-length|host|connection|transfer-encoding)$/i.test(name))
      headers.set(name, value);
  // Payload 2.0 has cookies apart; the local emulator leaves them in the header, as the authorizer's payload may, too.
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

/** A header that HTTP itself does not know is as good as none: whoever needs it says that it is missing. */
const isHeader = (name: string, value: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

export const resultOf = async (response: Response): Promise<HttpResult> => {
  const cookies = response.headers.getSetCookie();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'));
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length === 0 ? {} : { cookies }),
    body: await response.text(),
    isBase64Encoded: false,
  };
};
