import type { Functions } from '../../lib/ports.ts';
import { type AwsCall, faultOf } from './aws-call.ts';

/** Invokes functions asynchronously: Lambda queues the request and retries it, and the caller does not wait. */
export const createLambdaFunctions = (call: AwsCall): Functions => ({
  invoke: async (name, event) => {
    const input = { FunctionName: name, InvocationType: 'Event', Payload: JSON.stringify(event) };
    const answer = await call({}, { service: 'lambda', operation: 'Invoke', input });
    if ('failed' in answer) throw faultOf(answer);
  },
});
