import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Reconciler } from '../../lib/ports.ts';

/** Invokes the reconciler as an event: Lambda takes the ask and retries it, and nobody waits for the answer. */
export const createLambdaReconciler = (client: LambdaClient, { functionName }: { readonly functionName: string }): Reconciler => ({
  request: async (run, gate, item) => {
    const ask = item === undefined ? { run, gate } : { run, gate, item };
    await client.send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(ask)) }),
    );
  },
});
