import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { stageSchema } from '../lib/checklist/stage.ts';
import { createStacks } from '../lib/stack/app.ts';

const app = new App();
const file: unknown = app.node.tryGetContext('stageFile');
if (typeof file !== 'string') throw new Error('which stage? got no context value `stageFile`, expected the path of a stage\'s JSON file: cdk deploy --all -c stageFile=stages/production.json');
createStacks(app, stageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))));
