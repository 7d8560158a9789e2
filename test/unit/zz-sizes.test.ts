import { bundleAll } from '../../lib/stack/bundle.ts';
import { factsOf, functionNames } from '../../lib/lambda-manifest.ts';
import { realStage } from '../stack/synthesised.ts';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'vitest';
test('sizes', async () => {
  const folder = mkdtempSync('/tmp/standing-b-');
  await bundleAll(realStage, folder);
  const out: string[] = [];
  for (const n of functionNames) { const b = statSync(`${folder}/${n}/index.mjs`).size; out.push([n, b, factsOf(n).bundleLimit, b > factsOf(n).bundleLimit ? 'OVER' : ''].join(' ')); }
  writeFileSync('/tmp/standing-sizes.txt', out.join('\n'));
}, 200000);
