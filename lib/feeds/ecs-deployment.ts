import * as z from 'zod';
import { type AwsEvent, awsFeed, deliveryFor, lastPart, type Said } from './aws-event.ts';
import { ecsNames } from './ecs-names.ts';
import { type Delivery, type Feed, type Services, unmapped } from './feed.ts';
import { namesOf } from './resource-owner.ts';

const via = 'ecs-deployment';

const detailSchema = z.object({
  eventName: z.string(),
  deploymentId: z.string().min(1),
  reason: z.string().default(''),
});
type Change = z.output<typeof detailSchema>;

/** `service/<cluster>/<service>`, or `service/<service>` in the ARNs of before 2018. */
const serviceArn = /:service\/(?:([^/]+)\/)?([^/]+)$/;

/** A deployment that the circuit breaker takes back begins as another one: only its reason tells. */
const isRollback = (reason: string): boolean => /rolling back/i.test(reason);

const seenIn = ({ eventName, reason }: Change): Said['seen'] => {
  const summary = `${eventName}: ${reason}`;
  if (eventName === 'SERVICE_DEPLOYMENT_COMPLETED') return { kind: 'deployment', bad: false, summary };
  if (eventName === 'SERVICE_DEPLOYMENT_IN_PROGRESS' && !isRollback(reason)) return undefined;
  return { kind: 'incident', bad: true, summary };
};

const read = (stage: Services, { account, region, at, resources, detail }: AwsEvent<Change>): Delivery => {
  const [, cluster, service] = serviceArn.exec(resources[0] ?? '') ?? [];
  if (service === undefined) return unmapped(`${via} ${detail.deploymentId.slice(0, 64)}`, 'names no ECS service');
  const seen = seenIn(detail);
  const named = cluster === undefined ? service : `${cluster}/${service}`;
  return deliveryFor(
    stage,
    via,
    { account, region, names: ecsNames(cluster, service) },
    {
      occurrence: [account, cluster ?? '', service, detail.deploymentId, detail.eventName, String(isRollback(detail.reason))],
      subject: named,
      at,
      deployment: {
        id: [account, cluster ?? '', service, detail.deploymentId],
        what: `ECS deployment ${detail.deploymentId} of ${named}`,
        // Without the cluster nobody knows which component it is.
        ...(cluster === undefined ? {} : { on: { kind: 'ecs-service', cluster, service } as const }),
        live: seen?.kind === 'deployment',
      },
      ...(seen === undefined ? {} : { seen }),
    },
  );
};

/**
 * Deployments of ECS services: one that failed or is taken back is an incident, one that completed is a good sign.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 */
export const ecsDeployment: Feed = awsFeed({
  via,
  source: 'aws.ecs',
  detailTypes: ['ECS Deployment State Change'],
  rule: 'EcsDeployments',
  description: 'Deployments of ECS services of this stage',
  detail: detailSchema,
  named: (stage) => [
    {
      names: [...new Set(namesOf(stage, 'ecs-service').map(lastPart))],
      patternOf: (names) => ({ resources: names.map((name) => ({ suffix: `/${name}` })) }),
    },
    {
      names: namesOf(stage, 'ecs-cluster'),
      patternOf: (names) => ({ resources: names.map((name) => ({ wildcard: `*:service/${name}/*` })) }),
    },
  ],
  read,
});
