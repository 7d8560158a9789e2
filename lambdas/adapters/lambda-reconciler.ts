import type { Reconciler } from '../../lib/ports.ts';
import type { AwsCall } from './aws-call.ts';
import { createLambdaFunctions } from './lambda-functions.ts';

export const createLambdaReconciler = (call: AwsCall, { functionName }: { readonly functionName: string }): Reconciler => ({
  // What is undefined is not in JSON.
  request: (run, item, also) => createLambdaFunctions(call).invoke(functionName, { run, item, also }),
});
