import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Functions } from '../../lib/ports.ts';

/** Invokes functions asynchronously: Lambda queues the request and retries it, and the caller does not wait. */
export const createLambdaFunctions = (client: LambdaClient): Functions => ({
  invoke: async (name, event) => {
    await client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)) }));
  },
});
