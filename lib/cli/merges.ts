import type { ReviewedCommit } from '../producers/reviewed-commit.ts';
import { counted } from '../wording.ts';
import { type Io, Usage } from './io.ts';

/** A commit as `git rev-list --parents` lists it. */
export type ListedCommit = { readonly id: string; readonly parents: readonly string[] };

/**
 * Who merges by hand can change anything on the way: to mend a conflict, or unseen. The approval of a branch says nothing of that. So an approval
 * of a merge that is not what git makes of its two parents counts only where it is of that commit, or of one that has it behind itself.
 */
export const withOwnMerges = async (
  io: Io,
  listed: readonly ListedCommit[],
  commits: readonly ReviewedCommit[],
): Promise<readonly ReviewedCommit[]> => {
  const parentsOf = new Map(listed.map(({ id, parents }) => [id, parents]));
  const seen: ReviewedCommit[] = [];
  for (const one of commits) {
    const { commit, reviewedAs } = one;
    const parents = parentsOf.get(commit) ?? [];
    const isApart = parents.length > 1 && reviewedAs !== undefined && reviewedAs !== commit && !(await isBehind(io, commit, reviewedAs));
    seen.push(isApart && !(await isPlainMerge(io, commit, parents)) ? { ...one, reviewedAs: commit } : one);
  }
  return seen;
};

const isBehind = async (io: Io, commit: string, later: string): Promise<boolean> =>
  (await io.output('git', ['merge-base', '--is-ancestor', commit, later])).code === 0;

/** Of more than two parents nobody can say it. */
const isPlainMerge = async (io: Io, commit: string, parents: readonly string[]): Promise<boolean> => {
  if (parents.length > 2) return false;
  const { code, text } = await io.output('git', ['merge-tree', '--write-tree', ...parents]);
  if (code > 1)
    throw new Usage(
      `git cannot tell whether the merge ${commit.slice(0, 12)} of ${counted(parents.length, 'parent')} changed anything itself: git 2.38 or newer and the whole history are needed`,
    );
  const tree = await io.output('git', ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`]);
  return code === 0 && tree.code === 0 && text.trim() === tree.text.trim();
};
