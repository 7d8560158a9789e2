import { randomUUID } from 'node:crypto';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateScheduleGroupCommand, GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateConfigurationSetCommand, CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { CreateActivityCommand, CreateStateMachineCommand, GetActivityTaskCommand, SFNClient } from '@aws-sdk/client-sfn';

/** The keys of the product's tables, as the stack declares them. */
export const tableKeys = {
  audit: ['scope', 'place'],
  runs: ['pk', 'sk'],
  people: ['digest'],
  tokens: ['run', 'entry'],
  idempotency: ['key'],
} as const satisfies Readonly<Record<string, readonly [string] | readonly [string, string]>>;
export type TableName = keyof typeof tableKeys;

/** Where the emulator listens. The suite's set-up starts it and says so. */
export const testEndpoint = (): string => {
  const endpoint = process.env.HOLDPOINT_TEST_ENDPOINT;
  if (endpoint === undefined)
    throw new Error('HOLDPOINT_TEST_ENDPOINT is not set: run the suite with `npm test`, which starts the emulator');
  if (!['localhost', '127.0.0.1', '[::1]'].includes(new URL(endpoint).hostname))
    throw new Error(`HOLDPOINT_TEST_ENDPOINT is ${endpoint}: these tests create tables, and only on this machine`);
  return endpoint;
};

/** Dummy credentials: no client of a test may find a real profile. */
export const testConfig = () => ({
  endpoint: testEndpoint(),
  region: 'us-east-1',
  // An account of the suite's own: on an emulator that a stage uses, its tables and mails are none of the stage's.
  credentials: { accessKeyId: '222222222222', secretAccessKey: 'test' },
});

const tableInput = (TableName: string, keys: readonly string[]): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  KeySchema: keys.map((AttributeName, place) => ({ AttributeName, KeyType: place === 0 ? 'HASH' : 'RANGE' })),
});

export type TestTables = { readonly client: DynamoDBClient; readonly names: Readonly<Record<TableName, string>> };

/** Tables of its own for one test file, named `<table>-<random>`. */
export const createTables = async (): Promise<TestTables> => {
  const client = new DynamoDBClient(testConfig());
  const suffix = randomUUID().slice(0, 8);
  const entries = await Promise.all(
    Object.entries(tableKeys).map(async ([table, keys]) => {
      const name = `${table}-${suffix}`;
      await client.send(new CreateTableCommand(tableInput(name, keys)));
      await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 20 }, { TableName: name });
      return [table, name] as const;
    }),
  );
  return { client, names: Object.fromEntries(entries) as Record<TableName, string> };
};

export const createBucket = async (): Promise<string> => {
  const client = new S3Client({ ...testConfig(), forcePathStyle: true });
  const bucket = `evidence-${randomUUID().slice(0, 8)}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
};

export const createMacKey = async (): Promise<string> => {
  const client = new KMSClient(testConfig());
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }));
  if (KeyMetadata?.KeyId === undefined) throw new Error('the emulator made no key');
  return KeyMetadata.KeyId;
};

export type TestMachine = { readonly client: SFNClient; readonly stateMachine: string; token(execution: string): Promise<string> };

/** A machine of one callback task. An activity gives its tokens, so that no function is needed. */
export const createMachine = async (): Promise<TestMachine> => {
  const client = new SFNClient(testConfig());
  const name = `gate-${randomUUID().slice(0, 8)}`;
  const { activityArn } = await client.send(new CreateActivityCommand({ name }));
  const definition = {
    StartAt: 'Gate',
    States: {
      Gate: { Type: 'Task', Resource: activityArn, Parameters: { 'execution.$': '$$.Execution.Id' }, TimeoutSeconds: 60, End: true },
    },
  };
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({ name, roleArn: 'arn:aws:iam::000000000000:role/machine', definition: JSON.stringify(definition) }),
  );
  if (stateMachineArn === undefined) throw new Error('the emulator made no state machine');
  const token = async (execution: string): Promise<string> => {
    // Tasks come in the order of the starts; those of executions that no test answers are passed over.
    for (;;) {
      const { taskToken, input } = await client.send(new GetActivityTaskCommand({ activityArn, workerName: 'contract' }));
      if (taskToken === undefined || input === undefined) throw new Error(`no task waits for ${execution}`);
      if ((JSON.parse(input) as { execution: string }).execution === execution) return taskToken;
    }
  };
  return { client, stateMachine: stateMachineArn, token };
};

export type TestSchedules = { readonly group: string; planned(name: string): Promise<Date | undefined> };

export const createScheduleGroup = async (): Promise<TestSchedules> => {
  const client = new SchedulerClient(testConfig());
  const group = `runs-${randomUUID().slice(0, 8)}`;
  await client.send(new CreateScheduleGroupCommand({ Name: group }));
  const planned = async (name: string): Promise<Date | undefined> => {
    const { ScheduleExpression = '' } = await client.send(new GetScheduleCommand({ GroupName: group, Name: name }));
    return new Date(`${ScheduleExpression.replace(/^at\((.*)\)$/, '$1')}.000Z`);
  };
  return { group, planned };
};

export const createSender = async (): Promise<{ readonly from: string; readonly set: string }> => {
  const client = new SESv2Client(testConfig());
  const from = 'holdpoint@example.com';
  await client.send(new CreateEmailIdentityCommand({ EmailIdentity: from })).catch((fault: unknown) => {
    if (!(fault instanceof Error) || fault.name !== 'AlreadyExistsException') throw fault;
  });
  const set = `holdpoint-${randomUUID().slice(0, 8)}`;
  await client.send(new CreateConfigurationSetCommand({ ConfigurationSetName: set }));
  return { from, set };
};
