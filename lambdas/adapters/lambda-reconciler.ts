import type { Reconciler } from '../../lib/ports.ts';
import type { AwsCall } from './aws-call.ts';
import { createLambdaFunctions } from './lambda-functions.ts';

export const createLambdaReconciler = (call: AwsCall, { functionName }: { readonly functionName: string }): Reconciler => ({
  request: (run, item) => createLambdaFunctions(call).invoke(functionName, item === undefined ? { run } : { run, item }),
});
