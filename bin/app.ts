import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { createStacks } from '../lib/stack/app.ts';
import { bundleAll } from '../lib/stack/bundle.ts';
import { readStageFile } from '../lib/stack/stage-file.ts';

const app = new App();
const stage = (() => {
  try {
    return readStageFile(app.node.tryGetContext('stageFile'));
  } catch (fault) {
    process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
    process.exit(1);
  }
})();
const bundles = mkdtempSync(join(tmpdir(), 'holdpoint-bundles-'));
try {
  await bundleAll(stage, bundles);
  createStacks(app, stage, bundles);
  app.synth();
} finally {
  rmSync(bundles, { recursive: true, force: true });
}
