import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { Workflow } from '../../lib/ports.ts';

/** Limits of Step Functions on a task's failure, in characters. */
const longestError = 256;
const longestCause = 32_768;

/** The state machine. An execution has the name of its run. */
export const createSfnWorkflow = (client: SFNClient, { stateMachine }: { readonly stateMachine: string }): Workflow => ({
  start: async (run, input) => {
    try {
      const { executionArn } = await client.send(
        new StartExecutionCommand({ stateMachineArn: stateMachine, name: run, input: JSON.stringify(input) }),
      );
      return { execution: executionArn ?? executionOf(stateMachine, run) };
    } catch (fault) {
      // AWS answers a repeated start with the first execution while that runs, and with this error after it has ended; the emulator always with this error.
      if (fault instanceof ExecutionAlreadyExists) return { execution: executionOf(stateMachine, run) };
      throw fault;
    }
  },
  succeed: (taskToken, output) => closedOr(client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))),
  fail: (taskToken, error, cause) =>
    closedOr(
      client.send(new SendTaskFailureCommand({ taskToken, error: error.slice(0, longestError), cause: cause.slice(0, longestCause) })),
    ),
  describe: async (executionArn) => {
    try {
      const { status, error } = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (status === 'SUCCEEDED') return { running: false, end: 'succeeded' };
      // A Fail state of the graph names its end as the error.
      return status === 'FAILED' ? { running: false, end: error } : { running: status === 'RUNNING' || status === 'PENDING_REDRIVE' };
    } catch (fault) {
      // Step Functions deletes an execution 90 days after its end.
      if (fault instanceof ExecutionDoesNotExist) return { running: false };
      throw fault;
    }
  },
});

const executionOf = (stateMachine: string, name: string): string => `${stateMachine.replace(':stateMachine:', ':execution:')}:${name}`;

const closedOr = async (answer: Promise<unknown>): Promise<'sent' | 'closed'> => {
  try {
    await answer;
    return 'sent';
  } catch (fault) {
    if (fault instanceof TaskDoesNotExist || fault instanceof TaskTimedOut || fault instanceof InvalidToken) return 'closed';
    throw fault;
  }
};
