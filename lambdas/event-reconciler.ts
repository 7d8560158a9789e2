import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { onDemand } from '../lib/on-demand.ts';
import type { ReconcilerDependencies } from '../lib/ports.ts';
import { type ReconcileResult, reconcileGate } from '../lib/run/gates/reconcile-gate.ts';
import { dueItemSchema } from './adapters/dynamo-due-items.ts';
import {
  clock,
  liveActuator,
  liveCollector,
  liveDue,
  liveEvidence,
  liveIndex,
  livePager,
  livePeople,
  liveReconciler,
  liveSchedules,
  liveTokens,
  liveTrail,
  random,
  readStage,
  stageFacts,
} from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';
import { liveWorkflow } from './shell/live-workflow.ts';
import { liveCallbacks, liveChat, liveMailer, liveProtectionRules } from './shell/messages.ts';
import { liveRoster } from './shell/roster.ts';

const requestSchema = z.object({
  run: z.string().min(1),
  /** Set by the EventBridge rule on executions that failed, timed out or were aborted. */
  executionEnded: z.literal(true).optional(),
  item: dueItemSchema.optional(),
  also: z.array(dueItemSchema).optional(),
});

/** Most calls mail nobody. */
const mails = onDemand(() => import('../lib/console/mails.ts'));

const live = liveRoster('event-reconciler', () => envOf('event-reconciler', process.env).ROSTER_BUCKET);

/**
 * The function's own ARN comes from the invocation: in its template it would be a circular reference. It decides by digests; people's texts
 * are read for mails only.
 */
const liveDependencies = (self: string): ReconcilerDependencies => {
  const env = envOf('event-reconciler', process.env);
  const stage = readStage();
  const evidence = liveEvidence(env.EVIDENCE_BUCKET);
  return {
    clock,
    random,
    evidence,
    trail: liveTrail(env, 'reconciler'),
    people: livePeople(env.PEOPLE_TABLE),
    index: liveIndex(env.RUNS_TABLE),
    due: liveDue(env.RUNS_TABLE),
    tokens: liveTokens(env.TOKENS_TABLE),
    workflow: liveWorkflow(env.STATE_MACHINE_ARN),
    reconciler: liveReconciler(self),
    collector: liveCollector(env.COLLECTOR_FUNCTION),
    actuator: liveActuator(env.ACTUATOR_FUNCTION),
    pager: livePager(env.OPERATIONS_TOPIC_ARN),
    mailer: liveMailer(stage, env.MAIL_SET),
    chat: liveChat(stage, async (notification) => (await mails()).renderChat(notification)),
    callbacks: liveCallbacks(stage),
    protectionRules: liveProtectionRules(stage),
    renderNotification: async (notification) => (await mails()).renderMail(notification),
    schedules: liveSchedules({
      group: env.SCHEDULE_GROUP,
      reconciler: self,
      role: env.SCHEDULE_ROLE_ARN,
      deadLetters: env.SCHEDULE_DLQ_ARN,
    }),
    roster: live.roster,
    definitions: liveDefinitions(evidence, stage),
    stage: stageFacts(stage),
  };
};

/** Reconciles the run that the event names. A fault is thrown, so that Lambda retries, and after it the sweep. */
export const reconcile = async (
  deps: ReconcilerDependencies,
  event: unknown,
): Promise<({ readonly run: string } & ReconcileResult) | Declined> => {
  const request = requestSchema.safeParse(event);
  if (!request.success)
    return { declined: `not a request to reconcile: ${request.error.issues.map((issue) => issue.path.join('.')).join(', ')}` };
  const result = await reconcileGate(deps, request.data);
  return { run: request.data.run, ...result, reasons: result.reasons.slice(0, 5) };
};

let deps: ReconcilerDependencies | undefined;

const selfOf = (context: Context): string => process.env.RECONCILER_FUNCTION ?? context.invokedFunctionArn;

export const handler = eventHandler('event-reconciler', async (event, context) => {
  await live.refresh();
  deps ??= liveDependencies(selfOf(context));
  return reconcile(deps, event);
});
