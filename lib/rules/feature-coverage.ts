import * as z from 'zod';
import { quoted } from '../canonical-json.ts';
import type { FileCoverage } from '../evidence/coverage-facts.ts';
import { below, isAbsolute, sharedFolder } from '../evidence/source-files.ts';
import { featureIdSchema } from '../fields.ts';
import { listedBy } from './path-glob.ts';

/** A feature of a service, and the files that belong to it. */
export const coveredFeatureSchema = z.strictObject({
  id: featureIdSchema,
  /** Globs, relative to the folder of the repository. */
  paths: z.array(z.string().min(1)).min(1),
  /** Where the feature has a higher floor than the check. */
  floorPct: z.number().min(0).max(100).optional(),
});
export type CoveredFeature = z.infer<typeof coveredFeatureSchema>;
/** "cart (src/cart/**, at least 85 %)". */
export const featureInWords = ({ id, paths, floorPct }: CoveredFeature): string =>
  `${id} (${[...paths, ...(floorPct === undefined ? [] : [`at least ${floorPct} %`])].join(', ')})`;
type Feature = CoveredFeature;
type Metric = 'lines' | 'functions' | 'branches';

/** How many lines, functions or branches of each feature were found and hit, and the files that belong to no feature. */
export type ByFeature = {
  readonly features: readonly { readonly feature: Feature; readonly found: number; readonly hit: number }[];
  readonly unlisted: readonly string[];
  /** The figures of the files that one of these features lists, each file once. */
  readonly together: (features: readonly Feature[]) => { readonly found: number; readonly hit: number };
};

/**
 * Counts files by the features that list them; a file that several list counts for each. A string says why they cannot be counted: the report
 * has absolute paths, and two folders could equally well be that of the repository.
 */
export const byFeature = (features: readonly Feature[], files: readonly FileCoverage[], metric: Metric): ByFeature | string => {
  const matchers = features.map(({ paths }) => listedBy(paths));
  const listed = listingOf(
    matchers,
    files.map(({ path }) => path),
  );
  if (typeof listed === 'string') return listed;
  const { listing } = listed;
  const together: ByFeature['together'] = (chosen) => {
    const places = chosen.map((one) => features.indexOf(one));
    return sumOf(
      files.filter((_, at) => places.some((place) => listing[at]?.includes(place))),
      metric,
    );
  };
  return {
    features: features.map((feature) => ({ feature, ...together([feature]) })),
    together,
    unlisted: files.flatMap(({ path }, at) => (listing[at]?.length === 0 ? [path] : [])),
  };
};

/** The paths of a report relative to the folder of the repository; a string says why they cannot be. */
export const pathsInRepository = (features: readonly Feature[], paths: readonly string[]): readonly string[] | string => {
  const listed = listingOf(
    features.map((one) => listedBy(one.paths)),
    paths,
  );
  return typeof listed === 'string' ? listed : paths.map((path) => below(listed.root, path));
};

/** The figures of the test files that a feature lists, and of all: what no feature lists is no product, whatever its name. */
export const testsByFeature = (
  features: readonly Feature[],
  {
    perFile = [],
    perTestFile = [],
  }: { readonly perFile?: readonly FileCoverage[] | undefined; readonly perTestFile?: readonly FileCoverage[] | undefined },
  metric: Metric,
): { readonly listed: Figures; readonly all: Figures } => {
  const files = [...perFile, ...perTestFile];
  const found = listingOf(
    features.map(({ paths }) => listedBy(paths)),
    files.map(({ path }) => path),
  );
  const all = sumOf(perTestFile, metric);
  // Where nobody knows which files they are, they count.
  if (typeof found === 'string') return { listed: all, all };
  return {
    listed: sumOf(
      perTestFile.filter((_, n) => (found.listing[perFile.length + n]?.length ?? 0) > 0),
      metric,
    ),
    all,
  };
};

type Figures = { readonly found: number; readonly hit: number };
export const sumOf = (files: readonly FileCoverage[], metric: Metric): Figures => ({
  found: files.reduce((sum, file) => sum + file[metric].found, 0),
  hit: files.reduce((sum, file) => sum + file[metric].hit, 0),
});

type Listing = readonly (readonly number[])[];

/** Of each path the features that list it, with the folder below which most files are listed as that of the repository. */
const listingOf = (
  matchers: readonly ((path: string) => boolean)[],
  paths: readonly string[],
): { readonly root: string | undefined; readonly listing: Listing } | string => {
  const under = (root: string | undefined): Listing =>
    paths.map((path) => {
      const name = below(root, path);
      return matchers.flatMap((matches, place) => (matches(name) ? [place] : []));
    });
  const candidates = rootsOf(paths).map((root) => {
    const listing = under(root);
    return { root, listing, listed: listing.filter((one) => one.length > 0).length };
  });
  const most = Math.max(...candidates.map(({ listed }) => listed));
  const [best, ...others] = candidates.filter(({ listed }) => listed === most);
  if (best === undefined || most === 0) return { root: undefined, listing: paths.map(() => []) };
  const other = others.find(({ listing }) => JSON.stringify(listing) !== JSON.stringify(best.listing));
  return other === undefined
    ? best
    : `the paths are absolute, and ${quoted(best.root ?? '/', 60)} or ${quoted(other.root ?? '/', 60)} may be the folder of the repository`;
};

/** No project lies deeper. */
const deepest = 20;

/** The folders that hold all absolute paths, the outermost one first; undefined stands for paths as they are. */
const rootsOf = (paths: readonly string[]): readonly (string | undefined)[] => {
  const shared = paths.some(isAbsolute) ? sharedFolder(paths) : undefined;
  if (shared === undefined) return [undefined];
  const parts = shared.split('/').slice(0, deepest);
  return parts.map((_, place) => parts.slice(0, place + 1).join('/'));
};
