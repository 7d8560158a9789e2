import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, test } from 'vitest';

/** The critical workflows on the live stage. The demo sets these variables. */
const url = process.env.HOLDPOINT_SMOKE_URL ?? '';
const functionName = process.env.HOLDPOINT_SMOKE_FUNCTION ?? '';

describe('the live sample', () => {
  test('answers through its alias', async () => {
    const answer = await new LambdaClient({}).send(
      new InvokeCommand({ FunctionName: functionName, Qualifier: 'live', Payload: JSON.stringify({ ask: 'health' }) }),
    );
    expect(answer.FunctionError).toBeUndefined();
    expect(JSON.parse(Buffer.from(answer.Payload ?? []).toString())).toMatchObject({ ok: true });
  });
});

describe('the live API', () => {
  test('refuses a caller without a token, with a problem document', async () => {
    const response = await fetch(`${url}/v1/runs`);
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  test('sends a browser to the sign-in', async () => {
    const response = await fetch(`${url}/runs`, { redirect: 'manual' });
    expect([302, 303]).toContain(response.status);
    expect(response.headers.get('location')).toContain('/login');
  });

  test('answers an unknown route with an error', async () => {
    expect((await fetch(`${url}/v1/nothing-here`)).status).toBeGreaterThanOrEqual(400);
  });
});
