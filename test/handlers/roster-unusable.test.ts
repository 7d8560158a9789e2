import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { functions, rosterReaders } from '../../lib/lambda-manifest.ts';
import { stageOf } from './requests.ts';
import { deployedStage } from './roster-bucket.ts';

const asked = { rawPath: '/nothing', requestContext: { requestId: 'request-1', http: { method: 'GET' } } };
const context = { awsRequestId: 'request-1' } as Context;
let deployed: Awaited<ReturnType<typeof deployedStage>>;
beforeAll(async () => {
  vi.resetModules();
  deployed = await deployedStage(stageOf());
  for (const { variables } of Object.values(functions)) for (const name of variables) vi.stubEnv(name, 'x');
});
afterAll(() => {
  deployed.close();
  vi.resetModules();
});

describe('without a roster', () => {
  test.each([
    ['api-ci', () => import('../../lambdas/api-ci.ts')],
    ['api-people', () => import('../../lambdas/api-people.ts')],
    ['api-audit', () => import('../../lambdas/api-audit.ts')],
  ] as const)('%s answers 503 and says what to do, also to somebody without a token, and goes on after the upload', async (_name, load) => {
    const { handler } = await load();
    const ask = () => handler(asked, context);
    deployed.bucket.people = undefined;
    const { statusCode, headers, body } = await ask();
    expect([statusCode, headers['retry-after']]).toEqual([503, '60']);
    expect(JSON.parse(body)).toMatchObject({
      type: 'https://holdpoint.dev/problems/roster-unusable',
      fix: expect.stringContaining('upload the roster') as string,
    });
    deployed.bucket.people = stageOf().roster;
    expect((await ask()).statusCode).toBe(404);
  });

  test('the reconciler fails, so that it is called again', async () => {
    const { handler } = await import('../../lambdas/event-reconciler.ts');
    deployed.bucket.people = undefined;
    await expect(handler({ run: 'r1' }, context)).rejects.toMatchObject({ name: 'RosterUnusable' });
    deployed.bucket.people = stageOf().roster;
    // It declines what is no request only after it has the roster.
    expect(await handler({}, context)).toMatchObject({ declined: expect.stringContaining('not a request') as string });
  });

  test('nothing else changes: these are all functions that read it', () => {
    expect([...rosterReaders].sort()).toEqual(['alarm-mailer', 'api-audit', 'api-authorizer', 'api-ci', 'api-people', 'event-reconciler']);
  });
});
