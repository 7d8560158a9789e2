import { hasEnded } from '../query/gate-state.ts';
import type { RunView } from '../query/view.ts';
import type { Operate } from './layout.ts';

/** Where the run of a page is operated now; nowhere once it has ended without a rollback. */
export const operateOf = (run: Pick<RunView, 'run' | 'outcome' | 'rollback' | 'rollbackTriggers'>): Operate | undefined => {
  if (run.rollback !== null || run.rollbackTriggers.length > 0) return { run: run.run, isBeforeT0: false };
  return hasEnded(run) ? undefined : { run: run.run, isBeforeT0: true };
};
