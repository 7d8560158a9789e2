import * as z from 'zod';
import { type TakeDependencies, type Taken, takeUpload } from '../lib/run/commands/take-upload.ts';
import {
  clock,
  liveDue,
  liveEvidence,
  liveIntakeObjects,
  liveQuotas,
  liveReconciler,
  liveTrail,
  liveUploads,
  readStage,
} from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const createdSchema = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.object({ object: z.object({ key: z.string() }) }),
});
const keyPattern = /^upload\/([0-9A-Za-z-]{1,80})\/([0-9a-f]{32})$/;

const liveDependencies = (): TakeDependencies => {
  const env = envOf('event-upload', process.env);
  const evidence = liveEvidence(env.EVIDENCE_BUCKET);
  return {
    clock,
    evidence,
    trail: liveTrail(env, null),
    definitions: liveDefinitions(evidence, readStage()),
    due: liveDue(env.RUNS_TABLE),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
    quotas: liveQuotas(env.IDEMPOTENCY_TABLE),
    uploads: liveUploads(env.IDEMPOTENCY_TABLE),
    objects: liveIntakeObjects(env.INTAKE_BUCKET),
  };
};

/** Takes the report that has arrived. An event about anything else is logged and not retried; a fault is thrown and retried. */
export const take = async (deps: TakeDependencies, event: unknown): Promise<({ readonly run: string } & Taken) | Declined> => {
  const created = createdSchema.safeParse(event);
  const [, run, upload] = keyPattern.exec(created.data?.detail.object.key ?? '') ?? [];
  if (run === undefined || upload === undefined) return { declined: 'not the arrival of an upload' };
  return { run, ...(await takeUpload(deps, { run, upload })) };
};

let deps: TakeDependencies | undefined;

export const handler = eventHandler('event-upload', (event) => {
  deps ??= liveDependencies();
  return take(deps, event);
});
