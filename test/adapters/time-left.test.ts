import { readFileSync } from 'node:fs';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAwsCall } from '../../lambdas/adapters/aws-call.ts';
import { inTime } from '../../lambdas/adapters/in-time.ts';
import { createS3 } from '../../lambdas/adapters/s3.ts';
import { beginTime, leftMs, reportMs } from '../../lambdas/shell/time-left.ts';
import { factsOf, functionNames } from '../../lib/lambda-manifest.ts';

/** AWS never answers: whatever a function asks, it must have a fault in its hands before Lambda ends it. */

const credentials = async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
const clock = { now: () => new Date('2026-03-02T08:00:00.000Z') };
/** Only timeouts end a request. */
const silent: typeof fetch = (_url, init) => Promise.reject(init?.signal?.reason);
const role = 'arn:aws:iam::111122223333:role/observer';

let passedMs: number;
beforeEach(() => {
  passedMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => passedMs);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    passedMs += ms;
    return AbortSignal.abort(new DOMException('late', 'TimeoutError'));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  beginTime(undefined);
});
const begin = (seconds: number): void => beginTime({ getRemainingTimeInMillis: () => seconds * 1000 - passedMs });

describe.each(functionNames.map((name) => [name, factsOf(name).seconds] as const))('%s, which has %i seconds', (_name, seconds) => {
  /** What is left is for the log line and the answer. */
  const ends = seconds * 1000 - reportMs;

  test.each([
    ['its own requests', { tries: 3, tryMs: 15_000 }, {}],
    ['its requests with a role', {}, { role }],
    ['a request that is made once and may take long', { tries: 1, tryMs: 90_000 }, {}],
  ])('gets a fault of %s, and after them of every other, before it is ended', async (_what, times, place) => {
    begin(seconds);
    const { call } = createAwsCall({ ...times, credentials, clock, region: 'eu-central-1', fetch: silent, leftMs, pauseMs: 0 });
    const request = { service: 'kms', operation: 'VerifyMac', input: {} } as const;
    expect(await call(place, request)).toMatchObject({ failed: expect.stringMatching(/^(kms|sts) did not answer: TimeoutError$/) });
    for (let again = 0; again < 40; again += 1) expect(await call(place, request)).toHaveProperty('failed');
    expect(passedMs).toBeLessThanOrEqual(ends);
    passedMs = ends;
    expect(await call({}, request)).toEqual({
      failed: 'kms was not asked for VerifyMac: the function has no time left',
      code: 'NoTimeLeft',
      message: '',
      busy: true,
    });
    expect(passedMs, 'nobody is asked any more').toBe(ends);
  });

  test('gets a fault of S3', async () => {
    begin(seconds);
    const s3 = createS3({ region: 'eu-central-1', endpoint: undefined, credentials, clock, fetch: silent, leftMs });
    await expect(s3({ method: 'GET', bucket: 'b', key: 'k' })).rejects.toThrow('S3 did not answer');
    expect(passedMs).toBeLessThanOrEqual(ends);
  });

  test('gets a fault of a client of the SDK', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    begin(seconds);
    const client = inTime(
      new DynamoDBClient({
        region: 'eu-central-1',
        credentials: await credentials(),
        requestHandler: { handle: () => new Promise(() => {}) } as never,
      }),
      leftMs,
    );
    const asked = client.send(new GetItemCommand({ TableName: 't', Key: {} })).catch((fault: unknown) => fault);
    await vi.advanceTimersByTimeAsync(ends);
    expect(await asked).toMatchObject({ message: 'DynamoDB did not answer GetItemCommand in the time that the function has' });
  });
});

test.each(functionNames)('%s counts the time of each invocation', (name) => {
  const source = readFileSync(new URL(`../../lambdas/${name}.ts`, import.meta.url), 'utf8');
  expect(source).toMatch(/export const handler = (eventHandler|apiHandler)\(|^ {2}beginTime\(invocation\);$/m);
});

test('nothing is limited where nobody says how long the function has', async () => {
  beginTime({});
  expect(leftMs()).toBe(Number.POSITIVE_INFINITY);
});
