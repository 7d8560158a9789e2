import type { RunSummary } from '../ports.ts';
import { hasEnded } from '../query/gate-state.ts';
import type { RunView } from '../query/view.ts';
import type { Operate } from './layout.ts';

type Operated = Pick<RunView, 'run' | 'outcome' | 'rollback' | 'rollbackTriggers'>;

/** Where the run of a page is operated now; nowhere once it has ended without a rollback. `here`: the page that needs no way to itself. */
export const operateOf = (run: Operated, here?: 'operating' | 'rollback'): Operate | undefined => {
  if (run.rollback !== null || run.rollbackTriggers.length > 0)
    return here === 'rollback' ? undefined : { run: run.run, isBeforeT0: false };
  return here === 'operating' || hasEnded(run) ? undefined : { run: run.run, isBeforeT0: true };
};

/** The same by the list of runs, for pages that do not read the run. Where the list does not say whether T0 has come, the way back is one key away. */
export const operateListed = (listed: Pick<RunSummary, 'run' | 'outcome' | 'milestones'> | undefined): Operate | undefined => {
  if (listed === undefined) return undefined;
  const { run, outcome, milestones } = listed;
  if (outcome !== null) return milestones?.rollbackAt == null ? undefined : { run, isBeforeT0: false };
  return { run, isBeforeT0: milestones !== undefined && milestones.t0At === null };
};
