import { setTimeout as sleep } from 'node:timers/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import type * as z from 'zod';
import type { Reply } from '../../lib/actuators/ports.ts';
import { cut } from '../../lib/canonical-json.ts';
import type { AwsPlace } from '../../lib/checklist/targets.ts';
import type { Clock } from '../../lib/ports.ts';
import { type AwsOperation, type AwsService, postedOf, signedAs } from './aws-protocols.ts';
import { Sha256 } from './sha256.ts';
import { queryOf } from './uri-escape.ts';

export type AwsCredentials = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
export type AwsAccess = {
  readonly credentials: () => Promise<AwsCredentials>;
  readonly clock: Clock;
  readonly region: string;
  /** A server other than AWS. */
  readonly endpoint?: string | undefined;
  readonly fetch?: typeof fetch;
  /** Name of the sessions of roles. The accounts of the roles see it in their logs. */
  readonly session?: string;
  /** How often a request is sent while the service is busy. One where the caller repeats its work by itself. */
  readonly tries?: number;
  /** How long one try may take, in milliseconds. */
  readonly tryMs?: number;
  /** How long the function may still wait, in milliseconds. The tries of a request share it. Default: for ever. */
  readonly leftMs?: () => number;
  /** Milliseconds after the first try; none in tests. */
  readonly pauseMs?: number;
};

/** `mostMs`: how long one try of this request may take. */
export type AwsRequest = {
  readonly [S in AwsService]: {
    readonly service: S;
    readonly operation: AwsOperation<S>;
    readonly input: object;
    readonly mostMs?: number;
  };
}[AwsService];

/**
 * Why a request has no answer: `failed` names the service and AWS's error code. `code` is that code alone, empty where AWS gives none, or the
 * name of the fault where nothing was answered. `message` is AWS's own text, which repeats names of the request. `busy`: throttled, a fault of
 * the service or a lost connection, so that trying again may help.
 */
export type AwsFailure = { readonly failed: string; readonly code: string; readonly message: string; readonly busy: boolean };

/** `functionError`: Lambda's word for how an invoked function failed. The text is then what the function said. */
export type AwsAnswer = { readonly text: string; readonly functionError?: string };

/** Sends to the region of the place, with the rights of its role. */
export type AwsCall = (place: AwsPlace, request: AwsRequest) => Promise<AwsAnswer | AwsFailure>;
export type Aws = { readonly call: AwsCall; readonly credentialsOf: (place: AwsPlace) => Promise<AwsCredentials | AwsFailure> };

const defaultTries = 3;
const defaultPauseMs = 200;
const defaultTryMs = 5_000;
/** In less nobody answers. Milliseconds. */
const leastTryMs = 20;
/** The shortest session that STS gives. */
const sessionSeconds = 900;
/** A session that ends so soon is not used any more. */
const leastLeftMs = 180_000;

/**
 * Signed requests by `fetch`, to services whose clients would add themselves to a bundle for a few requests of one form. A session of a role is
 * kept until shortly before its end.
 */
export const createAwsCall = (access: AwsAccess): Aws => {
  const sessions = new Map<string, Session>();
  const credentialsOf = async ({ role, externalId }: AwsPlace): Promise<AwsCredentials | AwsFailure> => {
    if (role === undefined) return access.credentials();
    const key = JSON.stringify([role, externalId]);
    const kept = sessions.get(key);
    if (kept !== undefined && kept.until - leastLeftMs > access.clock.now().getTime()) return kept.credentials;
    const session = await assume(access, role, externalId);
    if ('failed' in session) return session;
    sessions.set(key, session);
    return session.credentials;
  };
  return {
    credentialsOf,
    call: async (place, request) => {
      const credentials = await credentialsOf(place);
      return 'failed' in credentials ? credentials : send(access, place.region ?? access.region, credentials, request);
    },
  };
};

type Session = { readonly credentials: AwsCredentials; readonly until: number };

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const assume = async (access: AwsAccess, role: string, externalId: string | undefined): Promise<Session | AwsFailure> => {
  const began = access.clock.now().getTime();
  const answer = await send(access, access.region, await access.credentials(), {
    service: 'sts',
    operation: 'AssumeRole',
    input: {
      RoleArn: role,
      RoleSessionName: access.session ?? 'holdpoint',
      DurationSeconds: String(sessionSeconds),
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    },
  });
  // A time-out of STS must not pass for one of the service that was meant: nothing of that was begun.
  if ('failed' in answer) return answer.code === 'TimeoutError' ? { ...answer, code: 'SessionTimeout' } : answer;
  const named = (name: string): string | undefined => new RegExp(`<${name}>([^<>]+)</${name}>`).exec(answer.text)?.[1]?.trim();
  const [accessKeyId, secretAccessKey, sessionToken] = [named('AccessKeyId'), named('SecretAccessKey'), named('SessionToken')];
  if (!accessKeyId || !secretAccessKey || !sessionToken)
    return { failed: 'sts gave no credentials', code: '', message: `for ${role}`, busy: false };
  const ends = Date.parse(named('Expiration') ?? '');
  return {
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    until: Number.isFinite(ends) ? ends : began + sessionSeconds * 1000,
  };
};

