import type { Context } from 'aws-lambda';
import { requestCounts, tally } from './aws-clients.ts';
import { createLog, type Log } from './log.ts';
import { beginTime } from './time-left.ts';

/** Why an event was ignored. Logged, not thrown, because a retry of an event that cannot be understood would not help. */
export type Declined = { readonly declined: string };

/**
 * The handler of every function that is not called over HTTP: one log line per call with the result, the duration and the capacity units. A
 * fault is logged and thrown, so that the invoker retries.
 */
export const eventHandler = <R extends object>(
  name: string,
  work: (event: unknown, context: Context, log: Log) => Promise<R | Declined>,
): ((event: unknown, context: Context) => Promise<R | Declined>) => {
  const log = createLog(name);
  return async (event, context) => {
    beginTime(context);
    const started = performance.now();
    const fields = (): Record<string, unknown> => ({
      request: context.awsRequestId,
      ms: Math.round(performance.now() - started),
      units: tally.take(),
      requests: requestCounts.take(),
    });
    try {
      const done = await work(event, context, log);
      if ('declined' in done) log.warn('declined', { ...fields(), ...done });
      else log.info('done', { ...fields(), ...done });
      return done;
    } catch (thrown) {
      log.fault(thrown, fields());
      throw thrown;
    }
  };
};
