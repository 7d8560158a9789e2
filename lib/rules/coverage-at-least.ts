import * as z from 'zod';
import { mostNamed } from '../evidence/kind.ts';
import type { LcovFacts } from '../evidence/lcov.ts';
import { evidenceRule } from './kind.ts';

export const coverageAtLeast = evidenceRule({
  kind: 'coverage-at-least/1',
  description: 'The share of covered lines, functions or branches reaches a floor.',
  evidence: 'lcov',
  parameters: {
    metric: z.enum(['lines', 'functions', 'branches']),
    floorPct: z.number().min(0).max(100),
    /** Without a profile one feature covers all files. */
    per: z.literal('feature'),
  },
  bounds: { floorPct: { least: 1 } },
  // Coverage of one package says nothing about the files of another.
  covers: (later: readonly LcovFacts[], earlier: LcovFacts) => {
    const measured = new Set(later.flatMap(({ paths }) => paths));
    return earlier.paths.length < mostNamed && earlier.paths.every((path) => measured.has(path));
  },
  judge: (rule, facts: LcovFacts) => {
    const { found, hit } = facts[rule.metric];
    const where = `in ${facts.files} files${facts.testFiles > 0 ? `, beside ${facts.testFiles} test files` : ''}`;
    if (found === 0) return { verdict: 'inconclusive', reason: `no ${rule.metric} were measured ${where}` };
    // Shown rounded down, so that a figure never looks as if it had reached the floor.
    const figures = `${(Math.floor((hit * 1000) / found) / 10).toFixed(1)} % of ${found} ${rule.metric} ${where}, ${rule.floorPct} % expected`;
    // Multiplied, not divided: 57 of 100 divided and taken times 100 is less than 57.
    return { verdict: hit * 100 >= rule.floorPct * found ? 'pass' : 'fail', reason: figures };
  },
});
