import { describe, expect, test } from 'vitest';
import { type Platform, targetsSchema } from '../../lib/checklist/targets.ts';
import type { Services } from '../../lib/feeds/feed.ts';
import { readFeed } from '../../lib/feeds/index.ts';

/** Which component of the stage file an event of a platform is about, and whether its new version is what runs. */
const account = '111122223333';
const own = { account, region: 'eu-west-1' };
const fedBy = (platform: Platform, event: object) => {
  const resources = [
    { kind: 'lambda-function' as const, name: 'orders', environment: 'production' },
    { kind: 'ecs-service' as const, name: 'web', environment: 'production' },
  ];
  const targets = { production: targetsSchema.parse({ components: [{ component: 'api', platform }] }) };
  const stage = { services: [{ name: 'shop', environments: ['production'], alarmPrefix: 'shop-', resources, targets }], own };
  const [deployment] = readFeed(stage, event).deployments ?? [];
  return { component: deployment?.component, live: deployment?.live ?? false };
};
const alias = (parameters: object, answer: object | null = null, origin: object = {}) => ({
  id: 'e-1',
  source: 'aws.lambda',
  'detail-type': 'AWS API Call via CloudTrail',
  account,
  region: 'eu-west-1',
  ...origin,
  time: '2026-03-02T10:00:00Z',
  detail: {
    eventName: 'UpdateAlias20150331',
    eventID: 'e-1',
    requestParameters: { functionName: 'orders', name: 'live', functionVersion: '8', ...parameters },
    responseElements: answer,
  },
});
const live: Platform = { kind: 'lambda-alias', function: 'orders', alias: 'live' };

describe('the component of a Lambda alias', () => {
  test.each<[string, Platform, object, string | undefined, boolean]>([
    ['is found by function and alias', live, alias({}), 'api', true],
    ['is found by ARNs', { ...live, function: 'arn:aws:lambda:eu-west-1:111122223333:function:orders' }, alias({}), 'api', true],
    ['of another alias changes nothing', live, alias({ name: 'beta' }), undefined, false],
    ['is none of another function', { ...live, function: 'new-orders' }, alias({}), undefined, true],
    ['is none of another account', { ...live, role: 'arn:aws:iam::444455556666:role/reader' }, alias({}), undefined, false],
    ['is found in the account of its role', { ...live, role: `arn:aws:iam::${account}:role/reader` }, alias({}), 'api', true],
    ['is none of another region', { ...live, region: 'us-east-1' }, alias({}), undefined, true],
    ['is found in its region', { ...live, region: 'eu-west-1' }, alias({}), 'api', true],
    [
      'is none where the event does not say its region',
      { ...live, region: 'eu-west-1' },
      alias({}, null, { region: undefined }),
      undefined,
      true,
    ],
    [
      'is none of the region of another ARN',
      { ...live, function: `arn:aws:lambda:us-east-1:${account}:function:orders` },
      alias({}),
      undefined,
      true,
    ],
    [
      'is none of the account of another ARN',
      { ...live, function: 'arn:aws:lambda:eu-west-1:444455556666:function:orders' },
      alias({}),
      undefined,
      false,
    ],
    [
      'is not live while a part of the requests goes elsewhere',
      live,
      alias({ routingConfig: { additionalVersionWeights: { '9': 0.1 } } }),
      'api',
      false,
    ],
    [
      'is not live where the answer names other versions',
      live,
      alias({}, { routingConfig: { additionalVersionWeights: { '9': 0.1 } } }),
      'api',
      false,
    ],
    ['is not live where no version was asked for', live, alias({ functionVersion: null }), 'api', false],
    ['is live where the weights were taken away', live, alias({ routingConfig: { additionalVersionWeights: {} } }), 'api', true],
  ])('%s', (_what, platform, event, component, isLive) => {
    expect(fedBy(platform, event)).toEqual({ component, live: isLive });
  });
});

