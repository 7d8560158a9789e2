/** The part of API Gateway's event (payload 2.0) that the service reads. Names of headers are in lower case. */
export type HttpEvent = {
  readonly rawPath: string;
  readonly rawQueryString?: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
  readonly requestContext: {
    readonly requestId?: string | undefined;
    /** Through which API the request came; absent when the function was invoked without one. */
    readonly apiId?: string | undefined;
    readonly http: { readonly method: string; readonly sourceIp?: string | undefined };
  };
};

export type HttpResult = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

export const json = (statusCode: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpResult => ({
  statusCode,
  headers: { ...always, 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

/** A problem document (RFC 9457). */
export const problem = (status: number, title: string, detail: string, headers: Readonly<Record<string, string>> = {}): HttpResult =>
  json(status, { type: 'about:blank', title, status, detail }, { 'content-type': 'application/problem+json', ...headers });

export const empty = (statusCode: number, headers: Readonly<Record<string, string>>): HttpResult => ({
  statusCode,
  headers: { ...always, ...headers },
  body: '',
});

/** The body as JSON; undefined when it is not JSON. */
export const bodyOf = ({ body, isBase64Encoded }: HttpEvent): unknown => {
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? ''));
  } catch {
    return undefined;
  }
};