const send = async (
  access: AwsAccess,
  region: string,
  credentials: AwsCredentials,
  request: AwsRequest,
): Promise<AwsAnswer | AwsFailure> => {
  const { tries = defaultTries, tryMs = defaultTryMs, pauseMs = defaultPauseMs, leftMs = () => Number.POSITIVE_INFINITY } = access;
  const { service, operation, mostMs = tryMs } = request;
  for (let tried = 1; ; tried += 1) {
    const withinMs = Math.min(mostMs, leftMs() / (tries - tried + 1));
    if (withinMs < leastTryMs)
      return {
        failed: `${service} was not asked for ${operation}: the function has no time left`,
        code: 'NoTimeLeft',
        message: '',
        busy: true,
      };
    const answer = await sendOnce(access, region, credentials, { ...request, mostMs: Math.floor(withinMs) });
    if ('text' in answer || !answer.busy || tried >= tries) return answer;
    await sleep(Math.max(0, Math.min(pauseMs * 2 ** (tried - 1), leftMs())));
  }
};

const sendOnce = async (
  { clock, endpoint, fetch: ask = fetch, tryMs = defaultTryMs }: AwsAccess,
  region: string,
  credentials: AwsCredentials,
  { service, operation, input, mostMs = tryMs }: AwsRequest,
): Promise<AwsAnswer | AwsFailure> => {
  const { method, path, query, headers, body } = postedOf(service, operation, input);
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const { origin, host, protocol } = new URL(endpoint ?? `https://${service}.${region}.${suffix}`);
  const signer = new SignatureV4({ service: signedAs(service), region, credentials, sha256: Sha256 });
  const { headers: signed } = await signer.sign(
    { method, protocol, hostname: host, path, query: { ...query }, headers: { host, ...headers }, body },
    { signingDate: clock.now() },
  );
  const { host: _, ...sent } = signed;
  const search = queryOf(query);
  try {
    const answer = await ask(`${origin}${path}${search === '' ? '' : `?${search}`}`, {
      method,
      headers: new Headers(sent),
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(mostMs),
    });
    const text = await answer.text();
    const functionError = answer.headers.get('x-amz-function-error');
    if (answer.ok) return { text, ...(functionError === null ? {} : { functionError }) };
    return refusalIn(service, answer.status, answer.headers.get('x-amzn-errortype') ?? '', text);
  } catch (fault) {
    const { name, message } = fault instanceof Error ? fault : { name: 'unknown fault', message: '' };
    return { failed: `${service} did not answer: ${name}`, code: name, message, busy: true };
  }
};

/** Of a JSON or an XML answer, whose code may stand in a header. */
const refusalIn = (service: string, status: number, header: string, text: string): AwsFailure => {
  const code =
    /^[\w.]{1,80}/.exec(header)?.[0] ??
    /"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?([\w.]{1,80})/.exec(text)?.[1] ??
    /<Code>([\w.]{1,80})<\/Code>/.exec(text)?.[1] ??
    '';
  const message = /"[mM]essage"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? '';
  return { failed: `${service} answered ${status} ${code}`.trim(), code, message, busy: isBusy(status, code) };
};

const busyErrors =
  /Throttl|TooManyRequests|RequestLimitExceeded|ServiceUnavailable|ServerException|ServiceException|InternalFailure|InternalError|InternalException/;

/** Whether trying again may help, by the status and the name of an error. A timeout of ours and a lost connection have no status. */
export const isBusy = (status: number | undefined, name: string): boolean =>
  status === undefined || status === 429 || status >= 500 || busyErrors.test(name);

/** With AWS's own text, on one line, for those who carry out what failed. */
export const replyOf = ({ failed, message, busy }: AwsFailure): Reply<never> => {
  const why = cut(`${failed} ${message}`.trim(), 300);
  return busy ? { busy: why } : { refused: why };
};

/** For those whose caller repeats their work, under AWS's own name. */
export const faultOf = ({ failed, code, message }: AwsFailure): Error => {
  const fault = new Error(cut(`${failed} ${message}`.trim(), 300));
  fault.name = code || 'AwsFailure';
  return fault;
};

/** Undefined for an answer that is not JSON of this form. */
export const parsed = <S extends z.ZodType>(schema: S, text: string): z.infer<S> | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
