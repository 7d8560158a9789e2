import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleCli, mostCliBytes } from '../../bin/bundle-cli.ts';
import type { Row } from './trail.ts';

const startsOf = 9;

/** Median of several starts in new processes, in milliseconds. `args` may end with any exit code. */
const medianStart = (args: readonly string[]): number => {
  const times = Array.from({ length: startsOf }, () => {
    const from = performance.now();
    try {
      execFileSync(process.execPath, args, { stdio: 'ignore', timeout: 30_000 });
    } catch {
      // Wrong usage exits with 2.
    }
    return performance.now() - from;
  });
  return Math.round(times.sort((a, b) => a - b)[Math.floor(startsOf / 2)] ?? 0);
};

/** Size and start of the bundled command line, beside the start of Node.js itself. */
export const commandLineFigures = async (): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'));
  const file = join(folder, 'holdpoint.mjs');
  try {
    const { contents } = await bundleCli();
    writeFileSync(file, contents);
    return [
      { figure: 'size', value: `${Math.ceil(contents.length / 1000)} KB`, limit: `${mostCliBytes / 1000} KB` },
      { figure: 'node -e 0', value: `${medianStart(['-e', '0'])} ms`, limit: '' },
      { figure: 'holdpoint --help', value: `${medianStart([file, '--help'])} ms`, limit: 'aim 200 ms' },
      { figure: 'holdpoint status (its usage)', value: `${medianStart([file, 'status'])} ms`, limit: 'aim 250 ms' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