describe('a function that staging and production share', () => {
  const resources = ['staging', 'production'].map((environment) => ({ kind: 'lambda-function' as const, name: 'orders', environment }));
  const on = (name: string, more: object = {}) =>
    targetsSchema.parse({ components: [{ component: 'api', platform: { ...live, alias: name, ...more } }] });
  const call = (eventName: string, parameters: object = {}) => {
    const event = alias(parameters);
    return { ...event, detail: { ...event.detail, eventName } };
  };
  const code = call('UpdateFunctionCode20150331v2', { name: null, functionVersion: null });
  const configuration = call('UpdateFunctionConfiguration20150331v2', { name: null, functionVersion: null });
  const both = { staging: on('staging'), production: on('live') };
  const elsewhere = { production: on('live', { region: 'us-east-1' }) };
  test.each<[string, object, Record<string, ReturnType<typeof on>>, readonly string[]]>([
    ['its new code changes no alias', code, both, []],
    ['its new configuration changes no alias', configuration, both, []],
    ['the alias of staging is no change of production', alias({ name: 'staging' }), both, ['staging api']],
    ['the alias of production is one', alias({}), both, ['production api']],
    ['an alias that nobody names changes neither', alias({ name: 'beta' }), both, []],
    ['the alias of production is taken away', call('DeleteAlias20150331', { functionVersion: null }), both, ['production api']],
    ['the alias of production is made', call('CreateAlias20150331'), both, ['production api']],
    ['a place without an alias counts its code', code, { staging: on('staging') }, ['production ']],
    ['and every alias that is moved', alias({ name: 'beta' }), { staging: on('staging') }, ['production ']],
    ['but none that is made', call('CreateAlias20150331', { name: 'beta' }), {}, []],
    ['a function of the same name elsewhere is another one', code, elsewhere, ['staging ', 'production ']],
  ])('%s', (_what, event, targets, expected) => {
    const services = [{ name: 'shop', environments: ['staging', 'production'], alarmPrefix: 'shop-', resources, targets }];
    const { deployments = [], observations, refused } = readFeed({ services, own }, event);
    expect(deployments.map(({ environment, component = '' }) => `${environment} ${component}`)).toEqual(expected);
    expect(observations.map(({ environment }) => environment)).toEqual(deployments.map(({ environment }) => environment));
    expect(refused).toEqual(expected.length === 0 ? ['lambda orders: nothing to observe'] : []);
  });
});

describe('a platform that says neither role nor region', () => {
  const elsewhere = alias({}, null, { account: '444455556666' });
  test.each<[string, object, Services['own'], string | undefined]>([
    ['is in the account and region of Holdpoint', alias({}), own, 'api'],
    ['is none of another account', elsewhere, own, undefined],
    ['is none of another region', alias({}, null, { region: 'us-east-1' }), own, undefined],
    ['is none where the event does not say its region', alias({}, null, { region: undefined }), own, undefined],
    ['is none where it is not known where Holdpoint is', alias({}), undefined, undefined],
  ])('%s', (_what, event, holdpoint, component) => {
    const resources = [{ kind: 'lambda-function' as const, name: 'orders', environment: 'production' }];
    const targets = { production: targetsSchema.parse({ components: [{ component: 'api', platform: live }] }) };
    const services = [{ name: 'shop', environments: ['production'], alarmPrefix: 'shop-', resources, targets }];
    const [deployment] = readFeed({ services, own: holdpoint }, event).deployments ?? [];
    expect(deployment?.component).toBe(component);
  });

  test('is in the region of Holdpoint where only its role says another account', () => {
    const role = 'arn:aws:iam::444455556666:role/reader';
    expect(fedBy({ ...live, role }, elsewhere).component).toBe('api');
    expect(fedBy({ ...live, role }, alias({}, null, { account: '444455556666', region: 'us-east-1' })).component).toBeUndefined();
  });
});

describe('the component of an ECS service', () => {
  const ecs = (eventName: string, cluster: string) => ({
    id: 'e-1',
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    account,
    region: 'eu-west-1',
    time: '2026-03-02T10:00:00Z',
    resources: [`arn:aws:ecs:eu-west-1:${account}:service/${cluster}/web`],
    detail: { eventName, deploymentId: 'ecs-svc/1', reason: 'ECS deployment completed.' },
  });
  const web: Platform = { kind: 'ecs-service', cluster: 'shop', service: 'web' };
  test.each<[string, object, string | undefined, boolean]>([
    ['is live when its deployment has completed', ecs('SERVICE_DEPLOYMENT_COMPLETED', 'shop'), 'api', true],
    ['is not live while it goes on', ecs('SERVICE_DEPLOYMENT_IN_PROGRESS', 'shop'), 'api', false],
    ['is not live when it failed', ecs('SERVICE_DEPLOYMENT_FAILED', 'shop'), 'api', false],
    ['is none of another cluster', ecs('SERVICE_DEPLOYMENT_COMPLETED', 'other'), undefined, false],
  ])('%s', (_what, event, component, isLive) => {
    expect(fedBy(web, event)).toEqual({ component, live: isLive });
  });
});
