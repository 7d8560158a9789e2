import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { createStacks } from '../lib/stack/app.ts';
import { bundleAll } from '../lib/stack/bundle.ts';
import { readStageFile } from '../lib/stack/stage-file.ts';
import { advice, certificateElsewhere } from '../lib/stack/stage-options.ts';

const app = new App();
const stage = (() => {
  try {
    const read = readStageFile(app.node.tryGetContext('stageFile'));
    const wrong = certificateElsewhere(read, process.env.CDK_DEFAULT_REGION);
    if (wrong !== undefined) throw new Error(wrong);
    for (const sentence of advice(read)) process.stderr.write(`${sentence}\n`);
    return read;
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
