import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/places.ts';
import { ownEnv } from './checkout.ts';

type Report = { readonly success: boolean; readonly numPassedTests: number; readonly numFailedTests: number };

test('the unit tests pass on the Node that Lambda has', { timeout: 240_000 }, async () => {
  const args = ['run', '--silent', 'test:node24', '--', '--reporter=json'];
  const out = await new Promise<string>((resolve) => {
    execFile('npm', args, { cwd: projectFolder, env: ownEnv(), maxBuffer: 64_000_000, timeout: 230_000 }, (_fault, stdout) =>
      resolve(stdout),
    );
  });
  const report = JSON.parse(out.slice(out.indexOf('{'))) as Report;
  expect(report.numFailedTests).toBe(0);
  expect(report.numPassedTests).toBeGreaterThan(100);
  expect(report.success).toBe(true);
});
