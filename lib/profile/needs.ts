import { type Checklist, type Item, itemOf } from '../checklist/definition.ts';
import { groupsOf } from '../checklist/proofs.ts';
import { isTestFile } from '../evidence/source-files.ts';
import { judgedAs } from '../registry/evidence-types.ts';
import { type EvidenceRule, kindOf, type Rule } from '../registry/rules.ts';
import { listedBy, migrationFolder } from '../rules/path-glob.ts';
import { isNamedAfter, suiteFits } from '../rules/tested-features.ts';
import { foundFeatures } from './found-features.ts';
import { featureTests } from './parameters.ts';
import type { Repository } from './repository.ts';
import { below } from './schema.ts';
import { isShown, signs } from './signs.ts';

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

/**
 * What the check needs and the repository lacks, or cannot show, in a few words: what to send. Undefined where it lacks nothing, where nobody sends
 * anything (people attest, Holdpoint looks itself), and where the check may not be passed over.
 */
export const lackedBy = (item: Item, repository: Repository): string | undefined => {
  if (item.gate === null || !item.waivable) return undefined;
  for (const [own, ...others] of groupsOf(item)) {
    if (own === undefined || signs[own.rule.evidence] === 'notSent') continue;
    // Of several ways to prove the same one will do. That Holdpoint looks itself takes a place to look at, which no repository names.
    const sent = [own, ...others.filter(({ rule }) => signs[rule.evidence] !== 'notSent')];
    const lacked = sent.map(({ rule }) => lackedOf(item, rule, repository));
    if (lacked.every((what) => what !== undefined)) return lacked.join(', or ');
  }
  return undefined;
};

const lackedOf = (item: Item, rule: EvidenceRule, repository: Repository): string | undefined => {
  if (kindOf(rule).service.takes(rule).includes('document'))
    return documentFor(item, repository) === undefined ? lackedDocument(rule) : undefined;
  if (item.id === 'manifests-valid') return lackedManifests(repository);
  if (rule.evidence === 'record') return lackedRecord(rule, repository);
  if (rule.evidence === 'junit')
    return lackedTests(suitesIn(rule), repository) ?? (item.id === featureTests ? untested(repository) : undefined);
  const shown = Object.entries(signs).some(([type, sign]) => judgedAs(type) === rule.evidence && isShown(sign, repository));
  const own = signs[rule.evidence];
  return shown || own === 'notSent' ? undefined : own.send;
};

/** Patterns of the suites that a rule chooses. */
export const suitesIn = (rule: Rule): readonly string[] | undefined => ('suites' in rule ? rule.suites : undefined);

const lackedManifests = ({ files }: Repository): string | undefined => (files.some(isManifest) ? undefined : 'Kubernetes manifests');

/** Suites are often named after their files, so the names of the files are asked. */
const lackedTests = (suites: readonly string[] | undefined, { files }: Repository): string | undefined => {
  const tests = files.filter(isTestFile);
  if (tests.length === 0) return 'tests';
  return suites === undefined || tests.some((path) => suites.some((pattern) => suiteFits(pattern, path)))
    ? undefined
    : `tests named ${suites.join(' or ')}`;
};

/** Of several features each one is shown by its own tests. */
const untested = (repository: Repository): string | undefined => {
  const features = foundFeatures(repository);
  const tests = repository.files.filter(isTestFile);
  const open = features.filter(({ id, paths }) => {
    const isListed = listedBy(paths);
    return !tests.some((path) => isNamedAfter(id, path) || isListed(path));
  });
  if (features.length < 2 || open.length === 0) return undefined;
  const names = open.slice(0, mostNamed).map(({ id }) => id);
  return `tests of the features ${names.join(', ')}${open.length > mostNamed ? ` and ${open.length - mostNamed} more` : ''}, or their \`suites\``;
};
const mostNamed = 5;

const lackedDocument = (rule: Rule): string =>
  'about' in rule && rule.about !== undefined ? `a document, by \`holdpoint document FILE --as ${rule.about}\`` : 'a document';

const lackedRecord = (rule: EvidenceRule, { records, files, tools }: Repository): string | undefined => {
  const kind = rule.kind.replace('-record/1', '');
  if (records.includes(kind) || tools.includes(`holdpoint ${kind}`)) return undefined;
  return kind === 'migration' && !files.some(isMigration) ? 'migrations' : kindOf(rule).wants(rule);
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
