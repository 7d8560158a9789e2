import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { localDown, localMail, localStatus, localUp } from '../../lib/local/commands.ts';
import { cdkProgress, deploymentDigest, failureReason, outputOf } from '../../lib/local/deploy.ts';
import { emulatorState } from '../../lib/local/emulator.ts';
import { resourcesIn } from '../../lib/local/emulator-settings.ts';
import { pathsIn, writeJson } from '../../lib/local/paths.ts';
import { startOf } from '../../lib/local/processes.ts';
import { localStage } from '../../lib/local/stage.ts';
import { freePort } from '../../lib/local/tcp-ports.ts';

const made: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-deploy-'));
  made.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

const stage = localStage({ publicUrl: 'http://localhost:1', peopleIssuer: 'http://localhost:2/people', ciIssuer: 'http://localhost:2/ci' });

describe('the digest of a deployment', () => {
  let checkout: string;
  const put = (path: string, text: string): void => {
    mkdirSync(join(checkout, path, '..'), { recursive: true });
    writeFileSync(join(checkout, path), text);
  };
  beforeEach(() => {
    checkout = newFolder();
    for (const path of [
      'bin/app.ts',
      'cdk.json',
      'package-lock.json',
      'tsconfig.json',
      'lambdas/api-ci.ts',
      'lib/run/start.ts',
      'lib/local/python.ts',
      'lib/local/shop/package.json',
      'lib/local/shop/src/shop.ts',
      'lib/local/shop/test/unit/orders.test.ts',
      'lib/cli/main.ts',
    ])
      put(path, path);
  });

  test.each(['bin/app.ts', 'cdk.json', 'package-lock.json', 'lambdas/api-ci.ts', 'lib/run/start.ts', 'lib/local/shop/src/shop.ts'])(
    'changes with %s',
    (path) => {
      const before = deploymentDigest(stage, checkout);
      expect(deploymentDigest(stage, checkout)).toBe(before);
      put(path, 'changed');
      expect(deploymentDigest(stage, checkout)).not.toBe(before);
    },
  );

  test('changes with a new and with a renamed file', () => {
    const before = deploymentDigest(stage, checkout);
    put('lib/run/new.ts', '');
    const after = deploymentDigest(stage, checkout);
    rmSync(join(checkout, 'lib/run/new.ts'));
    put('lib/run/other.ts', '');
    expect(new Set([before, after, deploymentDigest(stage, checkout)]).size).toBe(3);
  });

  test('changes with the stage, but not with the local stage or the command line, which are not deployed', () => {
    const before = deploymentDigest(stage, checkout);
    expect(deploymentDigest({ ...stage, waitScale: 1 }, checkout)).not.toBe(before);
    put('lib/local/python.ts', 'changed');
    put('lib/local/shop/test/unit/orders.test.ts', 'changed');
    put('lib/cli/main.ts', 'changed');
    expect(deploymentDigest(stage, checkout)).toBe(before);
  });
});

