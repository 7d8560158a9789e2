import type { DeployedStage } from '../lib/checklist/stage.ts';
import type { Origin } from '../lib/feeds/feed.ts';
import { readFeed } from '../lib/feeds/index.ts';
import { feedObservation } from '../lib/run/commands/feed-observation.ts';
import { recordUnaccounted } from '../lib/run/commands/record-unaccounted.ts';
import { recordUndelivered } from '../lib/run/commands/record-undelivered.ts';
import { recordUnknownAlarm } from '../lib/run/commands/record-unknown-alarm.ts';
import { clock, liveDue, liveEvidence, liveIndex, liveReconciler, liveTrail, readStage, stageFacts } from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';

type FeedDependencies = Parameters<typeof feedObservation>[0] & Parameters<typeof recordUnaccounted>[0];
/** `own`: where Holdpoint runs. */
type Parts = { readonly deps: FeedDependencies; readonly stage: DeployedStage; readonly own?: Origin | undefined };

const liveParts = (): Parts => {
  const env = envOf('event-feed', process.env);
  const stage = readStage();
  return {
    stage,
    deps: {
      clock,
      trail: liveTrail(env, null),
      stage: stageFacts(stage),
      definitions: liveDefinitions(liveEvidence(env.EVIDENCE_BUCKET), stage),
      reconciler: liveReconciler(env.RECONCILER_FUNCTION),
      due: liveDue(env.RUNS_TABLE),
      index: liveIndex(env.RUNS_TABLE),
    },
  };
};

/** Records each observation, and each alarm whose state is unknown, on every open run that it concerns, each undelivered mail on its run, and each deployment for which no run accounts in its environment. An event that cannot be understood is logged and not retried; a fault is thrown and retried. */
export const feed = async (
  { deps, stage, own }: Parts,
  event: unknown,
): Promise<
  | {
      readonly recorded: number;
      readonly alreadyRecorded: number;
      readonly runs: readonly string[];
      /** Deployments for which no run accounts: an alarm reads this figure. */
      readonly unaccounted: number;
      readonly refused: readonly string[];
    }
  | Declined
> => {
  const { observations, unknown = [], undelivered = [], deployments = [], refused } = readFeed({ ...stage, own }, event);
  if (observations.length + unknown.length + undelivered.length + deployments.length === 0) return { declined: refused.join('; ') };
  const [done, changes] = await Promise.all([
    Promise.all([
      ...observations.map((observation) => feedObservation(deps, observation)),
      ...unknown.map((alarm) => recordUnknownAlarm(deps, alarm)),
      ...undelivered.map(async (mail) => (await recordUndelivered(deps, mail)) ?? []),
    ]).then((all) => all.flat()),
    Promise.all(deployments.map(({ deployment, at, ...seen }) => recordUnaccounted(deps, { ...seen, event: deployment, seenAt: at }))),
  ]);
  return {
    recorded: done.filter((one) => !one.alreadyRecorded).length,
    alreadyRecorded: done.filter((one) => one.alreadyRecorded).length,
    runs: [...new Set(done.map((one) => one.run))],
    unaccounted: changes.filter((one) => one !== undefined && !one.alreadyRecorded).length,
    refused,
  };
};

let parts: Parts | undefined;

/** The function is where Holdpoint is: `arn:aws:lambda:<region>:<account>:function:<name>`. */
export const ownPlace = (functionArn: string): Origin | undefined => {
  const [, , , region, account] = functionArn.split(':');
  return account === undefined || account === '' ? undefined : { account, region };
};

export const handler = eventHandler('event-feed', (event, { invokedFunctionArn }) => {
  parts ??= liveParts();
  return feed({ ...parts, own: ownPlace(invokedFunctionArn) }, event);
});
