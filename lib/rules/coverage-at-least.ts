import * as z from 'zod';
import { counted, quoted } from '../canonical-json.ts';
import { mostFiles } from '../evidence/coverage-facts.ts';
import { mostNamed } from '../evidence/kind.ts';
import type { LcovFacts } from '../evidence/lcov.ts';
import type { Judgement } from '../verdict.ts';
import { byFeature, coveredFeatureSchema } from './feature-coverage.ts';
import { evidenceRule } from './kind.ts';

export const coverageAtLeast = evidenceRule({
  kind: 'coverage-at-least/1',
  description: 'The share of covered lines, functions or branches reaches a floor, over all files and for each feature that it names.',
  evidence: 'lcov',
  parameters: {
    metric: z.enum(['lines', 'functions', 'branches']),
    floorPct: z.number().min(0).max(100),
    per: z.literal('feature'),
    /** Without them one feature covers all files. */
    features: z.array(coveredFeatureSchema).min(1).optional(),
  },
  bounds: { floorPct: { least: 1 } },
  service: {
    takes: () => ['features'],
    fitted: (rule, { features }) => ({
      ...rule,
      features: features.map(({ id, paths, floorPct }) => ({ id, paths: [...paths], ...(floorPct === undefined ? {} : { floorPct }) })),
    }),
  },
  // Coverage of one package says nothing about the files of another.
  covers: (later: readonly LcovFacts[], earlier: LcovFacts) => {
    const measured = new Set(later.flatMap(({ paths }) => paths));
    return earlier.paths.length < mostNamed && earlier.paths.every((path) => measured.has(path));
  },
  judge: (rule, facts: LcovFacts) => {
    const { found, hit } = facts[rule.metric];
    const where = `in ${facts.files} files${facts.testFiles > 0 ? `, beside ${facts.testFiles} test files` : ''}`;
    if (found === 0) return { verdict: 'inconclusive', reason: `no ${rule.metric} were measured ${where}` };
    const all: Judgement = {
      verdict: isReached(rule.floorPct, { found, hit }) ? 'pass' : 'fail',
      reason: `${figures({ found, hit }, rule)} ${where}, ${rule.floorPct} % expected`,
    };
    return rule.features === undefined ? all : eachFeature(rule, rule.features, facts, all);
  },
});

type Feature = z.infer<typeof coveredFeatureSchema>;
type Rule = { readonly metric: 'lines' | 'functions' | 'branches'; readonly floorPct: number };
const files = (count: number): string => counted(count, 'file belongs', 'files belong');
type Covered = { readonly found: number; readonly hit: number };

// Multiplied, not divided: 57 of 100 divided and taken times 100 is less than 57.
const isReached = (floorPct: number, { found, hit }: Covered): boolean => hit * 100 >= floorPct * found;
// Shown rounded down, so that a figure never looks as if it had reached the floor.
const shareOf = ({ found, hit }: Covered): string => (Math.floor((hit * 1000) / found) / 10).toFixed(1);
const figures = (covered: Covered, { metric }: Pick<Rule, 'metric'>): string => `${shareOf(covered)} % of ${covered.found} ${metric}`;

/** Totals may know of missed lines that belong to no file, so the figures of all files together must reach the floor, too. */
const eachFeature = (rule: Rule, features: readonly Feature[], facts: LcovFacts, all: Judgement): Judgement => {
  if (facts.perFile === undefined)
    return {
      verdict: all.verdict === 'fail' ? 'fail' : 'inconclusive',
      reason: `the facts have no counts for single files (kept of ${mostFiles} files at most), so nothing is known of single features; ${all.reason}`,
    };
  const split = byFeature(features, facts.perFile, rule.metric);
  if (typeof split === 'string') return { verdict: all.verdict === 'fail' ? 'fail' : 'inconclusive', reason: `${split}; ${all.reason}` };
  const measured = split.features
    .filter(({ found }) => found > 0)
    .map((one) => ({ ...one, floor: Math.max(rule.floorPct, one.feature.floorPct ?? 0) }));
  const said = ({ feature, floor, ...covered }: (typeof measured)[number]): string =>
    `feature ${feature.id}: ${figures(covered, rule)}, ${floor} % expected`;
  const under = measured.filter((one) => !isReached(one.floor, one)).sort((a, b) => a.hit * b.found - b.hit * a.found);
  const many = `${under.length} of ${features.length} features under their floor`;
  if (under.length > 0) return { verdict: 'fail', reason: `${many}; ${under.map(said).join('; ')}` };
  if (all.verdict === 'fail') return all;
  const unmeasured = split.features.filter(({ found }) => found === 0);
  if (unmeasured.length > 0)
    return {
      verdict: 'inconclusive',
      reason: `no ${rule.metric} were measured of the feature ${unmeasured.map(({ feature }) => feature.id).join(', ')}; ${all.reason}`,
    };
  const [first] = split.unlisted;
  if (first !== undefined)
    return {
      verdict: 'inconclusive',
      reason: `${files(split.unlisted.length)} to no feature, the first is ${quoted(first, 120)}; ${all.reason}`,
    };
  const [least] = measured.toSorted((a, b) => a.hit * b.found - b.hit * a.found);
  return {
    verdict: 'pass',
    reason: `${features.length} of ${features.length} features${least === undefined ? '' : `, the least is ${least.feature.id} with ${figures(least, rule)}`}; ${all.reason}`,
  };
};
