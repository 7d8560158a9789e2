import * as z from 'zod';
import { type AwsEvent, awsFeed, deliveryFor, type Said } from './aws-event.ts';
import type { Delivery, Feed, Services } from './feed.ts';
import { namesOf } from './resource-owner.ts';

const via = 'codedeploy';

const detailSchema = z.object({
  application: z.string().min(1),
  deploymentGroup: z.string().default(''),
  deploymentId: z.string().min(1),
  state: z.string(),
});
type Change = z.output<typeof detailSchema>;

/** States of a deployment that goes on. */
const underWay = ['START', 'QUEUED', 'READY'];

const seenIn = ({ state, deploymentId }: Change): Said['seen'] => {
  if (underWay.includes(state)) return undefined;
  const summary = `deployment ${deploymentId}: ${state}`;
  return state === 'SUCCESS' ? { kind: 'deployment', bad: false, summary } : { kind: 'incident', bad: true, summary };
};

const read = (stage: Services, { account, region, at, detail }: AwsEvent<Change>): Delivery => {
  const { application, deploymentGroup, deploymentId, state } = detail;
  const seen = seenIn(detail);
  return deliveryFor(
    stage,
    via,
    // Groups of one application may deploy to different environments.
    {
      account,
      region,
      names: [`${application}/${deploymentGroup}`, application].map((name) => [{ kind: 'codedeploy-application', name }]),
    },
    {
      occurrence: [account, deploymentId, state],
      subject: `${application} ${deploymentGroup}`.trim(),
      at,
      // A queued deployment has not begun.
      ...(state === 'QUEUED'
        ? {}
        : { deployment: { id: [account, deploymentId], what: `CodeDeploy deployment ${deploymentId} of ${application}` } }),
      ...(seen === undefined ? {} : { seen }),
    },
  );
};

/**
 * Deployments of CodeDeploy: one that failed or was stopped is an incident, one that succeeded is a good sign.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
 */
export const codedeploy: Feed = awsFeed({
  via,
  source: 'aws.codedeploy',
  detailTypes: ['CodeDeploy Deployment State-change Notification'],
  rule: 'CodeDeploy',
  description: 'Deployments of CodeDeploy applications of this stage',
  detail: detailSchema,
  named: (stage) => [
    {
      // A name has no slash of its own.
      names: [...new Set(namesOf(stage, 'codedeploy-application').map((name) => name.split('/')[0] ?? name))],
      patternOf: (names) => ({ detail: { application: names } }),
    },
  ],
  read,
});
