/**
 * Whether one of the globs lists a path. `*` stands for any characters of a name, `?` for one, and `**` between slashes for any folders; all other
 * characters stand for themselves, because folders are named `[id]` and `(shop)`. Every function that judges has it in its bundle, so it is no
 * library for globs.
 */
export const listedBy = (globs: readonly string[]): ((path: string) => boolean) => {
  const patterns = globs.map(patternOf);
  return (path) => patterns.some((pattern) => pattern.test(path));
};

const patternOf = (glob: string): RegExp => {
  const parts = glob.split('/');
  const last = parts.length - 1;
  return new RegExp(
    `^${parts.map((part, place) => (part === '**' ? folders(place === last) : `${nameOf(part)}${place === last ? '' : '/'}`)).join('')}$`,
    'u',
  );
};

const folders = (isLast: boolean): string => (isLast ? '(?:[^/]+/)*[^/]+' : '(?:[^/]+/)*');
const nameOf = (part: string): string =>
  part
    .replace(/[\\^$.+()[\]{}|/]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replaceAll('?', '[^/]');

/** The usual folder of files that migrate data, beside those that a profile names: as Rails, Alembic and most other tools call it. */
export const migrationFolder = /^(?:.*?\/)?(?:migrations?|db\/migrate|alembic\/versions)(?=\/)/i;
