import type { Context } from 'aws-lambda';
import { tally } from './aws-clients.ts';
import { createLog, type Log } from './log.ts';

/** Why a call was not done: told in the log, not thrown, so that nobody delivers again what can never be understood. */
export type Declined = { readonly declined: string };

/**
 * The frame of every function that is not asked over HTTP: one line per call with what came of it, its time and its capacity units. A
 * fault is logged and thrown on, so that whoever invoked tries again.
 */
export const eventHandler = <R extends object>(
  name: string,
  work: (event: unknown, context: Context, log: Log) => Promise<R | Declined>,
): ((event: unknown, context: Context) => Promise<R | Declined>) => {
  const log = createLog(name);
  return async (event, context) => {
    const started = performance.now();
    const fields = (): Record<string, unknown> => ({
      request: context.awsRequestId,
      ms: Math.round(performance.now() - started),
      units: tally.take(),
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
