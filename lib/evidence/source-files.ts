export const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[a-z]:\//.test(path);

/** Deeper and longer paths are compared by their spelling only: they would take too long, and no project has them. */
const [mostParts, mostCharacters] = [64, 1024];

/**
 * The folder below which the absolute paths and the relative ones are the same files: the one on which most pairs agree. Undefined when
 * there is no pair, or when two folders have equally many: different files must not become one. Two packages often have a file of the same
 * path, so a pair counts only where both say something of the same lines (`isAlike`), and a single one only where a report has no other file.
 */
export const commonRoot = (paths: readonly string[], isAlike: (absolute: string, relative: string) => boolean): string | undefined => {
  const relative = new Set(paths.filter((path) => !isAbsolute(path)));
  const votes = new Map<string, { pairs: number; readonly absolute: string }>();
  for (const path of relative.size === 0 ? [] : paths) {
    if (!isAbsolute(path) || path.length > mostCharacters) continue;
    let slash = path.indexOf('/');
    for (let part = 0; slash >= 0 && part < mostParts; part += 1) {
      const root = path.slice(0, slash);
      const rest = path.slice(slash + 1);
      if (relative.has(rest) && isAlike(path, rest)) {
        const known = votes.get(root);
        if (known === undefined) votes.set(root, { pairs: 1, absolute: path });
        else if (known.absolute !== path) known.pairs += 1;
      }
      slash = path.indexOf('/', slash + 1);
    }
  }
  const [first, second] = [...votes].sort(([, a], [, b]) => b.pairs - a.pairs);
  if (first === undefined || first[1].pairs === second?.[1].pairs) return undefined;
  const [root, { pairs }] = first;
  return pairs > 1 || new Set(paths).size === 2 ? root : undefined;
};

/** The path below the root, when it is below it. */
export const below = (root: string | undefined, path: string): string =>
  root !== undefined && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;

/** The folder that all absolute paths share, for reports that have no relative path. */
export const sharedFolder = (paths: readonly string[]): string | undefined => {
  const absolute = paths.filter(isAbsolute);
  const [first] = absolute;
  if (first === undefined) return undefined;
  let length = first.length;
  for (const path of absolute) {
    let same = 0;
    while (same < length && path[same] === first[same]) same += 1;
    length = same;
  }
  return first.slice(0, Math.max(0, first.lastIndexOf('/', length - 1)));
};

/** File names by which test runners find tests: those of node:test, Jest, Vitest, pytest, Go, RSpec, JUnit, xUnit, PHPUnit and XCTest. */
const testName =
  /(?:[._-](?:tests?|specs?|e2e|cy)\.\w+|^(?:tests?|conftest|spec_helper)\.\w+|^test[_-].*\.\w+|[a-z0-9](?:Tests?|TestCase|Spec|IT)\.(?:java|kt|scala|groovy|cs|php|swift)|^Test[A-Z]\w*\.java)$/;
const testFolder =
  /^(?:(?:.*[._-])?(?:unit|integration|android|acceptance|functional)?tests?|__tests__|__mocks__|e2e|cypress|testdata|testfixtures)$/i;

/** Whether a path, relative to its project, is a test. What covers itself proves nothing about the product. */
export const isTestFile = (path: string): boolean => {
  const folders = path.split('/');
  const name = folders.pop() ?? '';
  return testName.test(name) || /^specs?$/.test(folders[0] ?? '') || folders.some((folder) => testFolder.test(folder));
};

type Covered = { readonly found: number; readonly hit: number };

/** Test files cover themselves, so they count only where they make the share lower: what looks like a test may be part of the product. */
export const worse = (product: Covered, tests: Covered): Covered =>
  areCounted(product, tests) ? { found: product.found + tests.found, hit: product.hit + tests.hit } : product;

/** Whether the test files make the share lower. */
export const areCounted = (product: Covered, tests: Covered): boolean =>
  product.found > 0 && (product.hit + tests.hit) * product.found < product.hit * (product.found + tests.found);
