import { setTimeout as sleep } from 'node:timers/promises';
import { openGate, openingSchema } from '../lib/run/gates/open-gate.ts';
import { clock, liveDue, liveEvidence, liveReconciler, liveTokens, liveTrail, readStage } from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { eventHandler } from './shell/event-handler.ts';
import type { Log } from './shell/log.ts';

type OpenDependencies = Parameters<typeof openGate>[0];

/** Pauses before each retry, in milliseconds. */
const pauses = [100, 400, 1_000, 3_000];

const liveDependencies = (): OpenDependencies => {
  const env = envOf('gate-opener', process.env);
  return {
    clock,
    trail: liveTrail(env, null),
    definitions: liveDefinitions(liveEvidence(env.EVIDENCE_BUCKET), readStage()),
    tokens: liveTokens(env.TOKENS_TABLE),
    due: liveDue(env.RUNS_TABLE),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
  };
};

/**
 * Opens a gate and returns; the reconciler answers the workflow later. Opening is idempotent, so a fault is retried here. After the last retry
 * it is thrown, because a gate whose token is not stored could never be answered: the state's Catch then leads to the incident gate.
 */
export const open = async (
  deps: OpenDependencies,
  event: unknown,
  log: Log,
  wait: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<{ readonly run: string; readonly gate: string; readonly adopted: boolean }> => {
  const opening = openingSchema.parse(event);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return { run: opening.run, ...(await openGate(deps, opening)) };
    } catch (thrown) {
      const pause = pauses[attempt];
      if (pause === undefined) throw thrown;
      log.fault(thrown, { run: opening.run, gate: opening.gate, attempt: attempt + 1 });
      await wait(pause);
    }
  }
};

let deps: OpenDependencies | undefined;

export const handler = eventHandler('gate-opener', (event, _context, log) => {
  deps ??= liveDependencies();
  return open(deps, event, log);
});
