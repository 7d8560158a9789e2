import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { ActuatorFunction, Collector } from '../../lib/ports.ts';

type Named = { readonly functionName: string };

/** Invokes the function asynchronously: Lambda queues the request and retries it, and the caller does not wait. */
const invoke = async (client: LambdaClient, { functionName }: Named, request: object): Promise<void> => {
  await client.send(
    new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(request)) }),
  );
};

export const createLambdaCollector = (client: LambdaClient, named: Named): Collector => ({
  request: (run, task) => invoke(client, named, { run, task }),
});

export const createLambdaActuator = (client: LambdaClient, named: Named): ActuatorFunction => ({
  request: (run, attempt) => invoke(client, named, { run, attempt }),
});
