import * as z from 'zod';
import { quoted } from '../canonical-json.ts';
import type { JunitFacts } from '../evidence/junit.ts';
import { mostNamed } from '../evidence/kind.ts';
import type { TestSuite } from '../evidence/test-suites.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { testedEndpoints, testedServices } from './named-tests.ts';
import { atLeast, atMost, chosen, listed } from './parameter-words.ts';
import { withParts } from './parts.ts';
import { withNames } from './shown-by-name.ts';
import { chosenOf, featureSuites, type TestedFeature, testedFeatureSchema, testedInWords, unassigned } from './tested-features.ts';

export const junitPasses = evidenceRule({
  kind: 'junit-passes/1',
  description: 'Every test that ran passes, enough tests ran, few are skipped, and no outcome is unclear.',
  evidence: 'junit',
  parameters: {
    minTests: z.int().min(1),
    maxSkippedPct: z.number().min(0).max(100).optional(),
    /** Only tests of these suites count: `*` stands for any characters, and all that is neither a letter nor a digit is one hyphen. */
    suites: z.array(z.string().min(1)).min(1).optional(),
    /** Tests of these features count, too, and of each feature at least one must have run. */
    features: z.array(testedFeatureSchema).min(1).optional(),
    /** Each of these endpoints, or services, must stand in the name of a test that passed, or of its suite. */
    endpoints: z.array(z.string().min(1)).min(1).optional(),
    services: z.array(z.string().min(1)).min(1).optional(),
    /** Beside what each report says, the tests that passed in the last release that became production-stable must have passed again. */
    comparedWith: z.literal('last-stable').optional(),
  },
  words: {
    minTests: atLeast('tests that ran'),
    maxSkippedPct: atMost('skipped tests', '%'),
    suites: listed('suites'),
    features: {
      name: 'features',
      says: testedInWords,
      none: 'none apart',
    },
    endpoints: listed('endpoints that the names of tests show', 'none'),
    services: listed('services that the names of tests show', 'none'),
    comparedWith: chosen(
      'compared with',
      { 'last-stable': 'the tests of the last release that became production-stable' },
      'no earlier release',
    ),
  },
  bounds: { minTests: { least: 1 }, maxSkippedPct: { most: 50 } },
  // Where every test counts, suites would leave some out.
  service: {
    takes: ({ suites }) => (suites === undefined ? [] : ['suites', 'tested']),
    fitted: ({ suites: usual, ...rule }, { suites = usual, tested, exercised = {} }) => {
      if (usual === undefined || suites === undefined) return rule;
      if (tested === undefined) return { ...rule, suites: [...suites], ...exercised };
      const features = tested.map(({ id, paths, suites: own }) =>
        own === undefined ? { id, paths: [...paths] } : { id, suites: [...own] },
      );
      // What fails in the usual suites and is assigned to no feature counts as long as a feature has no suites of its own.
      return tested.every((one) => one.suites !== undefined) ? { ...rule, features } : { ...rule, suites: [...suites], features };
    },
    whole: ({ suites: _suites, features: _features, endpoints: _endpoints, services: _services, ...rule }) => rule,
  },
  compares: ({ comparedWith }) => (comparedWith === undefined ? undefined : 'tests'),
  appliesTo: (rule, facts: JunitFacts) => {
    const chosen = chosenFor(rule, facts);
    return chosen === undefined || chosen.length > 0;
  },
  wants: (rule) => wantsOf(rule),
  // A failing test is covered by a report in which that very test passed. What failed without the name of a test (a claim of a suite, a
  // nameless case) is covered when everything that the report shows passed again.
  covers: (later: readonly JunitFacts[], earlier: JunitFacts) => {
    const passed = new Set(later.flatMap(({ passedTests }) => passedTests));
    if (earlier.otherTests.length === mostNamed || earlier.passedTests.length === mostNamed) return false;
    const isAllNamed = earlier.otherTests.length === earlier.failed + earlier.errored + earlier.unclear;
    return [...earlier.otherTests, ...(isAllNamed && earlier.otherTests.length > 0 ? [] : earlier.passedTests)].every((id) =>
      passed.has(id),
    );
  },
  judge: (rule, report: JunitFacts) => {
    const chosen = chosenFor(rule, report);
    if (chosen?.length === 0) return { verdict: 'inconclusive', reason: `looked for ${wantsOf(rule)}; got ${gotInstead(report)}` };
    const facts = chosen === undefined ? report : narrowed(report, chosen);
    const all = judgeTests(rule, facts, figuresOf(facts));
    if (chosen === undefined) return all;
    if (rule.features !== undefined) return eachFeature(rule, { features: rule.features, chosen }, report, all);
    if (rule.endpoints !== undefined) return withNames(all, testedEndpoints(rule.endpoints, report, chosen));
    return rule.services === undefined ? all : withNames(all, testedServices(rule.services, report, chosen));
  },
});

