import { sweep } from '../lib/run/gates/sweep.ts';
import { clock, liveDue, liveReconciler } from './shell/aws-clients.ts';
import { envOf } from './shell/env.ts';
import { eventHandler } from './shell/event-handler.ts';

let deps: Parameters<typeof sweep>[0] | undefined;

/** Once a minute: requests a reconciliation for every due item. It reads due items only, however many runs are open. */
export const handler = eventHandler('event-sweep', () => {
  const env = envOf('event-sweep', process.env);
  deps ??= { clock, due: liveDue(env.RUNS_TABLE), reconciler: liveReconciler(env.RECONCILER_FUNCTION) };
  return sweep(deps);
});
