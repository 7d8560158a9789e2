import { describe, expect, test } from 'vitest';
import { account, detailed, fed, seen } from '../feed-events.ts';

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloudwatch-events.sample.html */
const database = {
  version: '0',
  id: '68f6e973-1a0c-d37b-f2f2-94a7f62ffd4e',
  'detail-type': 'RDS DB Instance Event',
  source: 'aws.rds',
  account,
  time: '2018-09-27T22:36:43Z',
  region: 'us-east-1',
  resources: ['arn:aws:rds:us-east-1:111122223333:db:my-db-instance'],
  detail: {
    EventCategories: ['failover'],
    SourceType: 'DB_INSTANCE',
    SourceArn: 'arn:aws:rds:us-east-1:111122223333:db:my-db-instance',
    Date: '2018-09-27T22:36:43.292Z',
    Message: 'A Multi-AZ failover has completed.',
    SourceIdentifier: 'my-db-instance',
    EventID: 'RDS-EVENT-0049',
  },
};
const happened = (EventID: string, ...EventCategories: string[]) => detailed(database, { EventID, EventCategories });

describe('an event of a database', () => {
  test('is recorded with its id, category and message', () => {
    expect(seen(database)).toMatchObject({
      service: 'shop',
      kind: 'restart',
      bad: true,
      subject: 'my-db-instance',
      summary: 'RDS-EVENT-0049 (failover): A Multi-AZ failover has completed.',
      observedAt: '2018-09-27T22:36:43.292Z',
    });
  });

  test.each([
    ['RDS-EVENT-0006', ['availability'], 'restart', true],
    ['RDS-EVENT-0031', ['failure'], 'incident', true],
    ['RDS-EVENT-0195', ['maintenance', 'failure'], 'incident', true],
    ['RDS-EVENT-0007', ['low storage'], 'incident', true],
    ['RDS-EVENT-0003', ['deletion'], 'data', true],
    ['RDS-EVENT-0043', ['restoration'], 'data', true],
    ['RDS-EVENT-0087', ['notification'], 'restart', true],
    ['RDS-EVENT-0088', ['notification'], 'restart', false],
    ['RDS-EVENT-0270', ['maintenance'], 'incident', true],
    ['RDS-EVENT-0420', ['failure'], 'incident', false],
    ['RDS-EVENT-0016', ['configuration change'], 'other', false],
    ['RDS-EVENT-9999', ['something new'], 'other', true],
    ['RDS-EVENT-9999', ['backup', 'something new'], 'other', true],
    ['', [], 'other', true],
  ])('%s of category %j is of kind %s, bad: %s', (id, categories, kind, bad) => {
    const found = seen(happened(id, ...categories));
    expect([found?.kind, found?.bad, found?.setAside]).toEqual([kind, bad, undefined]);
  });

  test.each([
    ['RDS-EVENT-0026', 'maintenance'],
    ['RDS-EVENT-0230', 'security patching'],
    ['RDS-EVENT-0396', 'availability'],
  ])('%s of category %s is set aside as planned', (id, category) => {
    expect(seen(happened(id, category))).toMatchObject({ kind: 'restart', bad: true, setAside: expect.any(String) as unknown });
  });

  test('of its routine is nothing to observe', () => {
    expect(fed(happened('RDS-EVENT-0002', 'backup')).refused).toEqual(['rds my-db-instance: nothing to observe']);
  });

  test('is of a cluster by the cluster, and of a database by its tags before its name', () => {
    const cluster = { 'detail-type': 'RDS DB Cluster Event' };
    expect(seen(detailed(database, { SourceIdentifier: 'my-db-cluster' }, cluster))?.subject).toBe('my-db-cluster');
    expect(fed(detailed(database, {}, cluster)).observations).toEqual([]);
    const tagged = (tags: object) =>
      fed(detailed(database, { Tags: tags })).observations.map(({ service, environment }) => [service, environment]);
    expect(tagged({ 'holdpoint:service': 'blog' })).toEqual([['blog', 'production']]);
    expect(tagged({ 'holdpoint:service': 'shop', 'holdpoint:environment': 'staging' })).toEqual([['shop', 'staging']]);
    expect(tagged({ 'holdpoint:service': 'shop' })).toEqual([
      ['shop', 'production'],
      ['shop', 'staging'],
    ]);
    expect(tagged({ 'holdpoint:service': 'nobody' })).toEqual([['shop', 'production']]);
  });
});

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
const terminated = {
  version: '0',
  id: '12345678-1234-1234-1234-123456789012',
  'detail-type': 'EC2 Instance Terminate Successful',
  source: 'aws.autoscaling',
  account,
  time: '2024-12-05T21:49:30Z',
  region: 'us-west-2',
  resources: ['auto-scaling-group-arn', 'instance-arn'],
  detail: {
    StatusCode: 'InProgress',
    Description: 'Terminating EC2 instance: i-12345678',
    AutoScalingGroupName: 'my-asg',
    ActivityId: '87654321-4321-4321-4321-210987654321',
    Details: { 'Availability Zone': 'us-west-2b', 'Subnet ID': 'subnet-12345678' },
    RequestId: '12345678-1234-1234-1234-123456789012',
    StatusMessage: '',
    EndTime: '2024-12-05T21:49:30Z',
    EC2InstanceId: 'i-1234567890abcdef0',
    StartTime: '2024-12-05T21:48:52Z',
    Cause: 'description-text',
    Origin: 'AutoScalingGroup',
    Destination: 'EC2',
  },
};

