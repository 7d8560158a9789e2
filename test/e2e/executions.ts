import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { outputOf } from '../../lib/local/deploy.ts';
import type { LeanStage } from './lean-stage.ts';

/** What AWS itself says of the execution of a run. */

export const executionOf = ({ status }: LeanStage, run: string): string =>
  `${outputOf(status.outputs, 'StateMachineArn').replace(':stateMachine:', ':execution:')}:${run}`;

/** The gates and the end that the execution has entered, in this order. Between two gates stands the choice that follows the answer. */
export const statesOf = async (executionArn: string): Promise<readonly string[]> => {
  const client = new SFNClient({});
  const entered: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
    for (const { type = '', stateEnteredEventDetails } of page.events ?? [])
      if (/^(Task|Succeed|Fail)StateEntered$/.test(type)) entered.push(stateEnteredEventDetails?.name ?? '');
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return entered;
};
