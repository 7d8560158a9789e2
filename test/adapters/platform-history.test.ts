import { describe, expect, test } from 'vitest';
import { type AwsCall, type AwsRequest, createAwsCall } from '../../lambdas/adapters/aws-call.ts';
import { createPlatformHistory } from '../../lambdas/adapters/platform-history.ts';

/** AWS as it answers one request after another; the last answer is repeated. */
const aws = (...answers: readonly string[]) => {
  const asked: AwsRequest[] = [];
  const call: AwsCall = async (_place, request) => {
    asked.push(request);
    return { text: answers[Math.min(asked.length, answers.length) - 1] ?? '' };
  };
  return { asked, history: createPlatformHistory(call) };
};
const denied: AwsCall = async () => ({ failed: 'rds answered 403 AccessDenied', code: '', message: 'words', busy: false });
const since = '2026-03-02T08:00:00.000Z';

describe('an Auto Scaling group', () => {
  /** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html */
  const activity = (description: string, status: string, end: string) => `<member>
    <StatusCode>${status}</StatusCode>
    <Progress>100</Progress>
    <ActivityId>f9f2d65b-f1f2-43e7-b46d-d86756459699</ActivityId>
    <StartTime>2026-03-02T08:59:00.882Z</StartTime>
    <AutoScalingGroupName>shop</AutoScalingGroupName>
    <Details>{&quot;Subnet ID&quot;:&quot;subnet-12345678&quot;}</Details>
    <Cause>At 2026-03-02T08:58:30Z an instance was taken out of service in response to an EC2 health check &amp; replaced.</Cause>
    <Description>${description}</Description>
    ${end}
  </member>`;
  const page = (
    members: string,
    token = '',
  ) => `<DescribeScalingActivitiesResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">
  <DescribeScalingActivitiesResult><Activities>${members}</Activities>${token}</DescribeScalingActivitiesResult>
  <ResponseMetadata><RequestId>7c6e177f-f082-11e1-ac58-3714bEXAMPLE</RequestId></ResponseMetadata>
</DescribeScalingActivitiesResponse>`;
  const ended = '<EndTime>2026-03-02T09:01:00Z</EndTime>';

  test('is asked page by page, and answers what ended since', async () => {
    const { asked, history } = aws(
      page(activity('Terminating EC2 instance: i-0598c7d356eba48d7', 'Successful', ended), '<NextToken>more</NextToken>'),
      page(
        activity('Launching a new EC2 instance: i-1', 'InProgress', '') +
          activity('Terminating EC2 instance: i-2', 'Successful', '<EndTime>2026-03-02T07:59:59Z</EndTime>'),
      ),
    );
    expect(await history.activities({}, 'shop', since)).toEqual({
      activities: [
        { status: 'Successful', description: 'Terminating EC2 instance: i-0598c7d356eba48d7', endedAt: '2026-03-02T09:01:00.000Z' },
      ],
    });
    const input = { AutoScalingGroupName: 'shop', MaxRecords: '100' };
    expect(asked).toEqual([
      { service: 'autoscaling', operation: 'DescribeScalingActivities', input },
      { service: 'autoscaling', operation: 'DescribeScalingActivities', input: { ...input, NextToken: 'more' } },
    ]);
  });

  test('is not asked for pages that are all too old, and a form that is not known is a failure', async () => {
    const old = activity('Terminating EC2 instance: i-2', 'Successful', ended).replaceAll('2026-03', '2026-01');
    const { asked, history } = aws(page(old, '<NextToken>more</NextToken>'));
    expect(await history.activities({}, 'shop', since)).toEqual({ activities: [] });
    expect(asked).toHaveLength(1);
    expect(await aws('<html/>').history.activities({}, 'shop', since)).toEqual({
      failed: 'autoscaling answered DescribeScalingActivities in a form that is not known',
    });
    expect(await aws(page('<member><Cause>c</Cause></member>')).history.activities({}, 'shop', since)).toEqual({
      failed: 'autoscaling answered an activity that cannot be read',
    });
    const endless = aws(page(activity('Launching', 'Successful', ended), '<NextToken>more</NextToken>'));
    expect(await endless.history.activities({}, 'shop', since)).toMatchObject({ failed: expect.stringContaining('more than 100 pages') });
  });
});

