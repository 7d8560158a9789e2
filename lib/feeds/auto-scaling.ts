import * as z from 'zod';
import { type AwsEvent, awsFeed, deliveryFor, type Said } from './aws-event.ts';
import type { Delivery, Feed, Services } from './feed.ts';
import { namesOf } from './resource-owner.ts';

const via = 'auto-scaling';
const terminated = 'EC2 Instance Terminate Successful';

const detailSchema = z.object({
  AutoScalingGroupName: z.string().min(1),
  ActivityId: z.string().min(1),
  EC2InstanceId: z.string().default(''),
  Cause: z.string().default(''),
  StatusMessage: z.string().default(''),
});
type Activity = z.output<typeof detailSchema>;

/** Why a group ends healthy instances, by the sentences of its activity log. */
const plans: readonly (readonly [RegExp, string])[] = [
  [/difference between desired and actual capacity/i, 'a scale-in'],
  [/instance refresh/i, 'an instance refresh'],
  [/rebalanc/i, 'the group balanced its zones or Spot capacity'],
  [/spot instance interruption/i, 'AWS took back Spot capacity'],
  [/maximum instance lifetime/i, 'the instance had reached its maximum lifetime'],
];

/** An instance that failed a health check, or that somebody ended, was not planned by the group, whatever else the cause says: people announce that. */
const unplanned = /health[ -]?check|in response to a user request/i;

const plannedBecause = (cause: string): string | undefined =>
  unplanned.test(cause) ? undefined : plans.find(([sentence]) => sentence.test(cause))?.[1];

const seenIn = (detailType: string, { Cause, StatusMessage }: Activity): NonNullable<Said['seen']> => {
  if (detailType !== terminated) return { kind: 'incident', bad: true, summary: `${detailType}: ${StatusMessage || Cause}` };
  const setAside = plannedBecause(Cause);
  const summary = `instance terminated: ${Cause || 'without a cause'}`;
  return { kind: 'restart', bad: true, summary, ...(setAside === undefined ? {} : { setAside }) };
};

const read = (stage: Services, { detailType, account, region, at, detail }: AwsEvent<Activity>): Delivery => {
  const { AutoScalingGroupName: name, ActivityId, EC2InstanceId } = detail;
  return deliveryFor(
    stage,
    via,
    { account, region, names: [[{ kind: 'auto-scaling-group', name }]] },
    {
      occurrence: [account, ActivityId, detailType, EC2InstanceId],
      subject: `${name} ${EC2InstanceId}`.trim(),
      at,
      seen: seenIn(detailType, detail),
    },
  );
};

/**
 * Instances of Auto Scaling groups that ended, and those that could not start or end.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
export const autoScaling: Feed = awsFeed({
  via,
  source: 'aws.autoscaling',
  detailTypes: [terminated, 'EC2 Instance Launch Unsuccessful', 'EC2 Instance Terminate Unsuccessful'],
  rule: 'Instances',
  description: 'Instances of Auto Scaling groups of this stage',
  detail: detailSchema,
  named: (stage) => [{ names: namesOf(stage, 'auto-scaling-group'), patternOf: (names) => ({ detail: { AutoScalingGroupName: names } }) }],
  read,
});