describe('an instance of an Auto Scaling group', () => {
  test.each([
    'At 2024-12-05T21:48:52Z an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 2 to 1.',
    'At 2024-12-05T21:48:52Z an instance was taken out of service in response to an instance refresh.',
  ])('that was planned to end is set aside: %s', (Cause) => {
    expect(seen(detailed(terminated, { Cause }))).toMatchObject({ kind: 'restart', bad: true, setAside: expect.any(String) as unknown });
  });

  test.each([
    'At 2013-02-07T09:16:57Z an instance was taken out of service in response to a system health-check.',
    'At 2014-07-31T18:30:35Z an instance was taken out of service in response to a EC2 health check indicating it has been terminated or stopped.',
    'At 2024-12-05T21:48:52Z an instance was taken out of service in response to a user health-check, a difference between desired and actual capacity.',
    'At 2014-01-26T14:08:30Z instance i-br234123 was taken out of service in response to a user request.',
    'At 2014-01-26T14:08:30Z instance i-br234123 was taken out of service in response to a user request, shrinking the capacity from 2 to 1. The group rebalanced.',
    'description-text',
    '',
  ])('that ended otherwise restarted: %s', (Cause) => {
    const found = seen(detailed(terminated, { Cause }));
    expect([found?.kind, found?.bad, found?.setAside, found?.subject]).toEqual(['restart', true, undefined, 'my-asg i-1234567890abcdef0']);
  });

  test.each(['EC2 Instance Launch Unsuccessful', 'EC2 Instance Terminate Unsuccessful'])('with %s is an incident', (type) => {
    const event = detailed(terminated, { StatusMessage: 'No capacity' }, { 'detail-type': type });
    expect(seen(event)).toMatchObject({ kind: 'incident', bad: true, summary: `${type}: No capacity` });
  });
});

/** https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html */
const health = {
  version: '0',
  id: '121345678-1234-1234-1234-123456789012',
  'detail-type': 'AWS Health Event',
  source: 'aws.health',
  account,
  time: '2022-06-03T06:27:57Z',
  region: 'us-west-2',
  resources: ['my-db-instance'],
  detail: {
    eventArn: 'arn:aws:health:us-west-2::event/AWS_RDS_OPERATIONAL_ISSUE_90353408594353980',
    service: 'RDS',
    eventTypeCode: 'AWS_RDS_OPERATIONAL_ISSUE',
    eventTypeCategory: 'issue',
    eventScopeCode: 'ACCOUNT_SPECIFIC',
    communicationId: '01b0993207d81a09dcd552ebd1e633e36cf1f09a-1',
    startTime: 'Fri, 3 Jun 2022 05:01:10 GMT',
    endTime: 'Fri, 3 Jun 2022 05:30:57 GMT',
    lastUpdatedTime: 'Fri, 3 Jun 2022 05:01:10 GMT',
    statusCode: 'open',
    eventRegion: 'us-west-2',
    eventDescription: [{ language: 'en_US', latestDescription: 'A description of the event will be provided here' }],
    affectedEntities: [{ entityValue: 'arn:aws:rds:us-west-2:111122223333:db:my-db-instance' }],
    page: '1',
    totalPages: '1',
    backupEvent: 'false',
    affectedAccount: account,
    personas: ['OPERATIONS'],
  },
};

