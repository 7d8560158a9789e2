import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleAll, bundleLimit, functionNames, measureBundles, plainNames } from '../../lib/stack/bundle.ts';
import { localStage } from './synthesised.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bundle-test-'));
beforeAll(() => bundleAll(localStage, folder), 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('bundles', () => {
  test('stay within their limits, and are imported by this Node', () => {
    const measured = measureBundles(folder);
    for (const name of functionNames) {
      expect([name, measured[name].bytes <= bundleLimit(name)]).toEqual([name, true]);
      expect(measured[name].importMs).toBeGreaterThan(0);
    }
  }, 60_000);

  test('are imported by the Node that Lambda has', () => {
    const script = `for (const name of ${JSON.stringify(functionNames)}) console.log(name, typeof (await import(\`${folder}/\${name}/index.mjs\`)).handler);`;
    const said = execFileSync('npx', ['-y', '-p', 'node@24.21.0', 'node', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(said.trim().split('\n')).toEqual(functionNames.map((name) => `${name} function`));
  }, 60_000);

  test.each(functionNames)('%s has the stage beside it', (name) => {
    expect(JSON.parse(readFileSync(join(folder, name, 'stage.json'), 'utf8'))).toEqual(localStage);
  });

  // CI's function starts executions with the same adapter; its role cannot answer (see grants.test.ts).
  test('of those that never speak to the workflow carry no command that answers it', () => {
    const carrying = functionNames.filter((name) => readFileSync(join(folder, name, 'index.mjs'), 'utf8').includes('SendTaskSuccess'));
    expect([...carrying].sort()).toEqual(['api-ci', 'event-settler']);
  });

  test("have the SDK's names written out, and nothing else changed", () => {
    expect(plainNames('const _a = "alpha";\nconst _b = 5;\nexport var X = { [_a]: [_a], [_b]: 1, [other]: 2 };\n')).toBe(
      'const _a = "alpha";\nconst _b = 5;\nexport var X = { "alpha": [_a], [_b]: 1, [other]: 2 };\n',
    );
  });
});
