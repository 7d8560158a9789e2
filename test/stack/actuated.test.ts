import { Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { type Targets, targetsSchema } from '../../lib/checklist/targets.ts';
import { observedResources } from '../../lib/stack/observed.ts';
import { evaluated } from './policies.ts';
import { ofType, realStage, resourcesOf, templatesOf, withStacks } from './synthesised.ts';

const elsewhere = 'arn:aws:iam::444455556666:role/holdpoint-actuator';
const targets: Targets = targetsSchema.parse({
  components: [
    { component: 'web', platform: { kind: 'lambda-alias', function: 'shop-web', alias: 'live' } },
    { component: 'jobs', platform: { kind: 'ecs-service', cluster: 'shop', service: 'jobs', region: 'eu-west-1' } },
    { component: 'mail', platform: { kind: 'lambda-alias', function: 'shop-mail', alias: 'live', role: elsewhere } },
  ],
  probes: [
    { id: 'closed', url: 'https://shop.example.com/orders', expect: { status: [503] } },
    { id: 'open', url: 'https://shop.example.com/orders', expect: {} },
  ],
  rollback: {
    'stop-requests': { by: { kind: 'lambda', function: 'close-shop:live' }, stopped: ['closed'], accepting: ['open'] },
    'revert-version': { by: { kind: 'platform' } },
    'restore-database': { by: { kind: 'event' } },
  },
});
const stageWith = (given: Targets) => ({
  ...realStage,
  services: [{ name: 'shop', environments: ['production'], alarmPrefix: 'shop-', targets: { production: given } }],
});

/** What the actuator may do beyond the trail, by statement. */
const grantedFor = (given: Targets): Readonly<Record<string, unknown>> => {
  const statements = ofType(resourcesOf(templatesOf(stageWith(given)).app), 'AWS::IAM::Policy')
    .filter(([id]) => id.startsWith('eventactuatorGrants'))
    .flatMap(
      ([, { Properties }]) => (Properties.PolicyDocument as { Statement: { Sid: string; Action: unknown; Resource: unknown }[] }).Statement,
    );
  return Object.fromEntries(
    statements
      .filter(({ Sid }) => Sid.startsWith('Target') || Sid === 'Bus')
      .map(({ Sid, Action, Resource }) => [Sid, { Action, Resource: evaluated(Resource) }]),
  );
};

describe('what the actuator may touch', () => {
  test('is what the targets name, in the account of the stack by itself and elsewhere by the role', () => {
    const shop = 'arn:aws:lambda:eu-central-1:111122223333:function:shop-web';
    expect(grantedFor(targets)).toEqual({
      TargetAliases: { Action: ['lambda:GetAlias', 'lambda:UpdateAlias'], Resource: [shop, `${shop}:live`] },
      TargetVersions: { Action: 'lambda:GetFunctionConfiguration', Resource: [shop, `${shop}:*`] },
      TargetServices: {
        Action: ['ecs:DescribeServices', 'ecs:UpdateService'],
        Resource: 'arn:aws:ecs:eu-west-1:111122223333:service/shop/jobs',
      },
      TargetFunctions: {
        Action: 'lambda:InvokeFunction',
        Resource: 'arn:aws:lambda:eu-central-1:111122223333:function:close-shop:live',
      },
      TargetRoles: { Action: 'sts:AssumeRole', Resource: elsewhere },
      Bus: { Action: 'events:PutEvents', Resource: 'arn:aws:events:eu-central-1:111122223333:event-bus/holdpoint-production' },
    });
  });

  test('takes the role of the actuator, where another one reads the platform', () => {
    const reading = 'arn:aws:iam::444455556666:role/holdpoint-observer';
    const platform = { kind: 'lambda-alias', function: 'shop-mail', alias: 'live', role: reading, actuatorRole: elsewhere };
    const two = targetsSchema.parse({
      components: [{ component: 'mail', platform }],
      rollback: { 'revert-version': { by: { kind: 'platform' } } },
    });
    expect(grantedFor(two)).toEqual({ TargetRoles: { Action: 'sts:AssumeRole', Resource: elsewhere } });
    expect(observedResources(new Stack(), stageWith(two))['observed-roles']).toEqual([reading]);
  });

  test('is nothing where people carry everything out', () => {
    expect(grantedFor(targetsSchema.parse({ components: targets.components }))).toEqual({});
  });

  test('is no alias where services are only started anew', () => {
    const restarted = targetsSchema.parse({
      components: targets.components,
      rollback: { 'restart-services': { by: { kind: 'platform' } } },
    });
    expect(Object.keys(grantedFor(restarted))).toEqual(['TargetServices']);
  });

  test('has no wildcard that cdk-nag finds unexplained', () => {
    const found = withStacks(stageWith(targets), (app) => {
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      try {
        app.synth();
        return '';
      } catch (fault) {
        return String(fault);
      }
    });
    expect(found).toBe('');
  });
});
