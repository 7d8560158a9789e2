import type { ObservedResource } from '../lib/checklist/observed-resources.ts';
import { readFeed } from '../lib/feeds/index.ts';

export const account = '111122223333';

/** A stage with one resource of each kind; `blog` has the cluster in which `shop` has a service. */
const resources: ObservedResource[] = [
  { kind: 'ecs-service', name: 'default/servicetest', environment: 'production' },
  { kind: 'ecs-service', name: 'main/web', environment: 'production', account },
  { kind: 'ecs-service', name: 'main/web', environment: 'staging', account: '222233334444' },
  { kind: 'codedeploy-application', name: 'myApplication', environment: 'production' },
  { kind: 'rds-instance', name: 'my-db-instance', environment: 'production' },
  { kind: 'rds-cluster', name: 'my-db-cluster', environment: 'production' },
  { kind: 'lambda-function', name: 'orders', environment: 'production' },
  { kind: 'auto-scaling-group', name: 'my-asg', environment: 'production' },
];
export const stage = {
  services: [
    { name: 'shop', environments: ['production', 'staging'], alarmPrefix: 'shop-', resources },
    {
      name: 'blog',
      environments: ['production'],
      alarmPrefix: 'blog-',
      resources: [{ kind: 'ecs-cluster' as const, name: 'FargateCluster', environment: 'production' }],
    },
  ],
};

/** An event as AWS documents it. */
export type AwsEvent = { readonly detail: object; readonly [member: string]: unknown };
/** The event with other members of `detail`. */
export const detailed = (event: AwsEvent, detail: object, more: object = {}): AwsEvent => ({
  ...event,
  ...more,
  detail: { ...event.detail, ...detail },
});
export const fed = (event: unknown) => readFeed(stage, event);
/** What the one observation of a delivery says; undefined when it has none. */
export const seen = (event: unknown) => {
  const { observations } = fed(event);
  if (observations.length > 1) throw new Error(`got ${observations.length} observations, expected one`);
  return observations[0];
};
