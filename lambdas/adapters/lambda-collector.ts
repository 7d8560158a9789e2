import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { ActuatorFunction, Collector } from '../../lib/ports.ts';
import { createLambdaFunctions } from './lambda-functions.ts';

type Named = { readonly functionName: string };

export const createLambdaCollector = (client: LambdaClient, { functionName }: Named): Collector => ({
  request: (run, task) => createLambdaFunctions(client).invoke(functionName, { run, task }),
});

export const createLambdaActuator = (client: LambdaClient, { functionName }: Named): ActuatorFunction => ({
  request: (run, attempt) => createLambdaFunctions(client).invoke(functionName, { run, attempt }),
});