type Limits = { readonly minTests: number; readonly maxSkippedPct?: number | undefined };

const figuresOf = (facts: Pick<JunitFacts, 'tests' | 'failed' | 'errored' | 'skipped' | 'repeated'>): string =>
  `${counted(facts.tests, 'test')}, ${facts.failed + facts.errored} failed, ${facts.skipped} skipped${facts.repeated > 0 ? `, ${facts.repeated} repeated` : ''}`;

/** `ran`: how many tests ran, where these facts do not have all of them. */
const judgeTests = (
  { minTests, maxSkippedPct }: Limits,
  facts: JunitFacts,
  figures: string,
  ran = facts.tests - facts.skipped,
): Judgement => {
  // The reason is kept for ever in the trail. Messages of tests hold secrets and personal data now and then, so it only names the test.
  if (facts.failed + facts.errored > 0)
    return { verdict: 'fail', reason: `${figures}; first: ${quoted(facts.failures[0]?.name ?? '', 200)}` };
  if (facts.unclear > 0) {
    const [first] = facts.doubts;
    return {
      verdict: 'inconclusive',
      reason: `${figures}, ${facts.unclear} unclear; first: ${quoted(first?.name ?? '', 200)} (${first?.message})`,
    };
  }
  if (ran < minTests) return { verdict: 'inconclusive', reason: `${figures}; ${ran} ran, at least ${minTests} expected` };
  // A test that is switched off would otherwise be the cheapest way to have none that fails.
  if (maxSkippedPct !== undefined && facts.skipped * 100 > maxSkippedPct * facts.tests)
    return { verdict: 'inconclusive', reason: `${figures}; at most ${maxSkippedPct} % skipped expected` };
  return { verdict: 'pass', reason: figures };
};

/**
 * Of each feature at least one test must have run that is assigned to it. What is judged besides the features leaves out the suites of those
 * that do not pass.
 */
const eachFeature = (
  rule: Limits,
  { features, chosen }: { readonly features: readonly TestedFeature[]; readonly chosen: readonly TestSuite[] },
  report: JunitFacts,
  all: Judgement,
): Judgement => {
  const parts = featureSuites(features, report).map(({ feature, suites }) => ({ feature, suites, ...judgeFeature(feature, suites) }));
  const silent = parts.filter(({ ran }) => ran === 0);
  const open = new Set(parts.flatMap(({ verdict, suites }) => (verdict === 'pass' ? [] : suites)));
  const others = narrowed(
    report,
    chosen.filter((suite) => !open.has(suite)),
  );
  const judged: Judgement =
    all.verdict !== 'pass'
      ? all
      : silent.length > 0
        ? { verdict: 'inconclusive', reason: `${all.reason}; ${silentReason(silent)}` }
        : { verdict: 'pass', reason: `${all.reason}, of ${counted(features.length, 'feature')}` };
  return withParts(judged, {
    parts: parts.map(({ feature, suites, verdict, reason }) => ({
      subject: { kind: 'feature', id: feature.id },
      verdict,
      reason,
      ...(suites.length === 0 ? { absent: true as const } : {}),
    })),
    besides: judgeTests(rule, others, `beside the features that do not pass: ${figuresOf(others)}`, ranIn(chosen)),
  });
};

/** The features of which no test ran, and what to do about the first one. */
const silentReason = (silent: readonly { readonly feature: TestedFeature; readonly suites: readonly TestSuite[] }[]): string => {
  const [first] = silent;
  const advice = first === undefined || first.suites.length > 0 ? 'its tests were skipped' : unassigned(first.feature);
  return `no test ran of the feature ${silent.map(({ feature }) => feature.id).join(', ')}${first === undefined ? '' : ` (${first.feature.id}: ${advice})`}`;
};

