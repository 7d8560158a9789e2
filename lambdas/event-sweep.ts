import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { requestRebuild } from '../lib/run/gates/rebuild.ts';
import { type RedriveDependencies, redrive } from '../lib/run/gates/redrive.ts';
import { sweep } from '../lib/run/gates/sweep.ts';
import { clock, liveDeadLetters, liveDue, liveFunctions, liveReconciler, liveStartedRuns } from './shell/aws-clients.ts';
import { envOf } from './shell/env.ts';
import { eventHandler } from './shell/event-handler.ts';

type SweepDependencies = Parameters<typeof sweep>[0] & Parameters<typeof requestRebuild>[0] & RedriveDependencies;

/** What an operator with AWS rights invokes the function with; `after` is `next` of the call before. */
const rebuildSchema = z.strictObject({ rebuild: z.literal(true), after: z.string().optional() });

let deps: SweepDependencies | undefined;

const liveDependencies = ({ functionName }: Context): SweepDependencies => {
  const env = envOf('event-sweep', process.env);
  return {
    clock,
    due: liveDue(env.RUNS_TABLE),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
    started: liveStartedRuns(env.AUDIT_TABLE),
    functions: liveFunctions(),
    deadLetters: liveDeadLetters({
      'undelivered-events': env.UNDELIVERED_EVENTS_URL,
      'failed-invocations': env.FAILED_INVOCATIONS_URL,
      parked: env.PARKED_MESSAGES_URL,
    }),
    receivers: {
      feed: env.FEED_FUNCTION,
      upload: env.UPLOAD_FUNCTION,
      reconciler: env.RECONCILER_FUNCTION,
      mailer: env.MAILER_FUNCTION,
      collector: env.COLLECTOR_FUNCTION,
      actuator: env.ACTUATOR_FUNCTION,
      // Its own name would be a circular reference in its template.
      sweep: functionName ?? '',
      alarmTopic: env.ALARM_TOPIC_ARN,
      operationsTopic: env.OPERATIONS_TOPIC_ARN,
    },
  };
};

/** What failed does not keep the other from being done; its fault is thrown at the end. */
const sweepAll = async (live: SweepDependencies): Promise<object> => {
  const [due, dead] = await Promise.allSettled([sweep(live), redrive(live)]);
  if (due.status === 'rejected') throw due.reason;
  if (dead.status === 'rejected') throw dead.reason;
  const { redriven, parked } = dead.value;
  return { ...due.value, ...(redriven === 0 ? {} : { redriven }), ...(parked.length === 0 ? {} : { parked }) };
};

/**
 * Once a minute: requests a reconciliation for every due item, and hands what failed to its function again. It reads due items and dead
 * messages only, however many runs are open. With `rebuild` it requests instead that the derived views of every run are written anew.
 */
export const handler = eventHandler('event-sweep', async (event, context): Promise<object> => {
  deps ??= liveDependencies(context);
  const asked = typeof event === 'object' && event !== null && 'rebuild' in event;
  return asked ? requestRebuild(deps, rebuildSchema.parse(event).after) : sweepAll(deps);
});
