import { isTestFile } from '../evidence/source-files.ts';
import { isCodeFile, type Repository } from './repository.ts';

const mostFeatures = 50;
/** So many globs has a feature, or the list of migrations, at most. */
export const mostPaths = 100;

export type Found = { readonly id: string; readonly title: string; readonly paths: readonly string[] };

const roots: readonly string[] = ['src', 'lib', 'app', 'apps', 'packages', 'services', 'modules', 'internal', 'pkg', 'cmd'];

/**
 * Every folder in a folder of sources is taken for a feature, and what lies beside them for one more. Code elsewhere (configuration, scripts) is
 * seldom measured, and a feature without measured lines proves nothing. Without a folder of sources everything is one feature.
 */
export const foundFeatures = ({ service, files }: Pick<Repository, 'service' | 'files'>): readonly Found[] => {
  const code = files.filter((path) => isCodeFile(path) && !isTestFile(path)).map((path) => path.split('/'));
  const all = { id: idOf(service), title: service, paths: ['**'] };
  if (!code.some(([top = '', ...rest]) => rest.length > 0 && roots.includes(top))) return [all];
  const byId = new Map<string, Set<string>>();
  const add = (id: string, path: string): void => {
    byId.set(id, (byId.get(id) ?? new Set()).add(path));
  };
  for (const [top = '', ...rest] of code) {
    const [folder = ''] = rest;
    if (rest.length === 0 || !roots.includes(top)) continue;
    if (rest.length === 1) add('core', `${top}/*`);
    else add(idOf(folder), `${top}/${globSafe(folder)}/**`);
  }
  if (byId.size > mostFeatures || [...byId.values()].some(({ size }) => size > mostPaths)) return [all];
  return [...byId].sort().map(([id, paths]) => ({ id, title: id, paths: [...paths].sort() }));
};

const idOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '') || 'feature';
/**
 * The name of a folder in a glob. Characters that globs or profiles read otherwise stand for any one character, and the end of a long name for
 * any characters.
 */
export const globSafe = (name: string): string => {
  const safe = name.replace(/[*{}\\\p{Cc}]/gu, '?').replace(/^(?:[!~]|\s+$)/, '?');
  return safe.length > longestName ? `${[...safe].slice(0, longestName / 2).join('')}*` : safe;
};
const longestName = 60;
