import { join } from 'node:path';
import type { Report } from './reports.ts';
import type { DemoStage } from './stage.ts';
import { runTool } from './workspace.ts';

/** Runs the smoke tests against the live stage. */
export const smokeTests = async (stage: DemoStage): Promise<Report> => {
  const { workspace } = stage;
  const file = join(workspace.folder, 'smoke.junit.xml');
  const args = [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    'test/smoke/vitest.config.ts',
    '--reporter=junit',
    `--outputFile=${file}`,
  ];
  await runTool(workspace, process.execPath, args, {
    log: join(workspace.folder, 'smoke.log'),
    limitMs: 60_000,
    env: { HOLDPOINT_SMOKE_URL: stage.publicUrl, HOLDPOINT_SMOKE_FUNCTION: stage.sample.functionName },
  });
  return { type: 'junit', source: 'smoke', file, madeAt: new Date().toISOString(), contentType: 'application/xml' };
};
