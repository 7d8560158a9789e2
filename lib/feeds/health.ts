import * as z from 'zod';
import type { ResourceKind } from '../checklist/observed-resources.ts';
import { type AwsEvent, awsFeed, deliveryAt, lastPart, type Said } from './aws-event.ts';
import { ambiguous, type Delivery, type Feed, instant, type Services, unmapped } from './feed.ts';
import { type Candidate, distinct, namesOf, ownersOfResource, placesWith, serviceTag } from './resource-owner.ts';

const via = 'health';

const detailSchema = z.object({
  eventArn: z.string().min(1),
  service: z.string(),
  eventTypeCode: z.string(),
  eventTypeCategory: z.string(),
  eventScopeCode: z.string().default(''),
  statusCode: z.string().default(''),
  lastUpdatedTime: instant.optional(),
  /** Where it happened: AWS sends it to a second region, too. `global`: everywhere. */
  eventRegion: z.string().optional(),
  /** Set where an organization's events are gathered in one account. */
  affectedAccount: z.string().optional(),
  affectedEntities: z.array(z.object({ entityValue: z.string(), tags: z.record(z.string(), z.string()).optional() })).default([]),
});
type Health = z.output<typeof detailSchema>;

/** What AWS Health calls the service of a kind of resource. */
const kindsOf: Readonly<Record<string, readonly ResourceKind[]>> = {
  ECS: ['ecs-service', 'ecs-cluster'],
  FARGATE: ['ecs-service', 'ecs-cluster'],
  CODEDEPLOY: ['codedeploy-application'],
  RDS: ['rds-instance', 'rds-cluster'],
  LAMBDA: ['lambda-function'],
  EC2: ['auto-scaling-group'],
  AUTOSCALING: ['auto-scaling-group'],
};

const seenIn = ({ eventTypeCategory, eventTypeCode, statusCode }: Health): Said['seen'] => {
  const summary = `${eventTypeCategory} ${eventTypeCode}${statusCode === '' ? '' : `, ${statusCode}`}`;
  if (eventTypeCategory === 'accountNotification') return undefined;
  if (eventTypeCategory === 'scheduledChange')
    return { kind: 'restart', bad: true, summary, setAside: 'AWS has scheduled and announced it' };
  return { kind: 'incident', bad: !(eventTypeCategory === 'issue' && statusCode === 'closed'), summary };
};

/** A service of ECS in its cluster: `<cluster>|<service>`, or as the end of an ARN. */
const inCluster = /(?:^|:service\/)([^|/:]+)[|/]([^|/:]+)$/;

/**
 * Each part of an entity may be the name: entities are names, ids, ARNs, or a cluster and a service with a bar between them. Where an entity says
 * the cluster, no other cluster's service is meant.
 */
const candidatesOf = (kinds: readonly ResourceKind[], entity: string): readonly Candidate[] => {
  const parts = entity.split(/[:/|]/).slice(-3);
  const names = [entity, ...parts, parts.slice(-2).join('/')];
  const [, cluster, service] = inCluster.exec(entity) ?? [];
  const services = entity.includes(':cluster/') ? [] : cluster === undefined ? names : [`${cluster}/${service}`];
  return kinds.flatMap((kind) => (kind === 'ecs-service' ? services : names).map((name) => ({ kind, name })));
};

const read = (stage: Services, { account, region, at, detail }: AwsEvent<Health>): Delivery => {
  const { service, eventArn, eventTypeCode, eventTypeCategory, statusCode, eventScopeCode, affectedEntities } = detail;
  const kinds = kindsOf[service] ?? [];
  const { affectedAccount = account, eventRegion = region } = detail;
  const where = { account: affectedAccount, region: eventRegion === 'global' ? undefined : eventRegion };
  // The whole region is affected: everybody who uses the service there.
  const isForAll = eventScopeCode === 'PUBLIC' && affectedEntities.length === 0;
  const owners = isForAll
    ? [{ places: placesWith(stage, kinds, where), doubt: undefined }]
    : affectedEntities.map(({ entityValue, tags = {} }) =>
        ownersOfResource(stage, { ...where, names: [candidatesOf(kinds, entityValue)], tags }),
      );
  const places = distinct(owners.flatMap((one) => one.places));
  if (places.length === 0) return unmapped(`${via} ${eventTypeCode.slice(0, 100)}`);
  const entities = affectedEntities.map(({ entityValue }) => lastPart(entityValue)).join(', ');
  const seen = seenIn(detail);
  const delivery = deliveryAt(places, via, {
    // The same event comes once more from the backup region, and in several pages.
    occurrence: [eventArn, eventTypeCategory, statusCode],
    subject: `${service}${entities === '' ? '' : `: ${entities}`}`,
    at: detail.lastUpdatedTime ?? at,
    ...(seen === undefined ? {} : { seen }),
  });
  const what = `${via} ${eventTypeCode.slice(0, 100)}`;
  return { ...delivery, refused: [...delivery.refused, ...owners.flatMap((one) => ambiguous(what, one.places, one.doubt))] };
};

/**
 * Events of AWS Health: issues of AWS are incidents until they are closed, scheduled changes are announced. A public issue is everybody's
 * who has resources of that service. https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 */
export const health: Feed = awsFeed({
  via,
  source: 'aws.health',
  detailTypes: ['AWS Health Event'],
  rule: 'Health',
  description: 'AWS Health events of AWS services that this stage uses',
  detail: detailSchema,
  tagged: { detail: { affectedEntities: { tags: { [serviceTag]: [{ exists: true }] } } } },
  named: (stage) => [
    {
      names: Object.entries(kindsOf).flatMap(([service, kinds]) => (namesOf(stage, ...kinds).length > 0 ? [service] : [])),
      patternOf: (services) => ({ detail: { service: services } }),
    },
  ],
  read,
});
