import * as z from 'zod';
import { bareName } from '../evidence/listed-names.ts';
import { isTestFile } from '../evidence/source-files.ts';
import type { TestSuite } from '../evidence/test-suites.ts';
import { featureIdSchema } from '../fields.ts';
import { pathsInRepository } from './feature-coverage.ts';
import { listedBy } from './path-glob.ts';

/** A feature, and which tests are about it. */
export const testedFeatureSchema = z.strictObject({
  id: featureIdSchema,
  /** Patterns of its suites. Without them the suites, classes, files and properties that are named after it, and the test files in `paths`. */
  suites: z.array(z.string().min(1)).min(1).optional(),
  /** Globs of its files, relative to the folder of the repository. */
  paths: z.array(z.string().min(1)).min(1).optional(),
});
export type TestedFeature = z.infer<typeof testedFeatureSchema>;

/** "orders (suites *orders*)". */
export const testedInWords = ({ id, suites, paths = [] }: TestedFeature): string =>
  suites === undefined ? `${id} (${[`named ${id}`, ...paths].join(', ')})` : `${id} (suites ${suites.join(', ')})`;

/** What to do where no test is assigned to a feature. */
export const unassigned = ({ id, suites, paths = [] }: TestedFeature): string =>
  suites === undefined
    ? `no suite, class, file or property is named ${id}, and no test file is in ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ' and so on' : ''}; give the feature \`suites\` in the profile`
    : `no suite, class or file fits ${suites.join(' or ')}`;

type Report = { readonly suites?: readonly TestSuite[] | undefined };

/** Lower case, and all that is neither a letter nor a digit is one hyphen. */
const plainOf = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}*]+/gu, '-');
const formOf = (pattern: string): RegExp => new RegExp(`^${plainOf(pattern).replaceAll('*', '.*')}$`, 'u');

/** The suites with a name that fits one of the patterns. */
export const chosenOf = (patterns: readonly string[], { suites = [] }: Report): readonly TestSuite[] => {
  const fits = patterns.map(formOf);
  return suites.filter(({ names }) => names.some((name) => fits.some((one) => one.test(plainOf(name)))));
};

/** Whether a suite, class or file of this name is one of those that the pattern chooses. */
export const suiteFits = (pattern: string, name: string): boolean => formOf(pattern).test(plainOf(name));

/** The suites of each feature. */
export const featureSuites = (
  features: readonly TestedFeature[],
  report: Report,
): readonly { readonly feature: TestedFeature; readonly suites: readonly TestSuite[] }[] => {
  const pathOf = testFilesIn(features, report);
  return features.map((feature) => {
    if (feature.suites !== undefined) return { feature, suites: chosenOf(feature.suites, report) };
    const isListed = listedBy(feature.paths ?? []);
    const isAbout = (name: string): boolean => {
      const path = pathOf.get(name);
      return isNamedAfter(feature.id, name) || (path !== undefined && isListed(path));
    };
    return { feature, suites: (report.suites ?? []).filter(({ names }) => names.some(isAbout)) };
  });
};

/** The names that are paths of test files, each with the path below the folder of the repository. */
const testFilesIn = (features: readonly TestedFeature[], { suites = [] }: Report): ReadonlyMap<string, string> => {
  const listing = features.flatMap(({ id, paths, suites: own }) => (own === undefined && paths !== undefined ? [{ id, paths }] : []));
  if (listing.length === 0) return new Map();
  const names = [...new Set(suites.flatMap((suite) => suite.names))].filter((name) => /[/\\]/.test(name) && isTestFile(slashed(name)));
  const paths = pathsInRepository(listing, names.map(slashed));
  // Nobody knows which of several folders is that of the repository.
  return new Map(typeof paths === 'string' ? [] : names.map((name, place) => [name, paths[place] ?? name] as const));
};

const slashed = (name: string): string => name.replaceAll('\\', '/').replace(/^\.\//, '');

/** "orders", "Orders", "test/orders.test.ts", "tests/test_orders.py", "com.shop.OrdersTest" and "tests.test_orders" are named after `orders`. */
export const isNamedAfter = (id: string, name: string): boolean => {
  const own = bareName(id);
  return bareName(name) === own || bareName(testedBy(name)) === own;
};

const testedBy = (name: string): string => {
  const last = slashed(name).split('/').at(-1) ?? '';
  const stem = last === name && !isTestFile(last) ? last : last.replace(/\.[a-z]{1,6}$/, '');
  const subject = stem.replace(/(?:[._-](?:tests?|specs?|e2e|cy)|(?<=[a-z0-9])(?:Tests?|TestCase|Spec|IT))$/, '');
  return (subject.split('.').at(-1) ?? '').replace(/^(?:test[_-]|Test(?=[A-Z]))/, '');
};
