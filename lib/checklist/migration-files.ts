import { listedBy, migrationFolder } from '../rules/path-glob.ts';
import type { Item } from './definition.ts';

/** Whether a file migrates data: one in a folder of that name, and one that the profile calls so. A profile takes no folder away. */
export const migratesData = (items: readonly Pick<Item, 'rule'>[]): ((path: string) => boolean) => {
  const globs = items.flatMap(({ rule }) => (rule !== null && 'migrations' in rule ? (rule.migrations ?? []) : []));
  const isListed = listedBy(globs);
  return (path) => migrationFolder.test(path) || isListed(path);
};

/** Changed files, as a reason names them. */
export const migrationsInWords = (paths: readonly string[]): string => `the changed files ${paths.join(', ')}`;
