import * as z from 'zod';
import { sha256 } from '../canonical-json.ts';
import { type Account, differences, type Words } from './account.ts';
import { type Entries, haveSameKeys, mergedEntries } from './entries.ts';
import { mostFiles, mostNamed } from './kind.ts';
import { areCounted, below, commonRoot, isTestFile, sharedFolder, worse } from './source-files.ts';

const covered = z.strictObject({ found: z.int().min(0).describe('in all'), hit: z.int().min(0).describe('covered') });
type Covered = z.infer<typeof covered>;

/** Characters of a path that facts name. */
const mostPath = 150;

const perFile = z.array(z.strictObject({ path: z.string(), lines: covered, functions: covered, branches: covered })).max(mostFiles);

/** What every report of coverage states, whatever its format: the facts of LCOV, and of the types that are judged as LCOV. */
export const coverageMembers = {
  /** Without the test files. */
  files: z.int().min(0).describe('files without test files'),
  /** Digests of the paths of all files, tests included: a later report may cover them. */
  paths: z.array(z.string()).describe('all files'),
  testFiles: z.int().min(0).describe('test files'),
  lines: covered.describe('lines'),
  functions: covered.describe('functions'),
  branches: covered.describe('branches'),
  /** Every file without the test files, for floors of single features. Absent of a report with more files, and in facts of older versions. */
  perFile: perFile.optional().describe('files with figures of their own'),
  /** Every test file, where their misses are counted above (`worse`) and there are no more than that; absent of others, and in older facts. */
  perTestFile: perFile.optional().describe('test files with figures of their own'),
};

const facts = z.strictObject(coverageMembers);
export type FileCoverage = NonNullable<CoverageFacts['perFile']>[number];
export type CoverageFacts = z.infer<typeof facts>;

const kinds = ['lines', 'functions', 'branches'] as const;
type Kind = (typeof kinds)[number];

/** What a report says about one file, or a part of what it says. */
export type Section = { readonly [K in Kind]: Part };
export type FileSection = { readonly path: string; readonly section: Section };
export type Part = Beyond & {
  /** Says of each line, function or branch whether it was hit. */
  readonly entries: Entries;
  /** How many records the entries come from. */
  readonly records: number;
  readonly declared: { readonly found?: number; readonly hit?: number };
};
/** What totals know beyond the records. `extra`: entries that only they know. `lost`: entries that they know to be missed although a record says hit. */
export type Beyond = { readonly extra: number; readonly lost: number };

export const wrongPath = (path: string): string | undefined => {
  if (path === '') return 'a file without a name';
  return /\p{Cc}/u.test(path) ? 'a file name with control characters' : undefined;
};

/**
 * Facts from the parts of a report, and the same figures as the records alone give them, test files included. Parts of one file add up, in
 * whichever way they spell its path. `whole` is what totals over the whole report know.
 */
export const coverageOf = (
  sections: readonly FileSection[],
  whole: Partial<Readonly<Record<Kind, Beyond>>> = {},
): { readonly facts: CoverageFacts; readonly counted: Readonly<Record<Kind, ReturnType<typeof inWords>>> } => {
  const shortPath = shortPaths(sections);
  const files = new Map<string, Section[]>();
  for (const { path, section } of sections) {
    const name = shortPath(path);
    const known = files.get(name);
    if (known === undefined) files.set(name, [section]);
    else known.push(section);
  }
  const shared = sharedFolder([...files.keys()]);
  const [product, tests]: [FileFigures[], FileFigures[]] = [[], []];
  for (const [path, parts] of files) (isTestFile(below(shared, path)) ? tests : product).push(figuresOf(path, parts));
  const of = (kind: Kind): Covered => {
    const { found, hit } = worse(sum(product, kind, true), sum(tests, kind, true));
    const { extra, lost } = whole[kind] ?? { extra: 0, lost: 0 };
    return { found: found + extra, hit: Math.max(0, hit - lost) };
  };
  const recorded = (kind: Kind) => inWords(sum([...product, ...tests], kind, false));
  return {
    facts: {
      files: product.length,
      paths: [...files.keys()]
        .map((path) => sha256(below(shared, path)).slice(0, 12))
        .sort()
        .slice(0, mostNamed),
      testFiles: tests.length,
      lines: of('lines'),
      functions: of('functions'),
      branches: of('branches'),
      ...named('perFile', product),
      ...(kinds.some((kind) => areCounted(sum(product, kind, true), sum(tests, kind, true))) ? named('perTestFile', tests) : {}),
    },
    counted: { lines: recorded('lines'), branches: recorded('branches'), functions: recorded('functions') },
  };
};

/** The path of each file below the folder of the report, unless a file that has other lines stands there. */
const shortPaths = (sections: readonly FileSection[]): ((path: string) => string) => {
  const parts = new Map<string, Entries[]>();
  for (const { path, section } of sections) {
    const known = parts.get(path);
    if (known === undefined) parts.set(path, [section.lines.entries]);
    else known.push(section.lines.entries);
  }
  // Packed, because the lines of all files of a large report, one by one, would fill the memory; and of the files that are compared only.
  const lines = new Map<string, Entries>();
  const linesOf = (path: string): Entries => {
    const known = lines.get(path) ?? mergedEntries(parts.get(path) ?? []);
    lines.set(path, known);
    return known;
  };
  const isAlike = (one: string, other: string): boolean => haveSameKeys(linesOf(one), linesOf(other));
  const root = commonRoot([...parts.keys()], isAlike);
  return (path) => {
    const short = below(root, path);
    return short === path || !parts.has(short) || isAlike(path, short) ? short : path;
  };
};

