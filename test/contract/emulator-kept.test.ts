import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childEnv } from '../../lib/local/child-env.ts';
import { clientConfig } from '../../lib/local/deploy.ts';
import { emulatorState, startEmulator, stopEmulator } from '../../lib/local/emulator.ts';
import { localPaths, pathsIn, projectFolder } from '../../lib/local/paths.ts';
import { startOf } from '../../lib/local/processes.ts';
import { preparePython } from '../../lib/local/python.ts';
import { readSaved } from '../../lib/local/saved-data.ts';
import { freePort } from '../../lib/local/tcp-ports.ts';

// A second emulator of this suite, because this one is stopped, killed and kept from writing.
const paths = pathsIn(join(projectFolder, '.local', `test-${process.pid}`, 'kept'));
const env = childEnv(process.env, paths.folder);
let interpreter = '';

beforeAll(async () => {
  mkdirSync(paths.folder, { recursive: true });
  ({ interpreter } = await preparePython({ venv: localPaths().venv, env, say: () => {} }));
});
afterAll(async () => {
  await stopEmulator(paths);
  rmSync(paths.folder, { recursive: true, force: true });
});

const start = async (): Promise<{ readonly restored: boolean; readonly dynamo: DynamoDBClient; readonly s3: S3Client }> => {
  const { endpoint, restored } = await startEmulator({ paths, interpreter, port: await freePort(), env });
  const config = clientConfig(endpoint);
  return { restored, dynamo: new DynamoDBClient(config), s3: new S3Client({ ...config, forcePathStyle: true }) };
};
type Started = Awaited<ReturnType<typeof start>>;

const write = async ({ dynamo, s3 }: Started, key: string): Promise<void> => {
  await dynamo.send(new PutItemCommand({ TableName: 'kept', Item: { key: { S: key } } }));
  await s3.send(new PutObjectCommand({ Bucket: 'kept', Key: key, Body: key }));
};
const written = async ({ dynamo, s3 }: Started) => {
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: 'kept' }));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'kept' }));
  return { items: Items.flatMap(({ key }) => key?.S ?? []).sort(), objects: Contents.flatMap(({ Key }) => Key ?? []).sort() };
};
const both = (...keys: readonly string[]) => ({ items: keys, objects: keys });

describe('the data of the emulator', () => {
  test('is there again after a clean stop', async () => {
    const first = await start();
    expect(first.restored).toBe(false);
    await first.dynamo.send(
      new CreateTableCommand({
        TableName: 'kept',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
      }),
    );
    await first.s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
    await write(first, 'a');
    expect(await stopEmulator(paths)).toEqual({ emulator: 'stopped', lost: null });
    const second = await start();
    expect(second.restored).toBe(true);
    expect(await written(second)).toEqual(both('a'));
    await stopEmulator(paths);
  });

  // Writing to /dev/full fails as on a full disk. Only Linux has it.
  test.skipIf(process.platform !== 'linux')('of the last clean stop is there when a later one could not be saved', async () => {
    const later = await start();
    await write(later, 'b');
    const found = emulatorState(paths);
    if (found.state !== 'running') throw new Error('the emulator does not run');
    symlinkSync('/dev/full', join(paths.data, found.record.copy ?? '', 'state', 'dynamodb.json.tmp'));
    const { emulator, lost } = await stopEmulator(paths);
    expect(emulator).toBe('stopped');
    expect(lost).toContain('No space left on device');
    expect(lost).toContain(`what was saved at ${readSaved(paths)?.savedAt} is kept`);
    // Objects are written at once: without the tables that name them they are not there either.
    expect(await written(await start())).toEqual(both('a'));
    await stopEmulator(paths);
  });

  test('of the last clean stop is there when the emulator was killed', async () => {
    await write(await start(), 'c');
    const found = emulatorState(paths);
    if (found.state !== 'running') throw new Error('the emulator does not run');
    process.kill(found.record.pid, 'SIGKILL');
    await expect.poll(() => startOf(found.record.pid)).toBeUndefined();
    expect((await stopEmulator(paths)).lost).toContain('had no time to save its data');
    expect(await written(await start())).toEqual(both('a'));
    await stopEmulator(paths);
  });
});
