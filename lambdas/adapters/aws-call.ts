import { setTimeout as sleep } from 'node:timers/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import type * as z from 'zod';
import type { AwsPlace, Failed } from '../../lib/collectors/ports.ts';
import type { Clock } from '../../lib/ports.ts';
import { Sha256 } from './sha256.ts';

export type AwsCredentials = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
export type AwsAccess = {
  readonly credentials: () => Promise<AwsCredentials>;
  readonly clock: Clock;
  readonly region: string;
  /** A server other than AWS. */
  readonly endpoint?: string | undefined;
  readonly fetch?: typeof fetch;
  /** Milliseconds after the first try; none in tests. */
  readonly pauseMs?: number;
};

/** One request of a service by its name in host and signature. `target` names the operation of a JSON protocol. */
export type AwsRequest = {
  readonly service: 'monitoring' | 'ecs' | 'sts';
  readonly contentType: string;
  readonly target?: string;
  readonly body: string;
};
/** Sends to the region, with the rights of the role. A failure names the service and AWS's error code, never the request. */
export type AwsCall = (place: AwsPlace, request: AwsRequest) => Promise<{ readonly text: string } | Failed>;

const tries = 3;
const tryMs = 8_000;
const sessionName = 'holdpoint-collector';
/** A session is used until shortly before its end. */
const marginMs = 5 * 60_000;
const sessionSeconds = 900;

/**
 * CloudWatch, ECS and STS by signed `fetch`: their clients would be three more dependencies for a handful of requests that only read. The
 * sessions of roles are kept until they end.
 */
export const createAwsCall = (
  access: AwsAccess,
): { readonly call: AwsCall; readonly credentialsOf: (place: AwsPlace) => Promise<AwsCredentials | Failed> } => {
  const sessions = new Map<string, { readonly credentials: AwsCredentials; readonly until: number }>();
  const credentialsOf = async ({ role }: AwsPlace): Promise<AwsCredentials | Failed> => {
    if (role === undefined) return access.credentials();
    const kept = sessions.get(role);
    if (kept !== undefined && kept.until > access.clock.now().getTime()) return kept.credentials;
    const until = access.clock.now().getTime() + sessionSeconds * 1000 - marginMs;
    const assumed = await assume(access, role);
    if (!('failed' in assumed)) sessions.set(role, { credentials: assumed, until });
    return assumed;
  };
  return {
    credentialsOf,
    call: async (place, request) => {
      const credentials = await credentialsOf(place);
      return 'failed' in credentials ? credentials : send(access, place.region ?? access.region, credentials, request);
    },
  };
};

const assume = async (access: AwsAccess, role: string): Promise<AwsCredentials | Failed> => {
  const asked = {
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: sessionName,
    DurationSeconds: String(sessionSeconds),
  };
  const answer = await send(access, access.region, await access.credentials(), {
    service: 'sts',
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams(asked).toString(),
  });
  if ('failed' in answer) return answer;
  const named = (name: string): string | undefined => new RegExp(`<${name}>([^<>]+)</${name}>`).exec(answer.text)?.[1];
  const [accessKeyId, secretAccessKey, sessionToken] = [named('AccessKeyId'), named('SecretAccessKey'), named('SessionToken')];
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
    return { failed: 'sts gave no credentials for the role' };
  return { accessKeyId, secretAccessKey, sessionToken };
};

const send = async (
  access: AwsAccess,
  region: string,
  credentials: AwsCredentials,
  request: AwsRequest,
): Promise<{ readonly text: string } | Failed> => {
  for (let tried = 1; ; tried += 1) {
    const answer = await sendOnce(access, region, credentials, request);
    if ('text' in answer || !answer.transient || tried === tries) return 'text' in answer ? answer : { failed: answer.failed };
    await sleep((access.pauseMs ?? 200) * 2 ** (tried - 1));
  }
};

type Answer = { readonly text: string } | (Failed & { readonly transient: boolean });

const sendOnce = async (
  { clock, endpoint, fetch: request = fetch }: AwsAccess,
  region: string,
  credentials: AwsCredentials,
  { service, contentType, target, body }: AwsRequest,
): Promise<Answer> => {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const { origin, host, protocol } = new URL(endpoint ?? `https://${service}.${region}.${suffix}`);
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const headers = { host, 'content-type': contentType, ...(target === undefined ? {} : { 'x-amz-target': target }) };
  const { headers: signed } = await signer.sign(
    { method: 'POST', protocol, hostname: host, path: '/', query: {}, headers, body },
    { signingDate: clock.now() },
  );
  const { host: _, ...sent } = signed;
  try {
    const answer = await request(`${origin}/`, {
      method: 'POST',
      headers: new Headers(sent),
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(tryMs),
    });
    const text = await answer.text();
    if (answer.ok) return { text };
    const code = codeIn(text);
    const transient = answer.status >= 500 || answer.status === 429 || /Throttl|TooManyRequests|RequestLimitExceeded/.test(code);
    return { failed: `${service} answered ${answer.status} ${code}`.trim(), transient };
  } catch (fault) {
    return { failed: `${service} did not answer: ${fault instanceof Error ? fault.name : 'unknown fault'}`, transient: true };
  }
};

/** The error code of a JSON or XML answer. Its message repeats names of the request, and is left out. */
const codeIn = (text: string): string =>
  /"(?:__type|code)"\s*:\s*"(?:[\w.]+#)?([\w.]{1,80})/.exec(text)?.[1] ?? /<Code>([\w.]{1,80})<\/Code>/.exec(text)?.[1] ?? '';

/** Undefined for an answer that is not JSON of this form. */
export const parsed = <S extends z.ZodType>(schema: S, text: string): z.infer<S> | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