/** A path that was cut would fit other globs, so the report counts as one with too many files. */
const named = <const Name extends 'perFile' | 'perTestFile'>(
  name: Name,
  files: readonly FileFigures[],
): Pick<CoverageFacts, Name> | Record<never, never> =>
  files.length > mostFiles || files.some(({ path }) => path.length > mostPath)
    ? {}
    : {
        [name]: files
          .map((file) => ({
            path: file.path,
            lines: sum([file], 'lines', true),
            functions: sum([file], 'functions', true),
            branches: sum([file], 'branches', true),
          }))
          .sort((a, b) => (a.path < b.path ? -1 : 1)),
      };

/** What all parts of a file say together, counted once: a file may have a hundred thousand lines. */
type FileFigures = { readonly path: string } & Readonly<Record<Kind, Covered & Beyond>>;

const figuresOf = (path: string, sections: readonly Section[]): FileFigures => {
  const of = (kind: Kind): Covered & Beyond => ofParts(sections.map((section) => section[kind]));
  return { path, lines: of('lines'), functions: of('functions'), branches: of('branches') };
};

/** An entry is hit when any section says so. What the totals of a section know beyond its records is taken from the worst section. */
const ofParts = (parts: readonly Part[]): Covered & Beyond => {
  const { size, hits } = mergedEntries(parts.map(({ entries }) => entries));
  const most = (of: 'extra' | 'lost') => parts.reduce((so, part) => Math.max(so, part[of]), 0);
  return { found: size, hit: hits, extra: most('extra'), lost: most('lost') };
};

const sum = (files: readonly FileFigures[], kind: Kind, withTotals: boolean): Covered => {
  const total = { found: 0, hit: 0 };
  for (const { [kind]: file } of files) {
    total.found += file.found + (withTotals ? file.extra : 0);
    total.hit += Math.max(0, file.hit - (withTotals ? file.lost : 0));
  }
  return total;
};

/** In percent, to a hundredth; null when nothing was measured. */
const percentOf = ({ found, hit }: Covered): number | null => (found === 0 ? null : Math.round((hit * 10_000) / found) / 100);

/** `{ covered, total, pct }`, as people speak of coverage. */
export const inWords = (one: Covered) => ({ covered: one.hit, total: one.found, pct: percentOf(one) });

export const coverageWords = ({ lines, branches, functions, files, testFiles }: CoverageFacts): Words => ({
  lines: inWords(lines),
  branches: inWords(branches),
  functions: inWords(functions),
  files,
  testFiles,
});

/**
 * The totals that sections state, beside what was counted. Several sections of one file, or several records of one line, are merged, and totals
 * are not. Where a section states no total, nothing is declared of the whole, and the others are compared by themselves.
 */
export const claimsOf = (
  sections: readonly FileSection[],
  merged: ReturnType<typeof coverageOf>['counted'],
): Pick<Account, 'declared' | 'problems'> => {
  const claims = kinds.map((kind) => ({ kind, ...claimOf(sections.map(({ section }) => section[kind])) }));
  const whole = claims.filter(({ declared, isWhole }) => declared !== undefined && isWhole);
  return {
    ...(whole.length === 0
      ? {}
      : { declared: Object.fromEntries(whole.map(({ kind, declared }) => [kind, inWords(declared ?? { found: 0, hit: 0 })])) }),
    problems: claims.flatMap(({ kind, declared, isWhole, counted }) => {
      const own = isWhole ? { found: merged[kind].total, hit: merged[kind].covered } : counted;
      return differences([
        { what: `${kind} in total`, declared: declared?.found, counted: own.found, unmerged: counted.found },
        { what: `${kind} covered`, declared: declared?.hit, counted: own.hit, unmerged: counted.hit },
      ]);
    }),
  };
};

type Claim = {
  /** Undefined where no section has a total. */
  readonly declared: Covered | undefined;
  /** Whether every section that has records states its totals. */
  readonly isWhole: boolean;
  /** Section by section. A line that has several records is counted as its section counts it. */
  readonly counted: Covered;
};

const claimOf = (parts: readonly Part[]): Claim => {
  const isStating = ({ declared }: Part): boolean => declared.found !== undefined && declared.hit !== undefined;
  const stating = parts.filter(isStating);
  const counted = { found: 0, hit: 0 };
  const declared = { found: 0, hit: 0 };
  for (const { entries, records, declared: said } of stating) {
    declared.found += said.found ?? 0;
    declared.hit += said.hit ?? 0;
    counted.found += said.found === records ? records : entries.size;
    counted.hit += said.found === records && records > entries.size ? (said.hit ?? 0) : entries.hits;
  }
  const isWhole = parts.every((part) => part.entries.size === 0 || isStating(part));
  return { declared: stating.length === 0 ? undefined : declared, isWhole, counted };
};
