import { join } from 'node:path';
import { runHere } from './child.ts';
import type { Report } from './reports.ts';
import type { PlayedStage } from './stage.ts';

/** The critical workflows, tried on what is live by the project's test runner. */
export const smokeTests = async (stage: PlayedStage): Promise<Report> => {
  const { shop } = stage;
  const file = join(shop.folder, 'smoke.junit.xml');
  const args = [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    'test/smoke/vitest.config.ts',
    '--reporter=junit',
    `--outputFile=${file}`,
  ];
  await runHere(shop, process.execPath, args, {
    log: join(shop.folder, 'smoke.log'),
    limitMs: 60_000,
    env: { HOLDPOINT_SMOKE_URL: stage.publicUrl, HOLDPOINT_SMOKE_FUNCTION: stage.sample.functionName },
  });
  return { type: 'junit', source: 'smoke', file, madeAt: new Date().toISOString(), contentType: 'application/xml' };
};