const judgeFeature = (
  feature: TestedFeature,
  suites: readonly TestSuite[],
): Pick<Judgement, 'verdict' | 'reason'> & { readonly ran: number } => {
  const sum = (of: 'tests' | 'failed' | 'errored' | 'skipped' | 'unclear'): number => suites.reduce((all, suite) => all + suite[of], 0);
  const ran = ranIn(suites);
  const figures = figuresOf({ tests: sum('tests'), failed: sum('failed'), errored: sum('errored'), skipped: sum('skipped'), repeated: 0 });
  const firstOf = (isOne: (suite: TestSuite) => boolean): string => quoted(suites.find(isOne)?.first ?? '', 100);
  if (sum('failed') + sum('errored') > 0)
    return { verdict: 'fail', reason: `${figures}; first: ${firstOf(({ failed, errored }) => failed + errored > 0)}`, ran };
  if (sum('unclear') > 0)
    return {
      verdict: 'inconclusive',
      reason: `${figures}, ${sum('unclear')} unclear; first: ${firstOf(({ unclear }) => unclear > 0)}`,
      ran,
    };
  if (ran > 0) return { verdict: 'pass', reason: figures, ran };
  return { verdict: 'inconclusive', reason: suites.length > 0 ? 'no test ran' : unassigned(feature), ran };
};

type Which = { readonly suites?: readonly string[] | undefined; readonly features?: readonly TestedFeature[] | undefined };

/** The suites that count; undefined where all do. */
const chosenFor = ({ suites, features }: Which, report: JunitFacts): readonly TestSuite[] | undefined => {
  if (features === undefined) return suites === undefined ? undefined : chosenOf(suites, report);
  const found = new Set([
    ...(suites === undefined ? [] : chosenOf(suites, report)),
    ...featureSuites(features, report).flatMap((one) => one.suites),
  ]);
  return (report.suites ?? []).filter((suite) => found.has(suite));
};

const wantsOf = ({ suites, features = [] }: Which): string => {
  const patterns = [...(suites ?? []), ...features.flatMap((one) => one.suites ?? [])];
  const named = features.flatMap((one) => (one.suites === undefined ? [one.id] : []));
  const wanted = [
    ...(patterns.length === 0 ? [] : [`with a suite, class or file that fits ${patterns.join(' or ')}`]),
    ...(named.length === 0 ? [] : [`of ${named.length === 1 ? 'the feature' : 'the features'} ${named.join(', ')}`]),
  ];
  return ['test results', wanted.join(', or ')].filter((part) => part !== '').join(' ');
};
/** What a report shows in which no suite fits. */
const gotInstead = ({ tests, suites = [] }: JunitFacts): string => {
  const names = [...new Set(suites.flatMap(({ names: all }) => all.at(-1) ?? []))];
  const shown = names.slice(0, 3).map((name) => quoted(name, 60));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const where = shown.length === 0 ? 'in suites without a name' : `in ${shown.join(', ')}${more}`;
  return tests === 0 ? 'no test' : `${counted(tests, 'test')} ${where}`;
};
const ranIn = (suites: readonly TestSuite[]): number => suites.reduce((all, { tests, skipped }) => all + tests - skipped, 0);

/** The report as if it had these suites only. What it says of no suite, or of suites without a name, may be about them. */
const narrowed = (report: JunitFacts, chosen: readonly TestSuite[]): JunitFacts => {
  const sum = (suites: readonly TestSuite[], of: 'tests' | 'failed' | 'errored' | 'skipped' | 'unclear'): number =>
    suites.reduce((all, suite) => all + suite[of], 0);
  const all = report.suites ?? [];
  const nameless = all.filter(({ names }) => names.length === 0);
  const elsewhere = report.unclear - sum(all, 'unclear') + sum(nameless, 'failed') + sum(nameless, 'errored') + sum(nameless, 'unclear');
  const named = (suites: readonly TestSuite[]): JunitFacts['failures'] =>
    suites.flatMap(({ first }) => (first === null ? [] : [{ name: first, message: '' }]));
  const isBad = ({ failed, errored }: TestSuite): boolean => failed + errored > 0;
  return {
    ...report,
    tests: sum(chosen, 'tests'),
    failed: sum(chosen, 'failed'),
    errored: sum(chosen, 'errored'),
    skipped: sum(chosen, 'skipped'),
    unclear: sum(chosen, 'unclear') + elsewhere,
    repeated: 0,
    failures: named(chosen.filter(isBad)),
    doubts: [...named(chosen.filter(({ unclear }) => unclear > 0)), ...report.doubts].map(({ name, message }) => ({
      name,
      message: message || 'unclear',
    })),
  };
};
