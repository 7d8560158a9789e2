import * as z from 'zod';
import { quoted } from '../canonical-json.ts';
import { mostFiles, mostNamed } from '../evidence/kind.ts';
import type { LcovFacts } from '../evidence/lcov.ts';
import { areCounted, worse } from '../evidence/source-files.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { changesListed, isChanges } from './changed-files.ts';
import { type ByFeature, byFeature, coveredFeatureSchema, featureInWords, sumOf, testsByFeature } from './feature-coverage.ts';
import { evidenceRule } from './kind.ts';
import { atLeast, chosen } from './parameter-words.ts';
import { withParts } from './parts.ts';

export const coverageAtLeast = evidenceRule({
  kind: 'coverage-at-least/1',
  description: 'The share of covered lines, functions or branches reaches a floor, over all files and for each feature that it names.',
  evidence: 'lcov',
  wants: () => 'a coverage report: LCOV, Cobertura or JaCoCo',
  parameters: {
    metric: z.enum(['lines', 'functions', 'branches']),
    floorPct: z.number().min(0).max(100),
    per: z.literal('feature'),
    /** Without them one feature covers all files. */
    features: z.array(coveredFeatureSchema).min(1).optional(),
    /** Where a record lists the files that changed since the live version, each production file of them must be in a report. */
    changed: z.literal('listed').optional(),
  },
  words: {
    metric: chosen('what is covered'),
    floorPct: atLeast('covered share', '%'),
    per: chosen('for each', { feature: 'feature, and over all files' }),
    features: { name: 'features', says: featureInWords, none: 'one, which covers all files' },
    changed: chosen('files that changed since the live version', { listed: 'each must be in a report' }, 'not compared'),
  },
  bounds: { floorPct: { least: 1 } },
  service: {
    takes: () => ['features'],
    fitted: (rule, { features }) => ({
      ...rule,
      features: features.map(({ id, paths, floorPct }) => ({ id, paths: [...paths], ...(floorPct === undefined ? {} : { floorPct }) })),
    }),
  },
  compares: ({ changed }) => (changed === undefined ? undefined : 'changes'),
  beside: {
    evidence: 'record',
    judge: ({ changed }, facts) => (changed !== undefined && isChanges(facts) ? changesListed(facts) : undefined),
  },
  // Coverage of one package says nothing about the files of another.
  covers: (later: readonly LcovFacts[], earlier: LcovFacts) => {
    const measured = new Set(later.flatMap(({ paths }) => paths));
    return earlier.paths.length < mostNamed && earlier.paths.every((path) => measured.has(path));
  },
  judge: (rule, facts: LcovFacts) => {
    const { found, hit, where } = countedIn(facts, rule);
    if (found === 0) return { verdict: 'inconclusive', reason: `no ${rule.metric} were measured ${where}` };
    const all: Judgement = {
      verdict: isReached(rule.floorPct, { found, hit }) ? 'pass' : 'fail',
      reason: `${figures({ found, hit }, rule)} ${where}, ${rule.floorPct} % expected`,
    };
    return rule.features === undefined ? all : eachFeature(rule, rule.features, facts, all);
  },
});

/**
 * What counts of a report. Test files cover themselves, so only their misses count, because what looks like a test may be product. Features say
 * what is product: then a test file counts that one of them lists, and no other.
 */
const countedIn = (
  facts: LcovFacts,
  { metric, features }: { readonly metric: Rule['metric']; readonly features?: readonly Feature[] | undefined },
): Covered & { readonly where: string } => {
  const said = facts[metric];
  const files = counted(facts.files, 'file');
  const tests = counted(facts.testFiles, 'test file');
  const beside = facts.testFiles > 0 ? `in ${files}, beside ${tests}` : `in ${files}`;
  const { perFile, perTestFile } = facts;
  if (perFile === undefined || perTestFile === undefined) return { ...said, where: beside };
  const { listed, all } = testsByFeature(features ?? [], facts, metric);
  if (!areCounted(sumOf(perFile, metric), all)) return { ...said, where: beside };
  const withMisses = `in ${files} and ${tests}, whose missed ${metric} count`;
  if (features === undefined) return { ...said, where: withMisses };
  const own = { found: said.found - all.found, hit: Math.max(0, said.hit - all.hit) };
  return areCounted(own, listed) ? { ...worse(own, listed), where: withMisses } : { ...own, where: beside };
};

type Feature = z.infer<typeof coveredFeatureSchema>;
type Rule = { readonly metric: 'lines' | 'functions' | 'branches'; readonly floorPct: number };
const files = (count: number): string => counted(count, 'file belongs', 'files belong');
type Covered = { readonly found: number; readonly hit: number };

// Multiplied, not divided: 57 of 100 divided and taken times 100 is less than 57.
const isReached = (floorPct: number, { found, hit }: Covered): boolean => hit * 100 >= floorPct * found;
// Shown rounded down, so that a figure never looks as if it had reached the floor.
const shareOf = ({ found, hit }: Covered): string => (Math.floor((hit * 1000) / found) / 10).toFixed(1);
const figures = (covered: Covered, { metric }: Pick<Rule, 'metric'>): string =>
  `${shareOf(covered)} % of ${counted(covered.found, oneOf[metric], metric)}`;
