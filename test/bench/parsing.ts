import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { type LargeType, largeReport, largeTypes } from './large-reports.ts';
import type { Row } from './trail.ts';

/** The heap that leaves room for a report of 50 MB and for Node in the 256 MB that a streamed type may take. */
const heapMegabytes = 128;

/** Parses reports of each streamed type, each in a process of its own that is bundled as a function is: how fast, and at most how much memory. */
export const parsingFigures = async (sizes: readonly (readonly [LargeType, number])[] = usual): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-parse-'));
  try {
    const program = join(folder, 'parse-one.mjs');
    await build({
      entryPoints: [resolve(import.meta.dirname, 'parse-one.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    return sizes.map(([type, megabytes]) => {
      const file = join(folder, type);
      writeFileSync(file, largeReport(type, megabytes));
      const printed = execFileSync(process.execPath, [`--max-old-space-size=${heapMegabytes}`, program, type, file], { encoding: 'utf8' });
      const { bytes, seconds, peak } = JSON.parse(printed) as Readonly<Record<'bytes' | 'seconds' | 'peak', number>>;
      const size = bytes / 1024 / 1024;
      return {
        figure: `${type}, ${Math.round(size)} MB`,
        value: `${(size / seconds).toFixed(1)} MB/s, ${seconds.toFixed(1)} s, peak ${Math.round(peak / 1024 / 1024)} MB`,
        limit: '5 s, 256 MB',
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const usual: readonly (readonly [LargeType, number])[] = [['junit', 10], ...largeTypes.map((type) => [type, 49.9] as const)];
