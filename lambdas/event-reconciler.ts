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

const requestSchema = z.object({
  run: z.string().min(1),
  gate: z.string(),
  /** Set by the EventBridge rule for executions that did not succeed. */
  executionEnded: z.literal(true).optional(),
  item: z.object({ at: z.string(), run: z.string(), kind: z.enum(['settle', 'promise', 'close']), gate: z.string() }).optional(),
});

/**
 * `self`: the reconciler's own ARN comes with the invocation, because a template that gives a function its own ARN is circular. The people table
 * is missing: the reconciler decides by the digests of people's texts, and its role may not read them.
 */
const liveDependencies = (self: string): ReconcilerDependencies => {
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

/** Reconciles a run's gate. The caller does not wait; a fault is thrown, so that Lambda retries, and the sweep after it. */
export const reconcile = async (
  deps: ReconcilerDependencies,
  event: unknown,
): Promise<{ readonly run: string; readonly gate: string; readonly did: string; readonly reasons: readonly string[] } | Declined> => {
  const request = requestSchema.safeParse(event);
  if (!request.success)
    return { declined: `not a request to the reconciler: ${request.error.issues.map((issue) => issue.path.join('.')).join(', ')}` };
  const result = await reconcileGate(deps, request.data);
  return { run: request.data.run, ...result, reasons: result.reasons.slice(0, 5) };
};

let deps: ReconcilerDependencies | undefined;

const selfOf = (context: Context): string => process.env.RECONCILER_FUNCTION ?? context.invokedFunctionArn;

export const handler = eventHandler('event-reconciler', (event, context) => {
  deps ??= liveDependencies(selfOf(context));
  return reconcile(deps, event);
});
