import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { rollbackStepSchema, stepActions } from '../lib/audit/events/rollback.ts';
import { type CarriedOut, type CarryOutDependencies, carryOut } from '../lib/run/commands/carry-out.ts';
import { clock, liveDue, liveEvidence, liveReconciler, liveTrail, random, readStage, stageFacts } from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';
import { livePlatforms } from './shell/platforms.ts';

const requestSchema = z.object({
  run: z.string().min(1),
  attempt: z.object({ step: rollbackStepSchema, action: z.enum(stepActions), attempt: z.int().min(1) }),
});

const liveDependencies = (): CarryOutDependencies => {
  const env = envOf('event-actuator', process.env);
  const stage = readStage();
  return {
    clock,
    random,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    trail: liveTrail(env, null),
    definitions: liveDefinitions(liveEvidence(env.EVIDENCE_BUCKET), stage),
    due: liveDue(env.RUNS_TABLE),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
    stage: stageFacts(stage),
    platforms: livePlatforms({ bus: env.BUS_NAME, source: stage.publicUrl, session: `holdpoint-${stage.name}-actuator` }),
  };
};

/** Carries out the attempt that the event names. A fault of our own stores is thrown, so that Lambda repeats the request. */
export const actuate = async (
  deps: CarryOutDependencies,
  event: unknown,
): Promise<({ readonly run: string; readonly step: string } & CarriedOut) | Declined> => {
  const request = requestSchema.safeParse(event);
  if (!request.success)
    return { declined: `not a request to carry out a step: ${request.error.issues.map((issue) => issue.path.join('.')).join(', ')}` };
  const { run, attempt } = request.data;
  return { run, step: attempt.step, ...(await carryOut(deps, run, attempt)) };
};

let deps: CarryOutDependencies | undefined;

export const handler = eventHandler('event-actuator', (event) => {
  deps ??= liveDependencies();
  return actuate(deps, event);
});
