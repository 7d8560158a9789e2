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
