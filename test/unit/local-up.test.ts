import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, expect, test } from 'vitest';
import { localDown, localUp } from '../../lib/local/commands.ts';
import { deploymentDigest } from '../../lib/local/deploy.ts';
import { emulatorUrl } from '../../lib/local/emulator.ts';
import { pathsIn, writeJson } from '../../lib/local/paths.ts';
import { recordOf } from '../../lib/local/processes.ts';
import { createWorkingCopy } from '../../lib/local/saved-data.ts';
import { issuersAt, publicUrlAt } from '../../lib/local/services.ts';
import { localStage } from '../../lib/local/stage.ts';
import { freePort } from '../../lib/local/tcp-ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-up-'));
const paths = pathsIn(folder);
const clouds = [mockClient(DynamoDBClient), mockClient(SFNClient), mockClient(LambdaClient)] as const;
const [dynamo, sfn, lambda] = clouds;
afterAll(async () => {
  await localDown({ folder });
  for (const cloud of clouds) cloud.restore();
  rmSync(folder, { recursive: true });
});

/** What a set-up leaves that is killed after its emulator has loaded the stored data: a running emulator, and runs that nobody has ended. */
const brokenOff = async (): Promise<void> => {
  const ports = { emulator: await freePort(), proxy: await freePort(), provider: await freePort() };
  const script = `require('http').createServer((_, answer) => answer.end('{}')).listen(${ports.emulator}, () => console.log('up'))`;
  const emulator = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(emulator.stdout, 'data');
  const stage = localStage({ publicUrl: publicUrlAt(ports), peopleIssuer: issuersAt(ports).people, ciIssuer: issuersAt(ports).ci });
  const now = new Date('2026-11-26T10:00:00.000Z');
  const { copy } = createWorkingCopy(paths, now);
  writeJson(paths.ports, ports);
  writeJson(paths.stage, stage);
  writeJson(paths.emulator, { ...recordOf(emulator.pid ?? 0), port: ports.emulator, since: now.toISOString(), copy });
  writeJson(paths.restored, { since: now.toISOString() });
  writeJson(paths.deployment, {
    digest: deploymentDigest(stage),
    endpoint: emulatorUrl(ports.emulator),
    tableCreatedAt: now.toISOString(),
    outputs: { ApiId: 'a1b2c3d4', AuditTable: 'audit', StateMachineArn: 'machine', EventReconcilerFunction: 'reconciler' },
  });
  dynamo.on(DescribeTableCommand).resolves({ Table: { CreationDateTime: now } });
  sfn.on(ListExecutionsCommand).resolves({ executions: [{ name: 'run-a' }] as never });
  lambda.on(InvokeCommand).resolves({ StatusCode: 200 });
};

test('a set-up after one that was killed ends the runs that the stop before had broken off, once, and says so', async () => {
  await brokenOff();
  const env = { PATH: process.env.PATH };
  const { notes, started } = await localUp({ folder, env });
  expect(started).toEqual({ emulator: false, services: true });
  expect(notes).toEqual([expect.stringContaining('have ended as incidents') as string]);
  const payloads = lambda
    .commandCalls(InvokeCommand)
    .map(({ args: [{ input }] }) => JSON.parse(Buffer.from(input.Payload as Uint8Array).toString()));
  expect(payloads).toEqual([{ run: 'run-a', executionEnded: true }]);
  expect(existsSync(paths.restored)).toBe(false);
  expect(await localUp({ folder, env })).toMatchObject({ notes: [], started: { emulator: false, services: false } });
  expect(lambda.commandCalls(InvokeCommand)).toHaveLength(1);
});
