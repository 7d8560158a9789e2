import * as z from 'zod';
import type { Words } from './account.ts';

const covered = z.strictObject({ found: z.int().min(0), hit: z.int().min(0) });
export type Covered = z.infer<typeof covered>;

/** What every report of coverage states, whatever its format: the facts of LCOV, and of the types that are judged as LCOV. */
export const coverageMembers = {
  /** Without the test files. */
  files: z.int().min(0),
  /** Digests of the paths of all files, tests included: a later report may cover them. */
  paths: z.array(z.string()),
  testFiles: z.int().min(0),
  lines: covered,
  functions: covered,
  branches: covered,
};

const facts = z.strictObject(coverageMembers);
export type CoverageFacts = z.infer<typeof facts>;

/** In percent, to a hundredth; null when nothing was measured. */
export const percentOf = ({ found, hit }: Covered): number | null => (found === 0 ? null : Math.round((hit * 10_000) / found) / 100);

export const coverageWords = ({ lines, branches, functions, files, testFiles }: CoverageFacts): Words => ({
  lines: inWords(lines),
  branches: inWords(branches),
  functions: inWords(functions),
  files,
  testFiles,
});

export const inWords = (one: Covered) => ({ covered: one.hit, total: one.found, pct: percentOf(one) });
