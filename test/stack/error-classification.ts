import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { createAwsCall } from '../../lambdas/adapters/aws-call.ts';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamo-idempotency.ts';
import { createDynamoLaneStore } from '../../lambdas/adapters/dynamo-lane-store.ts';
import { createKmsMac } from '../../lambdas/adapters/kms-mac.ts';
import { createS3 } from '../../lambdas/adapters/s3.ts';
import { createS3Evidence } from '../../lambdas/adapters/s3-evidence.ts';
import { createSchedules } from '../../lambdas/adapters/scheduler-schedules.ts';
import { createSfnWorkflow } from '../../lambdas/adapters/sfn-workflow.ts';

/** What a service answers, in its own protocol, to whatever it is asked. */
const answering = (statusCode: number, body: string, headers: Readonly<Record<string, string>>) => ({
  region: 'eu-central-1',
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  maxAttempts: 1,
  requestHandler: {
    handle: async () => ({ response: { statusCode, headers: { ...headers }, body: new Response(body).body } }),
  },
});
const json = (type: string) =>
  answering(400, JSON.stringify({ __type: type, message: 'no' }), { 'content-type': 'application/x-amz-json-1.0' });
const refusing = (status: number, __type: string, headers: Readonly<Record<string, string>>) =>
  createAwsCall({
    region: 'eu-central-1',
    credentials: async () => ({ accessKeyId: 'none', secretAccessKey: 'none' }),
    clock: { now: () => new Date(0) },
    tries: 1,
    fetch: async () => Response.json({ __type }, { status, headers }),
  }).call;
const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : String(thrown));

/** Bundled as a function is and run by bundle.test.ts: each adapter with the error of its service that it has to recognise. */
export const classify = async (): Promise<Readonly<Record<string, unknown>>> => {
  const stored = { event: { scope: 's', lane: 'l', seq: 1, id: 'i', type: 't', at: 'a' }, bytes: 'b', hash: 'h' } as never;
  const sfn = (type: string) =>
    createSfnWorkflow(new SFNClient(json(type)), { stateMachine: 'arn:aws:states:eu-central-1:1:stateMachine:m' });
  const now = new Date(0);
  return {
    inserted: await createDynamoLaneStore(new DynamoDBClient(json('com.amazonaws.dynamodb.v20120810#DuplicateItemException')), {
      table: 't',
    }).insert(stored),
    finished: await createDynamoIdempotency(new DynamoDBClient(json('com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException')), {
      table: 't',
    }).finish('k', { status: 200, contentType: '', body: '', headers: {} }, now),
    timedOut: await sfn('com.amazonaws.swf.service.v2.model#TaskTimedOut').succeed('t', {}),
    unknownToken: await sfn('com.amazonaws.swf.service.v2.model#InvalidToken').fail('t', 'e', 'c'),
    closed: await sfn('com.amazonaws.swf.service.v2.model#TaskDoesNotExist').succeed('t', {}),
    forgotten: await sfn('com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist').describe('e'),
    started: await sfn('com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists').start('r', {}),
    absent: await createS3Evidence(
      createS3({
        region: 'eu-central-1',
        endpoint: undefined,
        credentials: async () => ({ accessKeyId: 'none', secretAccessKey: 'none' }),
        clock: { now: () => now },
        fetch: async () => new Response('<Error><Code>NoSuchKey</Code></Error>', { status: 404 }),
      }),
      { bucket: 'b' },
    ).get('s', 'd'),
    forgedMac: await createKmsMac(refusing(400, 'KMSInvalidMacException', {}), { key: 'k' }).verify(
      't',
      Buffer.alloc(32).toString('base64url'),
    ),
    armed: await createSchedules(refusing(409, '', { 'x-amzn-errortype': 'ConflictException' }), {
      group: 'g',
      reconciler: 's',
      role: 'r',
      deadLetters: 'd',
      clock: { now: () => now },
    }).at('n', now, { run: 'r' }),
    // Nobody names it, so that it has no class of its own; it is a fault under its own name all the same.
    other: await sfn('com.amazonaws.swf.service.v2.model#StateMachineDoesNotExist').start('r', {}).catch(nameOf),
  };
};
