import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/paths.ts';

const polling = join(projectFolder, 'lib/local/cdk-polling.mjs');

/** Runs a script with the module loaded before it, as `local up` runs the CDK. */
const measured = (script: string): number =>
  Number(execFileSync(process.execPath, ['--import', polling, '--input-type=module', '-e', script], { encoding: 'utf8', timeout: 15_000 }));

describe("the CDK's pauses on the local stage", () => {
  const pause =
    'const began = performance.now(); await new Promise((done) => setTimeout(done, 5_000)); console.log(performance.now() - began)';

  test('are short where the CDK waits for a stack', () => {
    const took = measured(`async function waitFor() { ${pause}; } await waitFor();`);
    expect(took).toBeGreaterThanOrEqual(199);
    expect(took).toBeLessThan(4_000);
  });

  test('stay as they are elsewhere', () => {
    expect(measured(`async function other() { ${pause}; } await other();`)).toBeGreaterThanOrEqual(4_999);
  });

  test('are still those that this version of the CDK makes', () => {
    const cdk = readFileSync(join(projectFolder, 'node_modules/aws-cdk/lib/index.js'), 'utf8');
    expect(cdk).toMatch(/async function waitFor\(valueProvider, timeout = 5e3\) \{[\s\S]{0,400}setTimeout\(cb, timeout\)/);
  });
});
