import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { instantSchema, nameSchema } from '../lib/fields.ts';
import type { CollectorTask } from '../lib/ports.ts';
import { type CollectResult, collect } from '../lib/run/commands/collect.ts';
import { type WatchDependencies, watchRuns } from '../lib/run/commands/watch-runs.ts';
import { createConnection, createResolver } from './adapters/http-connection.ts';
import {
  clock,
  liveCloudWatch,
  liveDue,
  liveEvidence,
  liveHistory,
  liveIndex,
  livePlatform,
  liveReconciler,
  liveTrail,
  readStage,
  stageFacts,
} from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';

const count = z.int().min(1);
const taskSchema: z.ZodType<CollectorTask> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('probes'), ids: z.array(nameSchema).exactOptional() }),
  z.object({ kind: z.literal('operations') }),
  z.object({ kind: z.literal('protections') }),
  z.object({ kind: z.literal('read-back'), before: z.boolean() }),
  z.object({ kind: z.literal('alarms'), since: instantSchema.exactOptional() }),
  z.object({
    kind: z.literal('metrics'),
    series: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
    from: instantSchema,
    fed: nameSchema.exactOptional(),
  }),
  z.object({ kind: z.literal('restarts'), since: instantSchema }),
  z.object({ kind: z.literal('writes') }),
  z.object({ kind: z.literal('proof'), step: z.string().min(1).max(60), action: z.enum(['do', 'undo']), attempt: count, proof: count }),
]);
/** A run and what to look at, from the reconciler; or the rule of every minute. Nothing in it says where to look: that is the stage's. */
const requestSchema = z.union([z.object({ watch: z.literal(true) }), z.object({ run: z.string().min(1), task: taskSchema })]);

const liveDependencies = (): WatchDependencies => {
  const env = envOf('event-collector', process.env);
  const stage = readStage();
  const evidence = liveEvidence(env.EVIDENCE_BUCKET);
  return {
    clock,
    evidence,
    trail: liveTrail(env, null),
    definitions: liveDefinitions(evidence, stage),
    due: liveDue(env.RUNS_TABLE),
    index: liveIndex(env.RUNS_TABLE),
    resting: new Map(),
    looks: new Map(),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
    stage: stageFacts(stage),
    resolver: createResolver(),
    connection: createConnection(),
    pause: async (milliseconds) => {
      await sleep(milliseconds);
    },
    cloudwatch: liveCloudWatch(),
    platform: livePlatform(),
    history: liveHistory(),
  };
};

/** Does one look, or the looks of this minute. An event that is neither is logged and not retried; a fault is thrown and retried. */
export const look = async (
  deps: WatchDependencies,
  event: unknown,
): Promise<({ readonly run: string } & CollectResult) | { readonly watched: readonly string[] } | Declined> => {
  const request = requestSchema.safeParse(event);
  if (!request.success) return { declined: 'neither a look at a run nor the watch of every minute' };
  if ('watch' in request.data) return watchRuns(deps);
  const { run, task } = request.data;
  return { run, ...(await collect(deps, run, task)) };
};

let deps: WatchDependencies | undefined;

export const handler = eventHandler('event-collector', (event) => {
  deps ??= liveDependencies();
  return look(deps, event);
});
