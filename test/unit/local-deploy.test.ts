import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { localDown, localMail, localStatus, localUp } from '../../lib/local/commands.ts';
import { deploymentDigest, outputOf, progress, reasonIn } from '../../lib/local/deploy.ts';
import { emulatorState } from '../../lib/local/emulator.ts';
import { placesIn, writeJson } from '../../lib/local/paths.ts';
import { freePort } from '../../lib/local/ports.ts';
import { startOf } from '../../lib/local/processes.ts';
import { resourcesIn } from '../../lib/local/settings.ts';
import { localStage } from '../../lib/local/stage.ts';

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

describe('whether a deployment is still the one of these sources', () => {
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
      'lib/cli/main.ts',
    ])
      put(path, path);
  });

  test.each(['bin/app.ts', 'cdk.json', 'package-lock.json', 'lambdas/api-ci.ts', 'lib/run/start.ts'])(
    'a change of %s makes another',
    (path) => {
      const before = deploymentDigest(stage, checkout);
      expect(deploymentDigest(stage, checkout)).toBe(before);
      put(path, 'changed');
      expect(deploymentDigest(stage, checkout)).not.toBe(before);
    },
  );

  test('a new file and a moved one make another', () => {
    const before = deploymentDigest(stage, checkout);
    put('lib/run/new.ts', '');
    const after = deploymentDigest(stage, checkout);
    rmSync(join(checkout, 'lib/run/new.ts'));
    put('lib/run/other.ts', '');
    expect(new Set([before, after, deploymentDigest(stage, checkout)]).size).toBe(3);
  });

  test('another stage makes another; the local stage and the command line take no part', () => {
    const before = deploymentDigest(stage, checkout);
    expect(deploymentDigest({ ...stage, waitScale: 1 }, checkout)).not.toBe(before);
    put('lib/local/python.ts', 'changed');
    put('lib/cli/main.ts', 'changed');
    expect(deploymentDigest(stage, checkout)).toBe(before);
  });
});

describe('what the CDK says', () => {
  test('the failed resource is the reason, before the errors that follow from it', () => {
    const output = [
      'Holdpoint-local-Data | 3/40 | 3:40:01 PM | CREATE_IN_PROGRESS | AWS::KMS::Key | SessionKey',
      'Holdpoint-local-Data | 4/40 | 3:40:02 PM | CREATE_FAILED | AWS::KMS::Key | SessionKey wrong key spec',
      'Error: The stack named Holdpoint-local-Data failed creation',
    ].join('\n');
    expect(reasonIn(output)).toContain('SessionKey wrong key spec');
    expect(reasonIn('warning\nTypeError: x is not a function\n    at app.ts:3')).toBe('TypeError: x is not a function');
    expect(reasonIn('')).toBe('it said nothing');
    expect(reasonIn('x'.repeat(9_999)).length).toBeLessThanOrEqual(400);
  });

  test('its events are told as progress, each step once', () => {
    const said: string[] = [];
    const hear = progress((message) => said.push(message));
    for (const line of [
      'Holdpoint-local-App |  1/80 | 3:40 PM | CREATE_IN_PROGRESS',
      'Holdpoint-local-App |  1/80 | 3:40 PM | CREATE_COMPLETE',
      'some note',
      'Holdpoint-local-App | 12/80 | 3:41 PM | CREATE_COMPLETE',
    ])
      hear(line);
    expect(said).toEqual(['Holdpoint-local-App 1/80', 'Holdpoint-local-App 12/80']);
  });

  test('an output that is not there is a fault, never an empty name', () => {
    expect(outputOf({ ApiId: 'a' }, 'ApiId')).toBe('a');
    expect(() => outputOf({}, 'ApiId')).toThrow(/no output ApiId/);
  });

  test('the resources of all its templates are read', () => {
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

describe('before anything is started', () => {
  test('nothing is there: status and down say so, and there are no mails to read', async () => {
    const folder = newFolder();
    expect(localStatus({ folder })).toMatchObject({ state: 'down', endpoint: null, password: null, people: [] });
    expect(await localDown({ folder })).toEqual({ emulator: 'none', services: false });
    await expect(localMail({ folder })).rejects.toMatchObject({ type: 'not-running' });
  });

  test('a dead emulator of an earlier start is told and left as it is; down clears it away', async () => {
    const folder = newFolder();
    const places = placesIn(folder);
    writeJson(places.emulator, { pid: process.pid, startedAt: 'another boot 1', port: await freePort() });
    await expect(localUp({ folder, env: {} })).rejects.toMatchObject({ type: 'emulator-dead' });
    expect(emulatorState(places).state).toBe('dead');
    expect(await localDown({ folder })).toMatchObject({ emulator: 'gone' });
    expect(emulatorState(places)).toEqual({ state: 'none' });
    // The number in the record is this very process: it was not the emulator, and it still runs.
    expect(startOf(process.pid)).toBeDefined();
  });

  test.each(['emulator', 'front', 'provider'] as const)('the port of the %s in use is told', async (part) => {
    const folder = newFolder();
    const ports = { emulator: await freePort(), front: await freePort(), provider: await freePort() };
    writeJson(placesIn(folder).ports, ports);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(ports[part], '127.0.0.1', resolve));
    await expect(localUp({ folder, env: {} })).rejects.toMatchObject({
      type: 'port-taken',
      message: expect.stringContaining(`Port ${ports[part]}`) as string,
    });
    other.close();
  });

  test('a port that somebody listens on at every address is in use, too', async () => {
    const folder = newFolder();
    const ports = { emulator: await freePort(), front: await freePort(), provider: await freePort() };
    writeJson(placesIn(folder).ports, ports);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(ports.emulator, resolve));
    await expect(localUp({ folder, env: {} })).rejects.toMatchObject({ type: 'port-taken' });
    other.close();
  });

  test('an endpoint that is set and silent is told', async () => {
    await expect(localUp({ folder: newFolder(), env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}` } })).rejects.toMatchObject(
      { type: 'endpoint-silent' },
    );
  });
});
