import type { ActuatorFunction, Collector } from '../../lib/ports.ts';
import type { AwsCall } from './aws-call.ts';
import { createLambdaFunctions } from './lambda-functions.ts';

type Named = { readonly functionName: string };

export const createLambdaCollector = (call: AwsCall, { functionName }: Named): Collector => ({
  request: (run, task) => createLambdaFunctions(call).invoke(functionName, { run, task }),
});

export const createLambdaActuator = (call: AwsCall, { functionName }: Named): ActuatorFunction => ({
  request: (run, attempt) => createLambdaFunctions(call).invoke(functionName, { run, attempt }),
});
