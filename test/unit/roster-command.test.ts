import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/paths.ts';
import { stageOf } from '../handlers/requests.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-roster-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { roster, ...rest } = stageOf();
const stageFile = join(folder, 'production.json');
const run = (people: unknown, ...args: readonly string[]) => {
  writeFileSync(stageFile, JSON.stringify({ ...rest, roster: people }));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/roster.ts', ...args], {
    cwd: projectFolder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

describe('npm run roster', () => {
  const out = join(folder, 'roster.json');

  test('writes the people of a stage that could be deployed, for its owner only', () => {
    expect(run(roster, stageFile, out)).toMatchObject({ status: 0, stdout: expect.stringContaining(`${roster.length} people`) as string });
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(roster);
    expect(statSync(out).mode & 0o077).toBe(0);
  });

  test('says what is wrong and writes nothing, so that nothing is uploaded', () => {
    const other = join(folder, 'other.json');
    expect(run(roster.slice(1), stageFile, other)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('cannot be deployed') as string,
    });
    expect(existsSync(other)).toBe(false);
    expect(run(roster)).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage') as string });
  });
});
