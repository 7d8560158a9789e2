import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { clientConfig, type Deployed, outputOf } from './deploy.ts';

/** The newest so many executions are looked at: a laptop has no more that matter. */
const most = 100;

/**
 * The local AWS breaks executions off when it is stopped and says so to nobody; AWS sends an event then. The reconciler is told what the
 * app's own rule would tell it, so that these runs end in the trail instead of waiting for a machine that is gone. Answers with their names.
 */
export const endInterrupted = async (deployed: Deployed): Promise<readonly string[]> => {
  const config = clientConfig(deployed.endpoint);
  const stateMachineArn = outputOf(deployed.outputs, 'StateMachineArn');
  const { executions = [] } = await new SFNClient(config).send(
    new ListExecutionsCommand({ stateMachineArn, statusFilter: 'FAILED', maxResults: most }),
  );
  const runs = executions.flatMap(({ name }) => name ?? []);
  const lambda = new LambdaClient(config);
  const FunctionName = outputOf(deployed.outputs, 'EventReconcilerFunction');
  for (const run of runs) {
    const Payload = Buffer.from(JSON.stringify({ run, executionEnded: true }));
    await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  }
  return runs;
};
