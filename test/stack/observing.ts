import type { Stage } from '../../lib/checklist/stage.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import { realStage } from './synthesised.ts';

/** A stage whose service Holdpoint looks at, in its own account and in another one. */
export const observing: Stage = {
  ...realStage,
  services: realStage.services.map((service) => ({
    ...service,
    targets: {
      production: targetsSchema.parse({
        components: [
          { component: 'orders', platform: { kind: 'lambda-alias', function: 'shop-orders', alias: 'live' } },
          { component: 'web', platform: { kind: 'ecs-service', cluster: 'shop', service: 'web' } },
          {
            component: 'mail',
            platform: { kind: 'lambda-alias', function: 'mail', alias: 'live', role: 'arn:aws:iam::222233334444:role/observer' },
          },
          { component: 'batch', platform: { kind: 'reported' } },
        ],
        probes: [{ id: 'home', url: 'https://shop.example.com/', expect: {}, critical: true }],
        alarms: ['shop-errors'],
        metrics: [
          {
            id: 'errors',
            is: 'error-rate',
            namespace: 'AWS/Lambda',
            metric: 'Errors',
            statistic: 'Sum',
            role: 'arn:aws:iam::222233334444:role/metrics',
          },
        ],
      }),
    },
  })),
};