describe('an event of AWS Health', () => {
  test('that is an open issue is an incident of whom it affects', () => {
    expect(seen(health)).toMatchObject({
      service: 'shop',
      environment: 'production',
      kind: 'incident',
      bad: true,
      subject: 'RDS: my-db-instance',
      summary: 'issue AWS_RDS_OPERATIONAL_ISSUE, open',
      observedAt: '2022-06-03T05:01:10.000Z',
    });
  });

  test('is the same when it comes once more from the backup region', () => {
    const backup = detailed(health, { backupEvent: 'true' }, { id: 'other', time: '2022-06-03T06:29:00Z', region: 'us-east-1' });
    expect(seen(backup)).toEqual(seen(health));
  });

  test.each([
    ['issue', 'closed', false, undefined],
    ['issue', 'upcoming', true, undefined],
    ['issue', '', true, undefined],
    ['investigation', 'closed', true, undefined],
    ['something new', 'open', true, undefined],
    ['scheduledChange', 'upcoming', true, 'AWS has scheduled and announced it'],
  ])('of category %s, %s is bad: %s, set aside: %s', (eventTypeCategory, statusCode, bad, setAside) => {
    const found = seen(detailed(health, { eventTypeCategory, statusCode }));
    expect([found?.bad, found?.setAside]).toEqual([bad, setAside]);
  });

  test('that only tells something is nothing to observe', () => {
    expect(fed(detailed(health, { eventTypeCategory: 'accountNotification' })).observations).toEqual([]);
  });

  test.each([
    ['LAMBDA', 'arn:aws:lambda:us-west-2:111122223333:function:orders:7', {}, ['shop production']],
    ['ECS', 'FargateCluster|service', {}, ['blog production']],
    ['EC2', 'i-abcd1111', { 'holdpoint:service': 'shop', 'holdpoint:environment': 'staging' }, ['shop staging']],
    ['EC2', 'i-abcd1111', {}, []],
    ['S3', 'my-db-instance', {}, []],
  ])('of %s finds the owner of %s', (service, entityValue, tags, owners) => {
    const { observations } = fed(detailed(health, { service, affectedEntities: [{ entityValue, tags }] }));
    expect(observations.map((one) => `${one.service} ${one.environment}`)).toEqual(owners);
  });

  test('that is public is of everybody who uses the service in that account', () => {
    const open = { eventScopeCode: 'PUBLIC', affectedEntities: [], service: 'ECS' };
    const owners = (event: unknown) => fed(event).observations.map((one) => `${one.service} ${one.environment}`);
    expect(owners(detailed(health, open))).toEqual(['shop production', 'blog production']);
    expect(owners(detailed(health, { ...open, affectedAccount: '222233334444' }))).toEqual([
      'shop production',
      'shop staging',
      'blog production',
    ]);
    expect(owners(detailed(health, { ...open, eventScopeCode: 'ACCOUNT_SPECIFIC' }))).toEqual([]);
  });
});

test('texts of AWS stay on one line, within their length, and well-formed', () => {
  const found = seen(detailed(database, { Message: `a\nb\u2028${'\u{1F525}'.repeat(300)}` }));
  expect(found?.summary).toMatch(/^RDS-EVENT-0049 \(failover\): a b /);
  expect([found?.summary.length, found?.summary.isWellFormed()]).toEqual([300, true]);
});
