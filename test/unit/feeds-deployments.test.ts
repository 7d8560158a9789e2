import { describe, expect, test } from 'vitest';
import { codedeploy as codedeployFeed } from '../../lib/feeds/codedeploy.ts';
import { readFeed } from '../../lib/feeds/index.ts';
import { account, detailed, fed, seen } from '../feed-events.ts';

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html and the reference of EventBridge */
const codedeploy = {
  account,
  region: 'us-east-1',
  'detail-type': 'CodeDeploy Deployment State-change Notification',
  source: 'aws.codedeploy',
  version: '0',
  time: '2016-06-30T22:06:31Z',
  id: 'c071bfbf-83c4-49ca-a6ff-3df053957145',
  resources: [
    'arn:aws:codedeploy:us-east-1:111122223333:application:myApplication',
    'arn:aws:codedeploy:us-east-1:111122223333:deploymentgroup:myApplication/myDeploymentGroup',
  ],
  detail: {
    instanceGroupId: '9fd2fbef-2157-40d8-91e7-6845af69e2d2',
    region: 'us-east-1',
    application: 'myApplication',
    deploymentId: 'd-123456789',
    state: 'SUCCESS',
    deploymentGroup: 'myDeploymentGroup',
  },
};

describe('a deployment of CodeDeploy', () => {
  test.each([
    ['SUCCESS', 'deployment', false],
    ['FAILURE', 'incident', true],
    ['STOP', 'incident', true],
    ['NEW_STATE', 'incident', true],
  ])('in the state %s is of kind %s', (state, kind, bad) => {
    const event = detailed(codedeploy, { state });
    expect(seen(event)).toMatchObject({
      service: 'shop',
      environment: 'production',
      kind,
      bad,
      subject: 'myApplication myDeploymentGroup',
    });
    expect(fed(event).deployments).toMatchObject([{ what: 'CodeDeploy deployment d-123456789 of myApplication' }]);
  });

  test.each([
    ['START', 1],
    ['READY', 1],
    ['QUEUED', 0],
  ])('that goes on (%s) is nothing to observe; %d deployments were seen', (state, count) => {
    const { observations, deployments = [] } = fed(detailed(codedeploy, { state }));
    expect([observations, deployments.length]).toEqual([[], count]);
  });

  test('of another application is counted', () => {
    expect(fed(detailed(codedeploy, { application: 'other' })).refused).toEqual([
      'UnmappedEvent: codedeploy other myDeploymentGroup belongs to no service of this stage',
    ]);
  });
});

test('groups of one CodeDeploy application belong to the environments that name them', () => {
  const resources = [
    { kind: 'codedeploy-application' as const, name: 'myApplication', environment: 'production' },
    { kind: 'codedeploy-application' as const, name: 'myApplication/beta', environment: 'staging' },
  ];
  const services = [{ name: 'shop', environments: ['staging', 'production'], alarmPrefix: 'shop-', resources }];
  const environments = (deploymentGroup: string) =>
    readFeed({ services }, detailed(codedeploy, { deploymentGroup })).deployments?.map(({ environment }) => environment);
  expect(environments('beta')).toEqual(['staging']);
  expect(environments('live')).toEqual(['production']);
  const { wiring } = codedeployFeed;
  expect(wiring.kind === 'rule' && wiring.patterns({ name: 'prod', services }, 'default')).toMatchObject([
    { detail: { application: ['myApplication'] } },
  ]);
});

const sha = Buffer.alloc(32, 7);
/** The form of https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html, as EventBridge wraps it. */
const updated = {
  version: '0',
  id: '12345678-1234-1234-1234-123456789013',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.lambda',
  account,
  time: '2024-08-01T13:52:02Z',
  region: 'eu-central-1',
  resources: [],
  detail: {
    eventVersion: '1.08',
    userIdentity: { type: 'AssumedRole', principalId: 'AROA:ada', arn: 'arn:aws:sts::111122223333:assumed-role/deploy/ada' },
    eventTime: '2024-08-01T13:52:02Z',
    eventSource: 'lambda.amazonaws.com',
    eventName: 'UpdateFunctionCode20150331v2',
    awsRegion: 'eu-central-1',
    requestParameters: { functionName: 'orders', dryRun: false, publish: true },
    responseElements: { functionName: 'orders', codeSha256: sha.toString('base64') },
    requestID: '4ae683f5-13be-4305-8267-0d2fc47dd663',
    eventID: '4672b74f-2466-4784-b3fb-5b4db904a995',
    readOnly: false,
    eventType: 'AwsApiCall',
  },
};

describe('a change of a Lambda function', () => {
  test('of its code is a deployment with the digest of the code, and names nobody', () => {
    expect(seen(updated)).toMatchObject({ kind: 'deployment', bad: false, subject: 'orders', summary: 'Lambda UpdateFunctionCode' });
    expect(fed(updated).deployments).toEqual([
      {
        service: 'shop',
        environment: 'production',
        deployment: expect.stringMatching(/^lambda-/) as unknown,
        what: 'Lambda UpdateFunctionCode of function orders',
        at: '2024-08-01T13:52:02.000Z',
        digest: `sha256:${sha.toString('hex')}`,
        account,
      },
    ]);
    // Of an image, Lambda gives it in hex.
    const image = fed(detailed(updated, { responseElements: { codeSha256: sha.toString('hex') } }));
    expect(image.deployments).toMatchObject([{ digest: `sha256:${sha.toString('hex')}` }]);
    expect(JSON.stringify(fed(updated))).not.toContain('ada');
  });

  test('of an alias says where it points to', () => {
    const event = detailed(updated, {
      eventName: 'UpdateAlias20150331',
      requestParameters: { functionName: 'orders', name: 'live', functionVersion: '7' },
      responseElements: null,
    });
    expect(fed(event).deployments).toMatchObject([{ what: 'Lambda UpdateAlias of alias live to version 7 of function orders' }]);
    expect(fed(event).deployments?.[0]).not.toHaveProperty('digest');
  });

  test.each([
    'orders',
    'orders:live',
    '111122223333:function:orders',
    'arn:aws:lambda:eu-central-1:111122223333:function:orders',
    'arn:aws:lambda:eu-central-1:111122223333:function:orders:7',
  ])('is found by the name %s', (functionName) => {
    expect(seen(detailed(updated, { requestParameters: { functionName } }))?.subject).toBe('orders');
  });

  test.each([
    ['was refused', { errorCode: 'AccessDeniedException' }],
    ['was a dry run', { requestParameters: { functionName: 'orders', dryRun: true } }],
    ['was only read', { eventName: 'GetFunction20150331v2' }],
  ])('that %s is none', (_what, detail) => {
    expect(fed(detailed(updated, detail))).toEqual({ observations: [], refused: ['lambda orders: nothing to observe'] });
  });

  test('with a digest of another length says none', () => {
    expect(fed(detailed(updated, { responseElements: { codeSha256: 'AAAA' } })).deployments?.[0]).not.toHaveProperty('digest');
  });
});
