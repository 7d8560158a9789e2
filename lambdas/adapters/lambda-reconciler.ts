import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { Reconciler } from '../../lib/ports.ts';
import { createLambdaFunctions } from './lambda-functions.ts';

export const createLambdaReconciler = (client: LambdaClient, { functionName }: { readonly functionName: string }): Reconciler => ({
  request: (run, item) => createLambdaFunctions(client).invoke(functionName, item === undefined ? { run } : { run, item }),
});
