import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { endInterrupted } from '../../lib/local/interrupted.ts';

const sfn = mockClient(SFNClient);
const lambda = mockClient(LambdaClient);
beforeEach(() => {
  sfn.reset();
  lambda.reset();
});
afterAll(() => {
  sfn.restore();
  lambda.restore();
});

const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:holdpoint';
const deployed = {
  digest: 'd',
  endpoint: 'http://127.0.0.1:4566',
  tableMadeAt: '2026-11-25T10:00:00.000Z',
  outputs: { StateMachineArn: stateMachineArn, EventReconcilerFunction: 'reconciler' },
};
const failed = (name: string): { name: string; executionArn: string; stateMachineArn: string; status: 'FAILED'; startDate: Date } => ({
  name,
  executionArn: `${stateMachineArn}:${name}`,
  stateMachineArn,
  status: 'FAILED',
  startDate: new Date(0),
});

test('the reconciler is told of every execution that was broken off what the rule on AWS would tell it', async () => {
  sfn.on(ListExecutionsCommand, { stateMachineArn, statusFilter: 'FAILED', maxResults: 100 }).resolves({
    executions: [failed('run-a'), failed('run-b')],
  });
  lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
  expect(await endInterrupted(deployed)).toEqual(['run-a', 'run-b']);
  const told = lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => ({
    ...input,
    Payload: JSON.parse(Buffer.from(input.Payload as Uint8Array).toString()),
  }));
  expect(told).toEqual(
    ['run-a', 'run-b'].map((run) => ({
      FunctionName: 'reconciler',
      InvocationType: 'Event',
      Payload: { run, executionEnded: true },
    })),
  );
});

test('nobody is told when nothing was broken off', async () => {
  sfn.on(ListExecutionsCommand).resolves({ executions: [] });
  expect(await endInterrupted(deployed)).toEqual([]);
  expect(lambda.calls()).toHaveLength(0);
});

test('an app without a reconciler is a fault in a sentence, not a run forgotten', async () => {
  sfn.on(ListExecutionsCommand).resolves({ executions: [failed('run-a')] });
  await expect(endInterrupted({ ...deployed, outputs: { StateMachineArn: stateMachineArn } })).rejects.toThrow(
    'has no output EventReconcilerFunction',
  );
});
