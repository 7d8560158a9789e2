import { listedBy, migrationFolder } from '../rules/path-glob.ts';
import type { Item } from './definition.ts';

/** Whether a file migrates data: one that the profile calls so, or one in a folder of that name where it calls none so. */
export const migratesData = (items: readonly Pick<Item, 'rule'>[]): ((path: string) => boolean) => {
  const globs = items.flatMap(({ rule }) => (rule !== null && 'migrations' in rule ? (rule.migrations ?? []) : []));
  return globs.length === 0 ? (path) => migrationFolder.test(path) : listedBy(globs);
};

/** Changed files, as a reason names them. */
export const migrationsInWords = (paths: readonly string[]): string => `the changed files ${paths.join(', ')}`;
