import { describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import { ciApi } from '../../lambdas/api/ci.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import type { SignIn } from '../../lambdas/api/sign-in.ts';
import { answer } from '../../lambdas/shell/api-handler.ts';
import { httpEventSchema } from '../../lambdas/shell/http.ts';
import { operations } from '../../lib/api/contract.ts';
import type { Api } from '../../lib/api/mount.ts';
import type { ApiFunction } from '../../lib/api/operation.ts';
import { pages } from '../../lib/api/pages.ts';
import { loginCookie, sessionCookie } from '../../lib/api/session.ts';
import { refuse } from '../../lib/outcome.ts';
import { fakeRandom } from '../fakes/services.ts';
import { fakeEndedSessions, fakeMac } from '../fakes.ts';
import { dependenciesOf, twoGates } from '../given.ts';
import { type Line, listeningLog, stageOf } from './requests.ts';

const stage = stageOf();
const deps = dependenciesOf(twoGates);
const issuer = stage.issuers.find((one): one is SignIn['issuer'] => one.kind === 'people') ?? expect.fail('no people issuer');
const signIn: SignIn = {
  issuer,
  begin: async (fresh) => ({ url: `${issuer.issuer}/auth`, state: { state: 's', nonce: 'n', verifier: 'v'.repeat(43), fresh } }),
  finish: async () => refuse('unauthenticated', 'The identity provider did not sign you in.'),
};
const apis: Readonly<Record<ApiFunction, Api>> = {
  ci: ciApi(deps),
  people: peopleApi({ deps, mac: fakeMac(), stage, signIn }),
  audit: auditApi({ deps, mac: fakeMac() }),
};
const routes = Object.entries({ ...operations, ...pages });

/** What strangers send: too long, of every alphabet, half an escape, another host, another prototype. */
const odd = [
  '',
  'a'.repeat(9_000),
  '€'.repeat(3_000),
  '%',
  '%ff',
  '%00',
  '\u0000',
  '\ud800',
  '\u202e',
  '..',
  '../..//evil.example',
  '//evil.example',
  '\\evil.example',
  '__proto__',
  'constructor',
  'null',
  '-1',
  '1e999',
  '{"a":1}',
  '\r\nset-cookie: x=y',
];

type Pick = <T>(from: readonly T[]) => T;
const pickerOf = (seed: string): Pick => {
  const random = fakeRandom(seed);
  return (from) => from[Math.floor(random.fraction() * from.length)] ?? from[0] ?? expect.fail('nothing to pick from');
};

/** Query names that some route knows, and some that none does. */
const names = [
  'next',
  'fresh',
  'code',
  'state',
  'error',
  'iss',
  'service',
  'environment',
  'cursor',
  'limit',
  'commit',
  'madeAt',
  '__proto__',
  '',
];
const queryOf = (pick: Pick): string => {
  const parts = Array.from({ length: pick([0, 1, 2, 4]) }, () => [pick(names), pick(odd)] as const);
  return parts
    .map(([name, value]) =>
      pick([true, false]) ? `${name}=${value.toWellFormed()}` : `${name}=${encodeURIComponent(value.toWellFormed())}`,
    )
    .join('&');
};
const cookiesOf = (pick: Pick): string[] =>
  Array.from({ length: pick([0, 1, 2]) }, () => {
    const name = pick([sessionCookie(stage.publicUrl), loginCookie(stage.publicUrl), 'other']);
    return `${name}=${pick([...odd, `e30.${'A'.repeat(43)}`, `${'a'.repeat(3_400)}.${'A'.repeat(43)}`])}`;
  });
type Question = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly cookies: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};
/** A call as API Gateway makes it. Any path may come to any function, so the answer need not be one that the route promises. */
const ask = async (
  api: Api,
  { method, path, query, body, ...rest }: Question,
): Promise<{ readonly status: number; readonly faults: readonly Line[] }> => {
  const event = httpEventSchema.parse({
    rawPath: path,
    rawQueryString: query,
    ...rest,
    ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined,
    requestContext: { requestId: 'request-1', http: { method, path }, authorizer: { lambda: { anonymous: 'true' } } },
  });
  const log = listeningLog();
  const { statusCode } = await answer(() => api, event, log);
  return { status: statusCode, faults: log.lines.filter(({ level }) => level === 'fault') };
};

/** The bytes of a header are ASCII. */
const headerOf = (text: string): string => text.toWellFormed().replace(/[^\x20-\x7e]/g, '?');

describe('a request without a caller', () => {
  const seed = process.env.HOLDPOINT_SEED ?? 'anonymous';

  test.each(routes)(`is never a fault: %s (seed ${seed})`, async (id, { method, path, function: served }) => {
    const pick = pickerOf(`${seed}/${id}`);
    for (let turn = 0; turn < 60; turn += 1) {
      const question = {
        method: pick([method, method, method, 'HEAD', 'OPTIONS', 'DELETE', 'PROPFIND']),
        path: path.replace(/\{\w+\}/g, () => encodeURIComponent(pick(odd).toWellFormed()) || 'x'),
        query: queryOf(pick),
        cookies: cookiesOf(pick),
        headers: {
          'content-type': headerOf(pick(['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', ...odd])),
          'idempotency-key': headerOf(pick(odd)),
          'sec-fetch-site': pick(['same-origin', 'cross-site', 'none', '']),
        },
        ...(method === 'GET' ? {} : { body: pick(odd).toWellFormed() }),
      };
      const { status, faults } = await ask(apis[served], question);
      expect([question, status < 500, faults]).toEqual([question, true, []]);
    }
  });

  test(`is anonymous or refused by the authorizer, whatever its token and its cookies are (seed ${seed})`, async () => {
    const authorize = createAuthorize({ stage, mac: () => fakeMac(), sessions: fakeEndedSessions, clock: deps.clock });
    const pick = pickerOf(seed);
    const part = (): string =>
      Buffer.from(pick([...odd, '{"alg":"none"}', '{"iss":{}}', '[]', `{"iss":"${issuer.issuer}","aud":[1,null]}`])).toString('base64url');
    for (let turn = 0; turn < 500; turn += 1) {
      const token = pick([`Bearer ${part()}.${part()}.${part()}`, `Bearer ${pick(odd)}`, `Basic ${part()}`, pick(odd)]);
      const asked = { authorization: pick([token, token, undefined]), cookies: cookiesOf(pick) };
      const identity = await authorize(asked).catch((thrown: unknown) => thrown);
      // A token that names one of our issuers leads to the issuer's keys, and there is no issuer here.
      if (identity instanceof Error) expect([asked, identity.name]).toEqual([asked, 'Unavailable']);
      else
        expect([asked, (identity as { kind: string }).kind]).toEqual([asked, asked.authorization === undefined ? 'anonymous' : 'refused']);
    }
  });
});
