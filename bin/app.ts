import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { stageSchema } from '../lib/checklist/stage.ts';
import { createStacks } from '../lib/stack/app.ts';
import { bundleAll } from '../lib/stack/bundle.ts';

const app = new App();
const file: unknown = app.node.tryGetContext('stageFile');
if (typeof file !== 'string')
  throw new Error(
    "which stage? got no context value `stageFile`, expected the path of a stage's JSON file: cdk deploy --all -c stageFile=stages/production.json",
  );
const read = stageSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
if (!read.success)
  throw new Error(
    `${file} is not the configuration of a stage: ${read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
  );
const stage = read.data;
const bundles = mkdtempSync(join(tmpdir(), 'holdpoint-bundles-'));
await bundleAll(stage, bundles);
createStacks(app, stage, bundles);
app.synth();
rmSync(bundles, { recursive: true, force: true });
