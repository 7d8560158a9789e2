import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { megabyte } from '../../lib/evidence/kind.ts';
import { type EvidenceType, evidenceTypes, isEvidenceType } from '../../lib/registry/evidence.ts';
import { grownReport, type ListType, listTypes } from './json-reports.ts';
import { type LargeType, largeReport, largeTypes } from './large-reports.ts';
import type { Row } from './trail.ts';

/** The heap, in MB, that leaves room for a report of 50 MB and for Node in the 256 MB that a streamed type may take. */
const heapMegabytes = 128;

/** `times`: a summary of fixed size is read so often that a megabyte is read in all. */
type Measured = {
  readonly type: EvidenceType;
  readonly what?: string;
  readonly report: () => Uint8Array;
  readonly times: number;
  readonly limit: string;
};

/**
 * Parses reports of each type, each in a process of its own that is bundled as a function is: how fast, and at most how much memory. With
 * the compiling of a published schema at its first use. A process that needs more than `megabytes` of heap dies, and its error is thrown.
 */
export const parsingFigures = async (all: readonly Measured[] = usual, megabytes = heapMegabytes): Promise<readonly Row[]> => {
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
    return all.map(({ type, what, report, times, limit }) => {
      const file = join(folder, type);
      writeFileSync(file, report());
      const heap = `--max-old-space-size=${megabytes}`;
      const printed = execFileSync(process.execPath, [heap, program, type, file, String(times)], { encoding: 'utf8', stdio: 'pipe' });
      const { bytes, seconds, peak } = JSON.parse(printed) as Readonly<Record<'bytes' | 'seconds' | 'peak', number>>;
      const size = bytes / 1024 / 1024;
      return {
        figure: `${type}${what === undefined ? '' : `, ${what}`}, ${times === 1 ? `${size.toFixed(size < 10 ? 1 : 0)} MB` : `its sample ${times} times`}`,
        value: `${(size / seconds).toFixed(1)} MB/s, ${seconds.toFixed(1)} s, peak ${Math.round(peak / 1024 / 1024)} MB`,
        limit,
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const streamed = (type: LargeType, megabytes: number): Measured => ({
  type,
  report: () => largeReport(type, megabytes),
  times: 1,
  limit: '5 s, 256 MB',
});
/** Each file twice, once below an absolute folder, and the lines that were missed are hit the second time: two jobs over the same code. */
const twice = (megabytes: number): Measured => ({
  type: 'lcov',
  what: 'each file twice',
  report: () => {
    const once = Buffer.from(largeReport('lcov', megabytes / 2)).toString();
    return Buffer.from(once + once.replaceAll(/^SF:/gm, 'SF:/work/').replaceAll(/^(DA:\d+),0$/gm, '$1,7'));
  },
  times: 1,
  limit: '5 s, 256 MB',
});
const listing = (type: ListType): Measured => ({ type, report: () => grownReport(type, 1.5), times: 1, limit: '5 s, 512 MB' });
const repeated = (type: EvidenceType): Measured => {
  const sample = readFileSync(resolve(import.meta.dirname, '../samples/evidence', evidenceTypes[type].sample));
  return { type, report: () => sample, times: Math.ceil(megabyte / sample.byteLength), limit: '5 s, 512 MB' };
};

/** Every type: those that are read piece by piece at their limit, reports that list things at a megabyte and a half, and the samples of all others. */
const usual: readonly Measured[] = [
  streamed('junit', 10),
  ...largeTypes.map((type) => streamed(type, 49.9)),
  twice(49),
  ...listTypes.map(listing),
  ...Object.keys(evidenceTypes)
    .filter(isEvidenceType)
    .filter((type) => ![...largeTypes, ...listTypes].some((one) => one === type))
    .map(repeated),
];