describe('the output of the CDK', () => {
  test('names the resource that failed as the reason, not the errors that follow from it', () => {
    const output = [
      'Holdpoint-local-Data | 3/40 | 3:40:01 PM | CREATE_IN_PROGRESS | AWS::KMS::Key | SessionKey',
      'Holdpoint-local-Data | 4/40 | 3:40:02 PM | CREATE_FAILED | AWS::KMS::Key | SessionKey wrong key spec',
      'Error: The stack named Holdpoint-local-Data failed creation',
    ].join('\n');
    expect(failureReason(output)).toContain('SessionKey wrong key spec');
    expect(failureReason('warning\nTypeError: x is not a function\n    at app.ts:3')).toBe('TypeError: x is not a function');
    expect(failureReason('')).toBe('it printed nothing');
    expect(failureReason('x'.repeat(9_999)).length).toBeLessThanOrEqual(400);
  });

  test('becomes progress messages, one for each step', () => {
    const said: string[] = [];
    const onLine = cdkProgress((message) => said.push(message));
    for (const line of [
      'Holdpoint-local-App |  1/80 | 3:40 PM | CREATE_IN_PROGRESS',
      'Holdpoint-local-App |  1/80 | 3:40 PM | CREATE_COMPLETE',
      'some note',
      'Holdpoint-local-App | 12/80 | 3:41 PM | CREATE_COMPLETE',
    ])
      onLine(line);
    expect(said).toEqual(['Holdpoint-local-App 1/80', 'Holdpoint-local-App 12/80']);
  });

  test('a missing stack output is an error, not an empty name', () => {
    expect(outputOf({ ApiId: 'a' }, 'ApiId')).toBe('a');
    expect(() => outputOf({}, 'ApiId')).toThrow(/no output ApiId/);
  });

  test('the resources of all synthesised templates are read', () => {
    const folder = newFolder();
    writeFileSync(
      join(folder, 'A.template.json'),
      JSON.stringify({ Resources: { Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 't' } } } }),
    );
    writeFileSync(
      join(folder, 'B.template.json'),
      JSON.stringify({ Resources: { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } } }),
    );
    writeFileSync(join(folder, 'manifest.json'), '{}');
    expect(resourcesIn(folder)).toEqual([
      { id: 'Table', type: 'AWS::DynamoDB::Table', properties: { TableName: 't' } },
      { id: 'Handle', type: 'AWS::CloudFormation::WaitConditionHandle', properties: {} },
    ]);
  });
});

describe('before the local stage is started', () => {
  test('status and down report that nothing is running, and there are no mails', async () => {
    const folder = newFolder();
    expect(localStatus({ folder })).toMatchObject({ state: 'down', endpoint: null, password: null, people: [] });
    expect(await localDown({ folder })).toEqual({ emulator: 'not-running', lost: null, services: false, leftRunning: 0 });
    await expect(localMail({ folder })).rejects.toMatchObject({ type: 'not-running' });
  });

  test('a dead emulator of an earlier start is reported and left alone until down', async () => {
    const folder = newFolder();
    const paths = pathsIn(folder);
    writeJson(paths.emulator, { pid: process.pid, startedAt: 'another boot 1', port: await freePort() });
    await expect(localUp({ folder, env: {} })).rejects.toMatchObject({ type: 'emulator-dead' });
    expect(emulatorState(paths).state).toBe('dead');
    expect(await localDown({ folder })).toMatchObject({ emulator: 'already-ended' });
    expect(emulatorState(paths)).toEqual({ state: 'none' });
    // The recorded process id now belongs to this process, which must not be stopped.
    expect(startOf(process.pid)).toBeDefined();
  });

  test.each(['emulator', 'proxy', 'provider'] as const)('an occupied port of the %s is reported', async (part) => {
    const folder = newFolder();
    const ports = { emulator: await freePort(), proxy: await freePort(), provider: await freePort() };
    writeJson(pathsIn(folder).ports, ports);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(ports[part], '127.0.0.1', resolve));
    await expect(localUp({ folder, env: {} })).rejects.toMatchObject({
      type: 'port-taken',
      message: expect.stringContaining(`Port ${ports[part]}`) as string,
    });
    other.close();
  });

  test('a port that another program uses on every address is reported too', async () => {
    const folder = newFolder();
    const ports = { emulator: await freePort(), proxy: await freePort(), provider: await freePort() };
    writeJson(pathsIn(folder).ports, ports);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(ports.emulator, resolve));
    await expect(localUp({ folder, env: {} })).rejects.toMatchObject({ type: 'port-taken' });
    other.close();
  });

  test('an AWS_ENDPOINT_URL that does not answer is reported', async () => {
    await expect(localUp({ folder: newFolder(), env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}` } })).rejects.toMatchObject(
      { type: 'endpoint-silent' },
    );
  });
});
