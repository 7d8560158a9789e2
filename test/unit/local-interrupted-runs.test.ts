import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { endInterruptedRuns } from '../../lib/local/interrupted-runs.ts';

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
  tableCreatedAt: '2026-11-25T10:00:00.000Z',
  outputs: { StateMachineArn: stateMachineArn, EventReconcilerFunction: 'reconciler' },
};
const failed = (name: string): { name: string; executionArn: string; stateMachineArn: string; status: 'FAILED'; startDate: Date } => ({
  name,
  executionArn: `${stateMachineArn}:${name}`,
  stateMachineArn,
  status: 'FAILED',
  startDate: new Date(0),
});

test('the reconciler gets, for every interrupted execution, the input that the EventBridge rule would send', async () => {
  sfn.on(ListExecutionsCommand, { stateMachineArn, statusFilter: 'FAILED', maxResults: 100 }).resolves({
    executions: [failed('run-a'), failed('run-b')],
  });
  lambda.on(InvokeCommand).resolves({ StatusCode: 200 });
  expect(await endInterruptedRuns(deployed)).toEqual(['run-a', 'run-b']);
  const payloads = lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => ({
    ...input,
    Payload: JSON.parse(Buffer.from(input.Payload as Uint8Array).toString()),
  }));
  expect(payloads).toEqual(
    ['run-a', 'run-b'].map((run) => ({
      FunctionName: 'reconciler',
      Payload: { run, executionEnded: true },
    })),
  );
});

test('the next pages are read, too, and no more than ten calls run at the same time', async () => {
  const names = Array.from({ length: 250 }, (_, index) => `run-${index}`);
  for (const page of [0, 1, 2])
    sfn.on(ListExecutionsCommand, { nextToken: page === 0 ? undefined : `page-${page}` }).resolves({
      executions: names.slice(page * 100, page * 100 + 100).map(failed),
      ...(page < 2 ? { nextToken: `page-${page + 1}` } : {}),
    });
  let [running, most] = [0, 0];
  lambda.on(InvokeCommand).callsFake(async () => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    return { StatusCode: 200 };
  });
  expect(await endInterruptedRuns(deployed)).toEqual(names);
  const ended = lambda
    .commandCalls(InvokeCommand)
    .map(({ args: [{ input }] }) => JSON.parse(Buffer.from(input.Payload as Uint8Array).toString()).run);
  expect(ended).toEqual(names);
  expect(most).toBe(10);
});

test('the reconciler is not invoked when no execution was interrupted', async () => {
  sfn.on(ListExecutionsCommand).resolves({ executions: [] });
  expect(await endInterruptedRuns(deployed)).toEqual([]);
  expect(lambda.calls()).toHaveLength(0);
});

test('a deployment without a reconciler is an error', async () => {
  sfn.on(ListExecutionsCommand).resolves({ executions: [failed('run-a')] });
  await expect(endInterruptedRuns({ ...deployed, outputs: { StateMachineArn: stateMachineArn } })).rejects.toThrow(
    'has no output EventReconcilerFunction',
  );
});
