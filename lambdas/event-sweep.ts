import * as z from 'zod';
import { requestRebuild } from '../lib/run/gates/rebuild.ts';
import { sweep } from '../lib/run/gates/sweep.ts';
import { clock, liveDue, liveReconciler, liveStartedRuns } from './shell/aws-clients.ts';
import { envOf } from './shell/env.ts';
import { eventHandler } from './shell/event-handler.ts';

type SweepDependencies = Parameters<typeof sweep>[0] & Parameters<typeof requestRebuild>[0];

/** What an operator with AWS rights invokes the function with; `after` is `next` of the call before. */
const rebuildSchema = z.strictObject({ rebuild: z.literal(true), after: z.string().optional() });

let deps: SweepDependencies | undefined;

const liveDependencies = (): SweepDependencies => {
  const env = envOf('event-sweep', process.env);
  return {
    clock,
    due: liveDue(env.RUNS_TABLE),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
    started: liveStartedRuns(env.AUDIT_TABLE),
  };
};

/**
 * Once a minute: requests a reconciliation for every due item. It reads due items only, however many runs are open. With `rebuild` it
 * requests instead that the derived views of every run are written anew.
 */
export const handler = eventHandler('event-sweep', async (event): Promise<object> => {
  deps ??= liveDependencies();
  const asked = typeof event === 'object' && event !== null && 'rebuild' in event;
  return asked ? requestRebuild(deps, rebuildSchema.parse(event).after) : sweep(deps);
});
