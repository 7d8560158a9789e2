import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { clientConfig, type Deployment, outputOf } from './deploy.ts';

/** Calls at the same time. The emulator refuses more than fifty. */
const atOnce = 10;

/**
 * Stopping the local AWS fails all running executions without an event, whereas AWS sends one. This invokes the reconciler with the
 * input that the app's EventBridge rule would send, so that these runs end in the trail. Returns their ids. A run that has ended already
 * is not changed.
 */
export const endInterruptedRuns = async (deployment: Deployment): Promise<readonly string[]> => {
  const config = clientConfig(deployment.endpoint);
  const stateMachineArn = outputOf(deployment.outputs, 'StateMachineArn');
  const runs: string[] = [];
  const pages = paginateListExecutions({ client: new SFNClient(config) }, { stateMachineArn, statusFilter: 'FAILED', maxResults: 100 });
  for await (const { executions = [] } of pages) runs.push(...executions.flatMap(({ name }) => name ?? []));
  const lambda = new LambdaClient(config);
  const end = async (run: string): Promise<void> => {
    const FunctionName = outputOf(deployment.outputs, 'EventReconcilerFunction');
    // Waits for the answer: a set-up that is killed in the middle does all of it again.
    await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify({ run, executionEnded: true })) }));
  };
  for (let first = 0; first < runs.length; first += atOnce) await Promise.all(runs.slice(first, first + atOnce).map(end));
  return runs;
};