describe('a database', () => {
  /** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html */
  const event = (message: string, date = '2026-03-02T09:00:00.123Z') => `<Event>
    <Message>${message}</Message>
    <SourceType>db-instance</SourceType>
    <EventCategories><EventCategory>availability</EventCategory><EventCategory>notification</EventCategory></EventCategories>
    <Date>${date}</Date>
    <SourceArn>arn:aws:rds:eu-central-1:222233334444:db:shop-db</SourceArn>
    <SourceIdentifier>shop-db</SourceIdentifier>
  </Event>`;
  const page = (events: string) => `<DescribeEventsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">
  <DescribeEventsResult><Events>${events}</Events></DescribeEventsResult>
  <ResponseMetadata><RequestId>b9c0abe4-1a71-11e3-a6ac-9b2b6EXAMPLE</RequestId></ResponseMetadata>
</DescribeEventsResponse>`;

  test.each([
    ['rds-instance', 'db-instance'],
    ['rds-cluster', 'db-cluster'],
  ] as const)('of the kind %s is asked for its events since then', async (kind, SourceType) => {
    const { asked, history } = aws(page(event('DB instance restarted &amp; ready')));
    expect(await history.databaseEvents({}, { kind, name: 'shop-db' }, since)).toEqual({
      events: [{ at: '2026-03-02T09:00:00.123Z', categories: ['availability', 'notification'], message: 'DB instance restarted & ready' }],
    });
    expect(asked).toEqual([
      {
        service: 'rds',
        operation: 'DescribeEvents',
        input: { SourceIdentifier: 'shop-db', SourceType, StartTime: since, MaxRecords: '100' },
      },
    ]);
  });

  test('that cannot be asked, or has an event without a time, is a failure', async () => {
    const database = { kind: 'rds-instance', name: 'shop-db' } as const;
    expect(await createPlatformHistory(denied).databaseEvents({}, database, since)).toEqual({ failed: 'rds answered 403 AccessDenied' });
    expect(await aws(page(event('m', 'soon'))).history.databaseEvents({}, database, since)).toEqual({
      failed: 'rds answered an event that cannot be read',
    });
  });

  test('is asked in its region, by a signed form', async () => {
    const sent: { url: string; body: string; authorization: string }[] = [];
    const { call } = createAwsCall({
      credentials: async () => ({ accessKeyId: 'own', secretAccessKey: 'key' }),
      clock: { now: () => new Date('2026-03-02T08:00:00Z') },
      region: 'eu-central-1',
      fetch: async (url, init) => {
        sent.push({ url: String(url), body: String(init?.body), authorization: new Headers(init?.headers).get('authorization') ?? '' });
        return new Response(page(''));
      },
    });
    const history = createPlatformHistory(call);
    expect(await history.databaseEvents({ region: 'us-east-1' }, { kind: 'rds-instance', name: 'shop-db' }, since)).toEqual({ events: [] });
    expect(sent[0]?.url).toBe('https://rds.us-east-1.amazonaws.com/');
    expect(sent[0]?.authorization).toContain('Credential=own/20260302/us-east-1/rds/aws4_request');
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toMatchObject({ Action: 'DescribeEvents', Version: '2014-10-31' });
  });
});

describe('a service of ECS', () => {
  const arn = (task: string) => `arn:aws:ecs:eu-central-1:222233334444:task/shop/${task}`;
  const task = (id: string, changes: object = {}) => ({ taskArn: arn(id), taskDefinitionArn: 'web:7', lastStatus: 'RUNNING', ...changes });
  const events = [{ id: 'e1', createdAt: 1_772_442_000.5, message: '(service web) has started 1 tasks: (task b2).' }];

  test('is asked for its events, then for the tasks that run and those that stopped', async () => {
    const stopped = task('a1', { lastStatus: 'STOPPED', stoppedAt: 1_772_441_990 });
    const { asked, history } = aws(
      JSON.stringify({ services: [{ status: 'ACTIVE', events }] }),
      JSON.stringify({ taskArns: [arn('b2'), arn('c3')] }),
      JSON.stringify({ tasks: [task('b2'), task('c3', { lastStatus: 'STOPPED', stoppedAt: 1_772_441_995 })] }),
      JSON.stringify({ taskArns: [arn('a1')] }),
      JSON.stringify({ tasks: [stopped] }),
    );
    expect(await history.service({}, 'shop', 'web')).toEqual({
      events: [{ at: '2026-03-02T09:00:00.500Z', message: '(service web) has started 1 tasks: (task b2).' }],
      running: ['b2'],
      stopped: [
        { task: 'c3', at: '2026-03-02T08:59:55.000Z' },
        { task: 'a1', at: '2026-03-02T08:59:50.000Z' },
      ],
    });
    expect(asked.map(({ operation, input }) => [operation, 'desiredStatus' in input ? input.desiredStatus : input])).toEqual([
      ['DescribeServices', { cluster: 'shop', services: ['web'] }],
      ['ListTasks', 'RUNNING'],
      ['DescribeTasks', { cluster: 'shop', tasks: [arn('b2'), arn('c3')] }],
      ['ListTasks', 'STOPPED'],
      ['DescribeTasks', { cluster: 'shop', tasks: [arn('a1')] }],
    ]);
  });

  test('that is not there is a failure', async () => {
    expect(await aws(JSON.stringify({ services: [] })).history.service({}, 'shop', 'web')).toEqual({
      failed: 'the service web does not exist or is not active',
    });
  });
});
