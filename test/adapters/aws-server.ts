import { type AwsAccess, createAwsCall } from '../../lambdas/adapters/aws-call.ts';

type Asked = { readonly method: string; readonly url: string; readonly headers: Headers; readonly body: string };

/** AWS as it answers one request after another, and what it was asked. */
export const awsServer = (...answers: readonly (Response | Error)[]) => {
  const asked: Asked[] = [];
  const left = [...answers];
  const access: AwsAccess = {
    session: 'holdpoint-test-actuator',
    tries: 1,
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }),
    clock: { now: () => new Date('2026-03-02T08:00:00.000Z') },
    region: 'eu-central-1',
    fetch: async (url, init) => {
      asked.push({ method: init?.method ?? '', url: String(url), headers: new Headers(init?.headers), body: String(init?.body ?? '') });
      const answer = left.shift();
      if (answer instanceof Error || answer === undefined) throw answer ?? new Error('nothing left');
      return answer;
    },
  };
  return { asked, access, call: createAwsCall(access).call };
};

/** How a service with an address for each operation refuses: the name of the error stands in a header. */
export const restRefusal = (status: number, name: string): Response =>
  Response.json({ message: 'said so' }, { status, headers: { 'x-amzn-errortype': `${name}:http://internal.amazon.com/` } });
/** How one with JSON refuses. */
export const jsonRefusal = (name: string): Response => Response.json({ __type: name, message: 'said so' }, { status: 400 });
/** How Lambda answers for a function that failed. */
export const failedFunction = (body: string): Response => new Response(body, { headers: { 'x-amz-function-error': 'Unhandled' } });
