import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { callerOf } from '../../lib/api/identity.ts';
import { gatesOf } from '../../lib/checklist/definition.ts';
import { checklistFor } from '../../lib/checklist/deviations.ts';
import { localPlaces, placesIn, readJson, writablePlaces, writeJson } from '../../lib/local/paths.ts';
import { claim } from '../../lib/local/pid-lock.ts';
import { isFree, portsOf } from '../../lib/local/ports.ts';
import { recordOf, stop } from '../../lib/local/processes.ts';
import { secretsOf } from '../../lib/local/secrets.ts';
import { ciActor, ciClaims, localStage } from '../../lib/local/stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-stage-'));
afterAll(() => rmSync(folder, { recursive: true }));

const addresses = {
  publicUrl: 'http://localhost:4630',
  peopleIssuer: 'http://localhost:4640/people',
  ciIssuer: 'http://localhost:4640/ci',
};
const stage = localStage(addresses);
const issuer = (kind: 'ci' | 'people') => stage.issuers.find((one) => one.kind === kind) ?? expect.fail(`no issuer for ${kind}`);

describe('the configuration of the local stage', () => {
  test('has somebody in every role that a gate asks or a line belongs to', () => {
    const checklist = checklistFor(stage.deviations);
    const needed = new Set([...gatesOf(checklist).flatMap((gate) => gate.asks), ...checklist.items.map((line) => line.owner)]);
    const blocked = new Set(stage.roster.flatMap((person) => person.roles));
    expect([...needed].filter((role) => !blocked.has(role))).toEqual([]);
  });

  test('has three people for the three roles of an approval, none of them the starter', () => {
    const starter = callerOf(stage, issuer('ci'), { ...ciClaims, actor_id: ciActor, jti: 'one' });
    const signers = (['technical-lead', 'operations-lead', 'product-owner'] as const).map(
      (role) => stage.roster.find((person) => person.roles.includes(role))?.id,
    );
    expect(new Set(signers).size).toBe(3);
    expect(starter.ok).toMatchObject({ kind: 'ci', services: ['holdpoint', 'shop'] });
    expect(starter.ok?.kind === 'ci' && starter.ok.person !== null && !signers.includes(starter.ok.person)).toBe(true);
  });

  test('shortens the soak and the monitoring openly: still 30 points, with a reason that every report shows', () => {
    for (const line of ['soak-24h', 'continued-monitoring']) {
      const points = stage.deviations.find((one) => one.check === line && one.parameter === 'minPoints');
      expect(points?.here).toBeGreaterThanOrEqual(30);
    }
    for (const { reason } of stage.deviations) expect(reason.length).toBeGreaterThan(20);
  });

  test('stays the same over restarts', () => {
    expect(localStage(addresses)).toEqual(stage);
  });

  test('is local: no other stage may have its scale', () => {
    expect(stage).toMatchObject({ local: true, waitScale: 8640, publicUrl: addresses.publicUrl });
  });
});

describe('the folder of the local stage', () => {
  const places = placesIn(folder);

  test('is not made by looking, and one that cannot be written is told in a sentence', () => {
    const away = join(folder, 'away');
    expect(localPlaces(away).folder).toBe(away);
    expect(existsSync(away)).toBe(false);
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(readJson(localPlaces(file).ports, z.object({}))).toBeUndefined();
    expect(() => writablePlaces(file)).toThrow(
      expect.objectContaining({ type: 'folder-unusable', message: expect.stringContaining(file) as string }),
    );
  });

  test('is for one at a time: who comes second is told who is first, and a dead first one counts for nothing', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const record = recordOf(other.pid ?? 0) ?? expect.fail('it does not run');
    writeJson(places.playing, record);
    expect(() => claim(places.playing, 'A play')).toThrow(
      expect.objectContaining({ type: 'busy', message: expect.stringContaining(`(process ${other.pid})`) as string }),
    );
    expect(readJson(places.playing, z.looseObject({}))).toEqual(record);
    await stop(record, 2_000);
    const done = claim(places.playing, 'A play');
    expect(readJson(places.playing, z.looseObject({ pid: z.int() }))?.pid).toBe(process.pid);
    done();
    expect(existsSync(places.playing)).toBe(false);
  });

  test('keeps ports, since links and tokens name them', async () => {
    const chosen = await portsOf(places);
    expect(new Set(Object.values(chosen)).size).toBe(3);
    for (const port of Object.values(chosen)) expect(await isFree(port)).toBe(true);
    expect(await portsOf(places)).toEqual(chosen);
  });

  test('keeps secrets, readable by their owner only', () => {
    const made = secretsOf(places);
    expect(secretsOf(places)).toEqual(made);
    expect(statSync(places.secrets).mode & 0o077).toBe(0);
    rmSync(places.secrets);
    expect(secretsOf(places).password).not.toBe(made.password);
  });

  test('a file is written whole, and a damaged one is told and not guessed at', () => {
    const schema = z.object({ a: z.number() });
    const file = join(folder, 'some.json');
    expect(readJson(file, schema)).toBeUndefined();
    writeJson(file, { a: 1 });
    expect(readJson(file, schema)).toEqual({ a: 1 });
    expect(existsSync(`${file}.${process.pid}`)).toBe(false);
    for (const damaged of ['{"a":', '{"a":"1"}', '']) {
      writeFileSync(file, damaged);
      expect(() => readJson(file, schema)).toThrow(/does not hold what the local stage wrote/);
      expect(readFileSync(file, 'utf8')).toBe(damaged);
    }
  });
});
