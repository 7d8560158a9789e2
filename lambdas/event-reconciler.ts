import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { renderMail } from '../lib/console/mails.ts';
import type { ReconcilerDependencies } from '../lib/ports.ts';
import { reconcileGate } from '../lib/run/gates/reconcile-gate.ts';
import { createSchedules } from './adapters/scheduler-schedules.ts';
import { createSesMailer } from './adapters/ses-mailer.ts';
import { rosterOf } from './adapters/stage-roster.ts';
import {
  clock,
  liveDue,
  liveEvidence,
  liveIndex,
  liveReconciler,
  liveTokens,
  liveTrail,
  liveWorkflow,
  random,
  readStage,
  scheduler,
  ses,
  stageFacts,
} from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';

const askSchema = z.object({
  run: z.string().min(1),
  gate: z.string(),
  /** Said by the rule on executions that ended otherwise than by success. */
  executionEnded: z.literal(true).optional(),
  item: z.object({ at: z.string(), run: z.string(), kind: z.enum(['settle', 'promise', 'close']), gate: z.string() }).optional(),
});

/**
 * Its own name comes with the call: a function that is told its own ARN by its template would be a circle. People's texts are not here:
 * the reconciler decides by their digests, and its role may not read them.
 */
const liveWorld = (self: string): ReconcilerDependencies => {
  const env = envOf('event-reconciler', process.env);
  const stage = readStage();
  const evidence = liveEvidence(env.EVIDENCE_BUCKET);
  return {
    clock,
    random,
    evidence,
    trail: liveTrail(env.AUDIT_TABLE),
    index: liveIndex(env.RUNS_TABLE),
    due: liveDue(env.RUNS_TABLE),
    tokens: liveTokens(env.TOKENS_TABLE),
    workflow: liveWorkflow(env.STATE_MACHINE_ARN),
    reconciler: liveReconciler(self),
    mailer: createSesMailer(ses(), { from: stage.mailFrom, set: env.MAIL_SET }),
    renderNotification: renderMail,
    schedules: createSchedules(scheduler(), {
      group: env.SCHEDULE_GROUP,
      reconciler: self,
      role: env.SCHEDULE_ROLE_ARN,
      deadLetters: env.SCHEDULE_DLQ_ARN,
      clock,
    }),
    roster: rosterOf(stage),
    definitions: liveDefinitions(evidence, stage),
    stage: stageFacts(stage),
  };
};

/** Looks at a run's gate. Whoever asks does not wait; a fault is thrown, so that Lambda asks again, and the sweep after it. */
export const settle = async (
  deps: ReconcilerDependencies,
  event: unknown,
): Promise<{ readonly run: string; readonly gate: string; readonly did: string; readonly reasons: readonly string[] } | Declined> => {
  const ask = askSchema.safeParse(event);
  if (!ask.success)
    return { declined: `not an ask for the reconciler: ${ask.error.issues.map((issue) => issue.path.join('.')).join(', ')}` };
  const result = await reconcileGate(deps, ask.data);
  return { run: ask.data.run, ...result, reasons: result.reasons.slice(0, 5) };
};

let deps: ReconcilerDependencies | undefined;

const selfOf = (context: Context): string => process.env.RECONCILER_FUNCTION ?? context.invokedFunctionArn;

export const handler = eventHandler('event-reconciler', (event, context) => {
  deps ??= liveWorld(selfOf(context));
  return settle(deps, event);
});
