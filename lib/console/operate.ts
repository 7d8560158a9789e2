import type { RunSummary } from '../ports.ts';
import type { RunView } from '../query/view.ts';
import type { Operate } from './layout.ts';
import { openActs } from './operating-acts.ts';

/** Where the run of a page is operated now; nowhere where nobody can do anything. `here`: the page that needs no way to itself. */
export const operateOf = (run: RunView, here?: 'operating' | 'rollback'): Operate | undefined => {
  const { rollback, rollbackTriggers } = run;
  if (rollback !== null || rollbackTriggers.length > 0) {
    const mayBegin = rollbackTriggers.length > 0 && (rollback === null || rollback.decision?.decision === 'continue');
    return here === 'rollback' ? undefined : { run: run.run, way: mayBegin ? 'roll-back' : 'rollback' };
  }
  return here === 'operating' || openActs(run).length === 0 ? undefined : { run: run.run, way: 'operate' };
};

/** The same by the list of runs, for pages that do not read the run. Where the list does not say whether T0 has come, the way back is one key away. */
export const operateListed = (listed: Pick<RunSummary, 'run' | 'outcome' | 'milestones'> | undefined): Operate | undefined => {
  if (listed === undefined) return undefined;
  const { run, outcome, milestones } = listed;
  if (milestones != null && milestones.rollbackAt !== null) return { run, way: 'rollback' };
  if (outcome !== null) return undefined;
  return { run, way: milestones !== undefined && milestones.t0At === null ? 'operate' : 'roll-back' };
};
