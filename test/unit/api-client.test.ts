import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../lib/api/client.ts';
import { faultProblem, problemContentType } from '../../lib/api/problem.ts';
import { Unreachable } from '../../lib/api/unreachable.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const gateway = (status: number) => () => Response.json({ message: 'Internal Server Error' }, { status });
const problem =
  (type: Parameters<typeof faultProblem>[0], headers = {}) =>
  () => {
    const body = faultProblem(type, 'r-1');
    return new Response(JSON.stringify(body), { status: body.status, headers: { 'content-type': problemContentType, ...headers } });
  };
const broken = (code: string) => () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
};
const cancelled = { event: 'people.1', alreadyRecorded: false, gate: 'phase-1' };
const good = () => Response.json(cancelled);

/** Sends one POST to a server that gives these answers in turn, the last one for ever. */
const sent = async (...answers: readonly (() => Response)[]) => {
  const requests: Request[] = [];
  const client = createClient({
    baseUrl: 'https://holdpoint.example',
    token: () => 'token',
    fetch: async (url, init) => {
      requests.push(new Request(url as string, init));
      return (answers[Math.min(requests.length, answers.length) - 1] ?? good)();
    },
  });
  const answer = client.cancelRun({ params: { run: 'r' }, body: { reason: 'The window was moved.' } }).then(
    (ok) => ok,
    (thrown: unknown) => thrown,
  );
  await vi.runAllTimersAsync();
  const keys = new Set(requests.map(({ headers }) => headers.get('idempotency-key')));
  return { answer: await answer, requests: requests.length, keys: keys.size };
};

describe('a request that was not answered', () => {
  test.each([
    ['by API Gateway, whose authorizer or function failed', gateway(500)],
    ['by what stands before the API', gateway(502)],
    ['by a gateway in its time', gateway(504)],
    ['because too many are on their way', gateway(429)],
    ['by a function that failed', problem('fault', { 'retry-after': '1' })],
    ['because others wrote first', problem('busy')],
    ['because the connection was reset', broken('ECONNRESET')],
    ['because the connection ended', broken('UND_ERR_SOCKET')],
  ])('%s, is sent again with the same key', async (_, first) => {
    const { answer, requests, keys } = await sent(first, good);
    expect({ answer, requests, keys }).toMatchObject({ answer: { ok: cancelled }, requests: 2, keys: 1 });
  });

  test.each([
    ['a damaged trail', problem('trail-damaged')],
    ['a port that nobody listens to', broken('ECONNREFUSED')],
    ['a name that is unknown', broken('ENOTFOUND')],
  ])('is not sent again to %s', async (_, first) => {
    expect((await sent(first)).requests).toBe(1);
  });

  test.each([
    ['gateway', gateway(500)],
    ['connection', broken('ECONNRESET')],
  ])('is sent four times at most: %s', async (_, always) => {
    const { answer, requests } = await sent(always);
    expect(requests).toBe(4);
    expect(answer).toBeInstanceOf(Unreachable);
  });
});
