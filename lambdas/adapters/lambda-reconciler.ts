import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Reconciler } from '../../lib/ports.ts';

/** Invokes the reconciler asynchronously: Lambda queues the request and retries it, and the caller does not wait. */
export const createLambdaReconciler = (client: LambdaClient, { functionName }: { readonly functionName: string }): Reconciler => ({
  request: async (run, gate, item) => {
    const payload = item === undefined ? { run, gate } : { run, gate, item };
    await client.send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(payload)) }),
    );
  },
});
