import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { callerOf } from '../../lib/api/identity.ts';
import { gatesOf } from '../../lib/checklist/definition.ts';
import { withProfileTargets } from '../../lib/checklist/profile-targets.ts';
import { checklistFor } from '../../lib/checklist/stage-checklist.ts';
import { localPaths, pathsIn, readJson, writablePaths, writeJson } from '../../lib/local/paths.ts';
import { acquireLock } from '../../lib/local/pid-lock.ts';
import { recordOf, stop } from '../../lib/local/processes.ts';
import { secretsOf } from '../../lib/local/secrets.ts';
import { probedOrder } from '../../lib/local/shop-targets.ts';
import { ciActor, ciClaims, localStage } from '../../lib/local/stage.ts';
import { isFree, portsOf } from '../../lib/local/tcp-ports.ts';
import { targetMisfits } from '../../lib/profile/permitted-targets.ts';
import { readProfile } from '../../lib/profile/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-stage-'));
afterAll(() => rmSync(folder, { recursive: true }));

const addresses = {
  publicUrl: 'http://localhost:4630',
  peopleIssuer: 'http://localhost:4640/people',
  ciIssuer: 'http://localhost:4640/ci',
};
const stage = localStage(addresses);
const read = readProfile(readFileSync(join('lib', 'local', 'shop', 'holdpoint.yaml')));
const { profile } = 'ok' in read ? read.ok : expect.fail(JSON.stringify(read.wrong));
const issuer = (kind: 'ci' | 'people') => stage.issuers.find((one) => one.kind === kind) ?? expect.fail(`no issuer for ${kind}`);

describe('the configuration of the local stage', () => {
  test('has a person in every role that a gate asks or that owns a checklist item', () => {
    const checklist = checklistFor(stage.deviations);
    const needed = new Set([...gatesOf(checklist).flatMap((gate) => gate.asks), ...checklist.items.map((item) => item.owner)]);
    const present = new Set(stage.roster.flatMap((person) => person.roles));
    expect([...needed].filter((role) => !present.has(role))).toEqual([]);
  });

  test('has three people for the three roles of an approval, none of them the starter', () => {
    const starter = callerOf(stage, issuer('ci'), { ...ciClaims, actor_id: ciActor, jti: 'one' });
    const signers = (['technical-lead', 'operations-lead', 'product-owner'] as const).map(
      (role) => stage.roster.find((person) => person.roles.includes(role))?.id,
    );
    expect(new Set(signers).size).toBe(3);
    expect(starter.ok).toMatchObject({ kind: 'ci', services: ['shop'] });
    expect(starter.ok?.kind === 'ci' && starter.ok.person !== null && !signers.includes(starter.ok.person)).toBe(true);
  });

  test('shortens soak and monitoring to no less than 30 points, with a reason that every report shows', () => {
    for (const check of ['soak-24h', 'continued-monitoring']) {
      const points = stage.deviations.find((one) => one.check === check && one.parameter === 'minPoints');
      expect(points?.here).toBeGreaterThanOrEqual(30);
    }
    for (const { reason } of stage.deviations) expect(reason.length).toBeGreaterThan(20);
  });

  test('looks at the shop in both environments, and takes it back by the function that stops requests and by its alias', () => {
    const staged = stage.services[0]?.targets ?? expect.fail('no targets');
    const named = profile.targets ?? expect.fail('the profile of the shop names no targets');
    expect(targetMisfits(profile, { environments: ['production', 'staging'], targets: staged })).toEqual([]);
    const [production, staging] = (['production', 'staging'] as const).map((name) =>
      withProfileTargets(staged[name] ?? expect.fail(name), named[name]),
    );
    for (const [targets, alias, base] of [
      [production, 'live', '/shop/'],
      [staging, 'staging', '/shop-staging/'],
    ] as const) {
      expect(targets?.components.map(({ platform }) => platform)).toEqual([{ kind: 'lambda-alias', function: 'shop', alias }]);
      expect(targets?.probes.length).toBeGreaterThan(0);
      expect(targets?.probes.every(({ url }) => url.startsWith(`${addresses.publicUrl}${base}`))).toBe(true);
      expect(targets?.probes.find(({ critical }) => critical)?.url).toBe(`${addresses.publicUrl}${base}orders/${probedOrder}`);
      expect(targets?.probes.filter(({ safe }) => safe).map(({ id, method }) => `${id} ${method}`)).toEqual(['write-needs-token POST']);
      // A person decides, from the mail.
      expect(targets?.rollback?.decideThemselves).toEqual([]);
    }
    expect([production?.staging, staging?.staging, production?.alarms]).toEqual([false, true, ['shop-production-errors']]);
  });

  test('is the same after a restart', () => {
    expect(localStage(addresses)).toEqual(stage);
  });

  test('is local, because no other stage may scale its clock', () => {
    expect(stage).toMatchObject({ local: true, waitScale: 8640, publicUrl: addresses.publicUrl });
  });
});

describe('the folder of the local stage', () => {
  const paths = pathsIn(folder);

  test('is not created by reading; one that cannot be written is reported', () => {
    const away = join(folder, 'away');
    expect(localPaths(away).folder).toBe(away);
    expect(existsSync(away)).toBe(false);
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(readJson(localPaths(file).ports, z.object({}))).toBeUndefined();
    expect(() => writablePaths(file)).toThrow(
      expect.objectContaining({ type: 'folder-unusable', message: expect.stringContaining(file) as string }),
    );
  });

  test('has locks: the second command learns which process is the first, and a lock of an ended process is taken over', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const record = recordOf(other.pid ?? 0) ?? expect.fail('the process is not running');
    writeJson(paths.demoLock, record);
    expect(() => acquireLock(paths.demoLock, 'A demo')).toThrow(
      expect.objectContaining({ type: 'busy', message: expect.stringContaining(`(process ${other.pid})`) as string }),
    );
    expect(readJson(paths.demoLock, z.looseObject({}))).toEqual(record);
    await stop(record, 2_000);
    const release = acquireLock(paths.demoLock, 'A demo');
    expect(readJson(paths.demoLock, z.looseObject({ pid: z.int() }))?.pid).toBe(process.pid);
    release();
    expect(existsSync(paths.demoLock)).toBe(false);
  });

  test('keeps ports, because links and tokens contain them', async () => {
    const chosen = await portsOf(paths);
    expect(new Set(Object.values(chosen)).size).toBe(3);
    for (const port of Object.values(chosen)) expect(await isFree(port)).toBe(true);
    expect(await portsOf(paths)).toEqual(chosen);
  });

  test('keeps secrets that only their owner can read', () => {
    const made = secretsOf(paths);
    expect(secretsOf(paths)).toEqual(made);
    expect(statSync(paths.secrets).mode & 0o077).toBe(0);
    rmSync(paths.secrets);
    expect(secretsOf(paths).password).not.toBe(made.password);
  });

  test('files are replaced atomically, and a damaged file is an error', () => {
    const schema = z.object({ a: z.number() });
    const file = join(folder, 'some.json');
    expect(readJson(file, schema)).toBeUndefined();
    writeJson(file, { a: 1 });
    expect(readJson(file, schema)).toEqual({ a: 1 });
    expect(existsSync(`${file}.${process.pid}`)).toBe(false);
    for (const damaged of ['{"a":', '{"a":"1"}', '']) {
      writeFileSync(file, damaged);
      expect(() => readJson(file, schema)).toThrow(/does not contain what the local stage wrote/);
      expect(readFileSync(file, 'utf8')).toBe(damaged);
    }
  });
});
