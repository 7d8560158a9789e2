import * as z from 'zod';
import { type AwsEvent, awsFeed, deliveryFor, type Said } from './aws-event.ts';
import { type Delivery, type Feed, instant, type Services } from './feed.ts';
import { namesOf, serviceTag } from './resource-owner.ts';

const via = 'rds';

const detailSchema = z.object({
  EventCategories: z.array(z.string()).default([]),
  SourceIdentifier: z.string().min(1),
  SourceArn: z.string().default(''),
  Date: instant,
  Message: z.string().default(''),
  EventID: z.string().default(''),
  Tags: z.record(z.string(), z.string()).optional(),
});
type Happened = z.output<typeof detailSchema>;

type Meaning = NonNullable<Said['seen']>['kind'];

/** Categories of events that are bad, the worst first, because an event may have several. */
const badCategories: readonly (readonly [string, Meaning])[] = [
  ['failure', 'incident'],
  ['low storage', 'incident'],
  ['recovery', 'incident'],
  ['security', 'incident'],
  ['deletion', 'data'],
  ['restoration', 'data'],
  ['failover', 'restart'],
  ['availability', 'restart'],
];
/** Of a category that says otherwise: AWS tells of an end, or of what it is going to do. */
const good: Readonly<Record<string, Meaning>> = {
  // The encryption key can be used again, a started instance, a read replica that follows again, a checked upgrade.
  'RDS-EVENT-0420': 'incident',
  'RDS-EVENT-0088': 'restart',
  'RDS-EVENT-0046': 'data',
  'RDS-EVENT-0411': 'other',
};
const bad: Readonly<Record<string, Meaning>> = {
  // A stopped instance; maintenance that failed.
  'RDS-EVENT-0087': 'restart',
  'RDS-EVENT-0174': 'incident',
  'RDS-EVENT-0270': 'incident',
  'RDS-EVENT-0412': 'incident',
};
/** A reboot that waits for the maintenance window. */
const scheduled = 'RDS-EVENT-0396';
const maintenance = ['maintenance', 'security patching'];
const routine = ['backup', 'creation'];

/** By the id where it says more than the category, else by the category. What no list has is bad, of kind `other`. */
const seenIn = ({ EventID, EventCategories, Message }: Happened): Said['seen'] => {
  const summary = `${EventID || 'event without id'} (${EventCategories.join(', ')}): ${Message}`;
  const is = (category: string): boolean => EventCategories.includes(category);
  const [goodKind, badKind] = [good[EventID], bad[EventID]];
  if (goodKind !== undefined) return { kind: goodKind, bad: false, summary };
  if (badKind !== undefined) return { kind: badKind, bad: true, summary };
  if (EventID === scheduled) return { kind: 'restart', bad: true, summary, setAside: 'AWS announces it for the maintenance window' };
  const worst = badCategories.find(([category]) => is(category));
  if (worst !== undefined) return { kind: worst[1], bad: true, summary };
  if (maintenance.some(is)) return { kind: 'restart', bad: true, summary, setAside: 'maintenance of the database by AWS' };
  if (is('configuration change')) return { kind: 'other', bad: false, summary };
  if (EventCategories.length > 0 && EventCategories.every((one) => routine.includes(one))) return undefined;
  return { kind: 'other', bad: true, summary };
};

const read = (stage: Services, { account, region, detailType, detail }: AwsEvent<Happened>): Delivery => {
  const { SourceIdentifier: name, SourceArn, EventID, Date: at, Message, Tags } = detail;
  const seen = seenIn(detail);
  return deliveryFor(
    stage,
    via,
    {
      account,
      region,
      names: [[{ kind: detailType === 'RDS DB Cluster Event' ? 'rds-cluster' : 'rds-instance', name }]],
      ...(Tags === undefined ? {} : { tags: Tags }),
    },
    { occurrence: [account, SourceArn || name, EventID, at, Message], subject: name, at, ...(seen === undefined ? {} : { seen }) },
  );
};

/**
 * Events of RDS instances and clusters. Form: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloudwatch-events.sample.html,
 * categories and ids: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 */
export const rds: Feed = awsFeed({
  via,
  source: 'aws.rds',
  detailTypes: ['RDS DB Instance Event', 'RDS DB Cluster Event'],
  rule: 'Databases',
  description: 'Databases of the services of this stage',
  detail: detailSchema,
  tagged: { detail: { Tags: { [serviceTag]: [{ exists: true }] } } },
  named: (stage) => [
    { names: namesOf(stage, 'rds-instance', 'rds-cluster'), patternOf: (names) => ({ detail: { SourceIdentifier: names } }) },
  ],
  read,
});
