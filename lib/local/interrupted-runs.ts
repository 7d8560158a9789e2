import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { clientConfig, type Deployment, outputOf } from './deploy.ts';

/** Only the newest executions are considered; a laptop rarely has more. */
const maxExecutions = 100;

/**
 * Stopping the local AWS fails all running executions without an event, whereas AWS sends one. This invokes the reconciler with the
 * input that the app's EventBridge rule would send, so that these runs end in the trail. Returns their ids.
 */
export const endInterruptedRuns = async (deployment: Deployment): Promise<readonly string[]> => {
  const config = clientConfig(deployment.endpoint);
  const stateMachineArn = outputOf(deployment.outputs, 'StateMachineArn');
  const { executions = [] } = await new SFNClient(config).send(
    new ListExecutionsCommand({ stateMachineArn, statusFilter: 'FAILED', maxResults: maxExecutions }),
  );
  const runs = executions.flatMap(({ name }) => name ?? []);
  const lambda = new LambdaClient(config);
  const FunctionName = outputOf(deployment.outputs, 'EventReconcilerFunction');
  for (const run of runs) {
    const Payload = Buffer.from(JSON.stringify({ run, executionEnded: true }));
    await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  }
  return runs;
};
