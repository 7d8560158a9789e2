import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/paths.ts';
import { ownEnv } from '../e2e/checkout.ts';

type Report = { readonly success: boolean; readonly numPassedTests: number; readonly numFailedTests: number };

/** What uses nothing of Node.js that the others do not use, or does not run on Lambda. They take most of the time. */
const left = [
  'pages/**',
  'commands/**',
  'architecture/**',
  ...['page', 'form', 'inbox', 'view', 'metrics', 'full-run'].map((shown) => `handlers/*${shown}*`),
  ...['bad-input', 'hostile', 'junit-large', 'large', 'streamed', 'worsened'].map((evidence) => `unit/evidence-${evidence}*`),
  ...['cli', 'demo-', 'local-', 'parameter-words', 'profile-file', 'record-schemas', 'roster-command'].map((name) => `unit/${name}*`),
];

test('the unit tests pass on the Node version of Lambda', { timeout: 240_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-node24-'));
  const file = join(folder, 'report.json');
  const args = [
    'run',
    '--silent',
    'test:node24',
    '--',
    ...left.map((files) => `--exclude=test/${files}`),
    '--reporter=json',
    `--outputFile=${file}`,
  ];
  const output = await new Promise<string>((resolve) => {
    execFile('npm', args, { cwd: projectFolder, env: ownEnv(), maxBuffer: 64_000_000, timeout: 230_000 }, (_fault, out, err) =>
      resolve(`${out}${err}`),
    );
  });
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  rmSync(folder, { recursive: true });
  expect(report.numFailedTests, output.slice(-2000)).toBe(0);
  expect(report.numPassedTests).toBeGreaterThan(100);
  expect(report.success).toBe(true);
});
