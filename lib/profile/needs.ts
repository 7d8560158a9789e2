import { evidenceOf } from '../checklist/builders.ts';
import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import { isTestFile } from '../evidence/source-files.ts';
import { kindOf, type Rule } from '../registry/rules.ts';
import { migrationFolder } from '../rules/path-glob.ts';
import { suiteFits } from '../rules/tested-features.ts';
import { below } from './schema.ts';

/** What was found in a repository: everything that a starting profile is written from. */
export type Repository = {
  readonly service: string;
  /** Paths of all files that git knows. */
  readonly files: readonly string[];
  /** Names of what `package.json` depends on. */
  readonly dependencies: readonly string[];
  /** The OpenAPI document, and its operations as "GET /orders". */
  readonly openapi: { readonly path: string; readonly endpoints: readonly string[] } | undefined;
  /** Ports that a Dockerfile exposes. */
  readonly ports: readonly number[];
  /** Kinds of records that some file of the repository writes, such as `backup`. */
  readonly records: readonly string[];
};

export const isContainerFile = (path: string): boolean =>
  /(?:^|\/)(?:(?:Dockerfile|Containerfile)(?:\.[\w-]+)?|[\w.-]+\.Dockerfile)$/i.test(path);
const isManifest = (path: string): boolean => /(?:^|\/)(?:k8s|kubernetes|manifests|helm|charts)\/.*\.ya?ml$/i.test(path);
const isMigration = (path: string): boolean => migrationFolder.test(path);

/** The folders whose files migrate data. */
export const migrationFolders = ({ files }: Pick<Repository, 'files'>): readonly string[] => [
  ...new Set(files.flatMap((path) => migrationFolder.exec(path)?.[0] ?? [])),
];
const isDocument = (path: string): boolean => /\.(?:md|markdown)$/i.test(path);

/** The document of the repository that is this guide, by its name. */
export const documentFor = ({ rule }: Item, { files }: Pick<Repository, 'files'>): string | undefined => {
  if (rule === null || !('about' in rule) || rule.about === undefined) return undefined;
  const name = rule.about;
  const words = name.split('-').filter((word) => !['guide', 'plan', 'procedures'].includes(word));
  const named = files
    .filter((path) => isDocument(path) && below.safeParse(path).success)
    .map((path) => ({ path, parts: stemOf(path).split('-') }));
  const fitting = named.filter(({ parts }) => words.every((word) => parts.some((part) => isShortFor(part, word))));
  // The name with the fewest other words is the most likely one.
  return fitting.toSorted((a, b) => a.parts.length - b.parts.length)[0]?.path;
};

/** "admin" stands for "administrator". */
const isShortFor = (part: string, word: string): boolean => part === word || (part.length >= 4 && word.startsWith(part));

/** The name of the file, or of its folder where the file is only the first of it. */
const stemOf = (path: string): string =>
  (
    path
      .replace(/\/(?:index|readme)\.\w+$/i, '')
      .split('/')
      .at(-1) ?? ''
  )
    .replace(/\.\w+$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');

/** What the check needs and the repository lacks, in a few words; undefined where it lacks nothing, or where a repository cannot tell. */
export const lackedBy = (item: Item, repository: Repository): string | undefined => {
  const { rule, id } = item;
  if (item.gate === null || !item.waivable || rule === null) return undefined;
  if (kindOf(rule).service.takes(rule).includes('document')) return documentFor(item, repository) === undefined ? 'a document' : undefined;
  const [evidence] = evidenceOf(item);
  if (evidence === 'openapi') return repository.openapi === undefined ? 'an OpenAPI document' : undefined;
  if (evidence === 'load') return loadTools.some((tool) => isUsed(tool, repository)) ? undefined : 'a load test';
  if (evidence === 'lcov') return repository.files.some(isTestFile) ? undefined : 'tests';
  if (evidence === 'junit') return id === 'manifests-valid' ? lackedManifests(repository) : lackedTests(suitesIn(rule), repository);
  if (evidence === 'record') return lackedRecord(rule.kind.replace('-record/1', ''), repository);
  return undefined;
};

/** Patterns of the suites that a rule chooses. */
export const suitesIn = (rule: Rule): readonly string[] | undefined => ('suites' in rule ? rule.suites : undefined);

const loadTools = ['autocannon', 'k6', 'artillery'] as const;
const isUsed = (tool: string, { dependencies, files }: Repository): boolean =>
  dependencies.includes(tool) || files.some((path) => new RegExp(`(?:^|[./_-])${tool}(?:[./_-]|$)`, 'i').test(path));

const lackedManifests = ({ files }: Repository): string | undefined => (files.some(isManifest) ? undefined : 'Kubernetes manifests');

/** Suites are often named after their files, so the names of the files are asked. */
const lackedTests = (suites: readonly string[] | undefined, { files }: Repository): string | undefined => {
  const tests = files.filter(isTestFile);
  if (tests.length === 0) return 'tests';
  return suites === undefined || tests.some((path) => suites.some((pattern) => suiteFits(pattern, path)))
    ? undefined
    : `tests named ${suites.join(' or ')}`;
};

const lackedRecord = (kind: string, { records, files }: Repository): string | undefined => {
  if (records.includes(kind)) return undefined;
  return kind === 'migration' && !files.some(isMigration) ? 'migrations' : `a record \`${kind}\``;
};

/** The checks to observe at first, each with what it lacks. A check from which others are computed stays, where nothing else would be left of them. */
export const lacking = (checklist: Checklist, repository: Repository): ReadonlyMap<string, string> => {
  const found = new Map(
    checklist.items.flatMap((item) => {
      const lacked = lackedBy(item, repository);
      return lacked === undefined ? [] : [[item.id, lacked] as const];
    }),
  );
  for (const { rule } of checklist.items) {
    const named = rule === null ? [] : kindOf(rule).refersTo(rule);
    if (named.length === 0 || !named.every((one) => found.has(one))) continue;
    const kept = named.find((one) => itemOf(checklist, one) !== undefined);
    if (kept !== undefined) found.delete(kept);
  }
  return found;
};
