import type { Dependencies, StartedRuns } from '../../ports.ts';

type RebuildDependencies = Pick<Dependencies, 'due' | 'clock'> & { readonly started: StartedRuns };

/** How many pages of the audit table one call reads. A page is a megabyte. */
const pagesMax = 50;

/**
 * Requests that the derived views of every run are written anew, by a due item for each: the sweep hands them to the reconciler, which writes
 * from the trail what stands in the run list, and repeats what fails. Returns how many runs were found and, where the table is longer than
 * one call reads, `next` for the next call.
 */
export const requestRebuild = async (
  deps: RebuildDependencies,
  after: string | undefined,
): Promise<{ readonly found: number; readonly next: string | null }> => {
  const at = deps.clock.now().toISOString();
  let found = 0;
  let next = after;
  for (let page = 0; page < pagesMax; page += 1) {
    const { runs, next: following } = await deps.started.page(next);
    for (const run of runs) await deps.due.put({ at, run, kind: 'rebuild', id: '' });
    found += runs.length;
    next = following;
    if (next === undefined) return { found, next: null };
  }
  return { found, next: next ?? null };
};