const oneOf = { lines: 'line', functions: 'function', branches: 'branch' } as const;

/** Totals may know of missed lines that belong to no file, so the figures of all files together must reach the floor, too. */
const eachFeature = (rule: Rule, features: readonly Feature[], facts: LcovFacts, all: Judgement): Judgement => {
  if (facts.perFile === undefined)
    return {
      verdict: all.verdict === 'fail' ? 'fail' : 'inconclusive',
      reason: `single files are counted of ${mostFiles} files at most, with paths of 150 characters, so nothing is known of single features: send a report for each package, together they show all features; ${all.reason}`,
    };
  const split = byFeature(features, facts.perFile, rule.metric);
  if (typeof split === 'string') return { verdict: all.verdict === 'fail' ? 'fail' : 'inconclusive', reason: `${split}; ${all.reason}` };
  const parts = split.features.map((one) => partOf(rule, { ...one, floor: Math.max(rule.floorPct, one.feature.floorPct ?? 0) }));
  return withParts(allFeatures(rule, features, split, all), {
    parts: parts.map(({ feature, found, verdict, reason }) => ({
      subject: { kind: 'feature', id: feature.id },
      verdict,
      reason,
      ...(found === 0 ? { absent: true as const } : {}),
    })),
    besides: besidesFeatures(
      rule,
      split,
      countedIn(facts, { ...rule, features }),
      parts.flatMap(({ feature, verdict }) => (verdict === 'pass' ? [] : [feature])),
    ),
  });
};

type Measured = Covered & { readonly feature: Feature; readonly floor: number };

const partOf = (
  rule: Rule,
  { feature, floor, ...covered }: Measured,
): { readonly feature: Feature; readonly found: number } & Pick<Judgement, 'verdict' | 'reason'> => {
  const { found } = covered;
  if (found === 0) return { feature, found, verdict: 'inconclusive', reason: `no ${rule.metric} were measured` };
  return { feature, found, verdict: isReached(floor, covered) ? 'pass' : 'fail', reason: `${figures(covered, rule)}, ${floor} % expected` };
};

/** What an exception for a feature does not cover: files of no feature, and missed lines that are not those of a feature under its floor. */
const besidesFeatures = (rule: Rule, split: ByFeature, all: Covered, open: readonly Feature[]): Pick<Judgement, 'verdict' | 'reason'> => {
  const [first] = split.unlisted;
  const own = split.together(open);
  const others = { found: Math.max(0, all.found - own.found), hit: Math.max(0, all.hit - own.hit) };
  if (!isReached(rule.floorPct, all) && !isReached(rule.floorPct, others))
    return { verdict: 'fail', reason: `${figures(others, rule)} beside the features under their floor, ${rule.floorPct} % expected` };
  if (first !== undefined) return { verdict: 'inconclusive', reason: unlistedReason(split) };
  return { verdict: 'pass', reason: '' };
};

const unlistedReason = ({ unlisted }: ByFeature): string =>
  `${files(unlisted.length)} to no feature, the first is ${quoted(unlisted[0] ?? '', 120)}`;

const allFeatures = (rule: Rule, features: readonly Feature[], split: ByFeature, all: Judgement): Judgement => {
  const measured = split.features
    .filter(({ found }) => found > 0)
    .map((one) => ({ ...one, floor: Math.max(rule.floorPct, one.feature.floorPct ?? 0) }));
  const said = ({ feature, floor, ...covered }: (typeof measured)[number]): string =>
    `feature ${feature.id}: ${figures(covered, rule)}, ${floor} % expected`;
  const under = measured.filter((one) => !isReached(one.floor, one)).sort((a, b) => a.hit * b.found - b.hit * a.found);
  const many = `${under.length} of ${counted(features.length, 'feature')} under ${under.length === 1 ? 'its' : 'their'} floor`;
  if (under.length > 0) return { verdict: 'fail', reason: `${many}; ${under.map(said).join('; ')}` };
  if (all.verdict === 'fail') return all;
  const unmeasured = split.features.filter(({ found }) => found === 0);
  if (unmeasured.length > 0)
    return {
      verdict: 'inconclusive',
      reason: `no ${rule.metric} were measured of the feature ${unmeasured.map(({ feature }) => feature.id).join(', ')}; ${all.reason}`,
    };
  if (split.unlisted.length > 0) return { verdict: 'inconclusive', reason: `${unlistedReason(split)}; ${all.reason}` };
  const [least] = measured.toSorted((a, b) => a.hit * b.found - b.hit * a.found);
  return {
    verdict: 'pass',
    reason: `${features.length} of ${counted(features.length, 'feature')}${least === undefined ? '' : `, the least is ${least.feature.id} with ${figures(least, rule)}`}; ${all.reason}`,
  };
};
