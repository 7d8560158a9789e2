import { describe, expect, test } from 'vitest';
import { createAwsCall } from '../../lambdas/adapters/aws-call.ts';
import { createCloudWatchReader } from '../../lambdas/adapters/cloudwatch-reader.ts';
import { createPlatformReader } from '../../lambdas/adapters/platform-reader.ts';
import { assumedRole, roleDenied } from './sts-answers.ts';

type Sent = {
  readonly url: string;
  readonly target: string | null;
  readonly authorization: string;
  readonly token: string | null;
  readonly body: string;
};

/** AWS as it answers one request after another; the last answer is repeated. */
const aws = (...answers: (() => Response | Promise<Response>)[]) => {
  const sent: Sent[] = [];
  const made = createAwsCall({
    credentials: async () => ({ accessKeyId: 'own', secretAccessKey: 'key', sessionToken: 'session' }),
    clock: { now: () => new Date('2026-03-02T08:00:00Z') },
    region: 'eu-central-1',
    session: 'holdpoint-collector',
    pauseMs: 0,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      sent.push({
        url: String(url),
        target: headers.get('x-amz-target'),
        authorization: headers.get('authorization') ?? '',
        token: headers.get('x-amz-security-token'),
        body: String(init?.body),
      });
      const answer = answers[Math.min(sent.length, answers.length) - 1];
      return answer?.() ?? Response.json({});
    },
  });
  return { ...made, sent };
};
const session = () => assumedRole({ token: 't' });
const role = 'arn:aws:iam::222233334444:role/observer';

describe('CloudWatch', () => {
  const alarm = { AlarmName: 'a', StateValue: 'OK', StateUpdatedTimestamp: 1_772_438_400, ActionsEnabled: true, AlarmActions: ['x'] };

  test('is asked for alarms of both kinds by one signed request in its own region, page by page', async () => {
    const world = aws(
      () => Response.json({ MetricAlarms: [alarm], NextToken: 'more' }),
      () =>
        Response.json({ CompositeAlarms: [{ ...alarm, AlarmName: 'b', StateUpdatedTimestamp: '2026-03-02T08:00:00Z', AlarmActions: [] }] }),
    );
    expect(await createCloudWatchReader(world.call).alarms({}, ['a', 'b'])).toEqual({
      alarms: [
        { name: 'a', state: 'OK', stateSince: '2026-03-02T08:00:00.000Z', actionsEnabled: true, actions: 1 },
        { name: 'b', state: 'OK', stateSince: '2026-03-02T08:00:00.000Z', actionsEnabled: true, actions: 0 },
      ],
    });
    expect(world.sent[0]).toMatchObject({
      url: 'https://monitoring.eu-central-1.amazonaws.com/',
      target: 'GraniteServiceVersion20100801.DescribeAlarms',
      authorization: expect.stringContaining('Credential=own/20260302/eu-central-1/monitoring/aws4_request') as unknown,
    });
    const asked = { AlarmNames: ['a', 'b'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 };
    expect(world.sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual([asked, { ...asked, NextToken: 'more' }]);
  });

  test('is asked for points and for the history of an alarm', async () => {
    const world = aws(() =>
      Response.json({
        MetricDataResults: [
          { Id: 'figure1', Timestamps: [1_772_438_400, 1_772_438_460], Values: [7, 8], StatusCode: 'Complete' },
          { Id: 'figure0', Timestamps: [1_772_438_460, 1_772_438_400], Values: [2, 1], StatusCode: 'Complete' },
        ],
      }),
    );
    const query = {
      namespace: 'AWS/Lambda',
      metric: 'Errors',
      dimensions: { FunctionName: 'f' },
      statistic: 'Sum',
      period: 60,
      from: 1_772_438_400_000,
      until: 1_772_438_520_000,
    };
    const later = { ...query, metric: 'Invocations', from: 1_772_438_460_000 };
    expect(await createCloudWatchReader(world.call).points({ region: 'us-east-1' }, [query, later])).toEqual([
      {
        points: [
          [1_772_438_400_000, 1],
          [1_772_438_460_000, 2],
        ],
      },
      // What it did not ask for belongs to the other one.
      { points: [[1_772_438_460_000, 8]] },
    ]);
    expect(world.sent).toHaveLength(1);
    expect(world.sent[0]?.url).toBe('https://monitoring.us-east-1.amazonaws.com/');
    expect(JSON.parse(world.sent[0]?.body ?? '')).toEqual({
      MetricDataQueries: [
        {
          Id: 'figure0',
          MetricStat: {
            Metric: { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: 'f' }] },
            Period: 60,
            Stat: 'Sum',
          },
          ReturnData: true,
        },
        {
          Id: 'figure1',
          MetricStat: {
            Metric: { Namespace: 'AWS/Lambda', MetricName: 'Invocations', Dimensions: [{ Name: 'FunctionName', Value: 'f' }] },
            Period: 60,
            Stat: 'Sum',
          },
          ReturnData: true,
        },
      ],
      StartTime: 1_772_438_400,
      EndTime: 1_772_438_520,
      ScanBy: 'TimestampAscending',
    });
    const past = aws(() =>
      Response.json({ AlarmHistoryItems: [{ Timestamp: 1_772_438_400, HistoryData: '{"newState":{"stateValue":"ALARM"}}' }] }),
    );
    expect(await createCloudWatchReader(past.call).history({}, 'a', '2026-03-02T07:00:00.000Z')).toEqual({
      changes: [{ at: '2026-03-02T08:00:00.000Z', to: 'ALARM' }],
    });
    expect(past.sent[0]?.target).toBe('GraniteServiceVersion20100801.DescribeAlarmHistory');
  });

  test.each([
    [
      'denies',
      () => Response.json({ __type: 'com.amazonaws#AccessDeniedException', message: 'arn of a secret' }, { status: 400 }),
      'monitoring answered 400 AccessDeniedException',
      1,
    ],
    ['is busy', () => Response.json({ __type: 'ThrottlingException' }, { status: 400 }), 'monitoring answered 400 ThrottlingException', 3],
    ['is down', () => Promise.reject(new TypeError('fetch failed')), 'monitoring did not answer: TypeError', 3],
    ['answers no JSON', () => new Response('<html>'), 'monitoring answered DescribeAlarms in a form that is not known', 1],
    [
      'gives an unknown state',
      () => Response.json({ MetricAlarms: [{ AlarmName: 'a', StateValue: 'GREEN' }] }),
      'monitoring answered DescribeAlarms in a form that is not known',
      1,
    ],
  ])('that %s is a failure with its reason', async (_what, answer, failed, requests) => {
    const world = aws(answer);
    expect(await createCloudWatchReader(world.call).alarms({}, ['a'])).toEqual({ failed });
    expect(world.sent).toHaveLength(requests);
  });

  test.each([
    ['a part of the points only', [{ Id: 'figure0', StatusCode: 'PartialData' }], 'monitoring answered the metric with PartialData'],
    ['no word about one of the metrics', [{ Id: 'figure1', StatusCode: 'Complete' }], 'monitoring answered without one of the metrics'],
  ])('that gives %s has given none', async (_what, MetricDataResults, failed) => {
    const world = aws(() => Response.json({ MetricDataResults }));
    const query = { namespace: 'N', metric: 'M', dimensions: {}, statistic: 'Sum', period: 60, from: 0, until: 60_000 };
    expect(await createCloudWatchReader(world.call).points({}, [query])).toEqual([{ failed }]);
  });

  test('of another account is asked with a session of the role, which is kept', async () => {
    const world = aws(session, () => Response.json({ MetricAlarms: [alarm] }));
    const reader = createCloudWatchReader(world.call);
    for (let n = 0; n < 2; n += 1) expect(await reader.alarms({ role }, ['a'])).toMatchObject({ alarms: [{ name: 'a' }] });
    expect(world.sent.map(({ url, token }) => [url, token])).toEqual([
      ['https://sts.eu-central-1.amazonaws.com/', 'session'],
      ['https://monitoring.eu-central-1.amazonaws.com/', 't'],
      ['https://monitoring.eu-central-1.amazonaws.com/', 't'],
    ]);
    expect(Object.fromEntries(new URLSearchParams(world.sent[0]?.body))).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: 'holdpoint-collector',
      DurationSeconds: '900',
    });
    const denied = aws(() => roleDenied());
    expect(await createCloudWatchReader(denied.call).alarms({ role }, ['a'])).toEqual({ failed: 'sts answered 403 AccessDenied' });
  });
});

describe('a Lambda alias', () => {
  const sha = Buffer.alloc(32, 7);
  const configuration = () => Response.json({ Version: '7', CodeSha256: sha.toString('base64') });
  const alias = { kind: 'lambda-alias', function: 'shop', alias: 'live' } as const;
  const read = (...answers: Parameters<typeof aws>) => createPlatformReader(aws(...answers).call).running(alias);

  test('runs the version and the code to which it leads', async () => {
    const world = aws(() => Response.json({ FunctionVersion: '7' }), configuration);
    expect(await createPlatformReader(world.call).running(alias)).toEqual({ digest: `sha256:${sha.toString('hex')}`, reference: '7' });
    expect(world.sent.map(({ url }) => url)).toEqual([
      'https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/shop/aliases/live',
      'https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/shop/configuration?Qualifier=live',
    ]);
  });

  test.each([
    ['shifts requests', { FunctionVersion: '7', RoutingConfig: { AdditionalVersionWeights: { '8': 0.1 } } }, /between two versions/],
    ['leads to no version', { FunctionVersion: '$LATEST' }, /no version/],
    ['moves meanwhile', { FunctionVersion: '6' }, /was moved/],
  ])('that %s gives no digest', async (_what, state, failed) => {
    expect(await read(() => Response.json(state), configuration)).toMatchObject({ failed: expect.stringMatching(failed) as unknown });
  });

  test('of another account is read by its place; a role that is refused is a failure with its code', async () => {
    const world = aws(() => roleDenied('secret words'));
    const platform = { ...alias, role, externalId: 'secret-of-both' };
    expect(await createPlatformReader(world.call).running(platform)).toEqual({ failed: 'sts answered 403 AccessDenied' });
    expect(Object.fromEntries(new URLSearchParams(world.sent[0]?.body))).toMatchObject({ RoleArn: role, ExternalId: 'secret-of-both' });
    expect(world.sent).toHaveLength(1);
  });

  test('that is not there is a failure with the name of the error', async () => {
    const missing = () => Response.json({ Message: 'arn' }, { status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' } });
    expect(await read(missing)).toEqual({ failed: 'lambda answered 404 ResourceNotFoundException' });
  });
});

describe('an ECS service', () => {
  const definition = 'arn:aws:ecs:eu-central-1:1:task-definition/web:7';
  const digest = `sha256:${'a'.repeat(64)}`;
  const task = (changes: object = {}) => ({
    taskDefinitionArn: definition,
    lastStatus: 'RUNNING',
    containers: [{ name: 'web', imageDigest: digest }],
    ...changes,
  });
  const read = async (tasks: readonly object[], service: object = {}, image = 'shop:latest') => {
    const world = aws(
      () => Response.json({ services: [{ status: 'ACTIVE', taskDefinition: definition, ...service }] }),
      () => Response.json({ taskArns: tasks.map((_, n) => `t${n}`) }),
      () => (tasks.length === 0 ? Response.json({}) : Response.json({ tasks })),
      () => Response.json({ taskDefinition: { containerDefinitions: [{ name: 'web', image }] } }),
    );
    const reader = createPlatformReader(world.call);
    return { running: await reader.running({ kind: 'ecs-service', cluster: 'shop', service: 'web' }), world };
  };

  test('runs the image of its one task definition', async () => {
    const { running, world } = await read([task(), task({ lastStatus: 'PENDING', containers: [] })]);
    expect(running).toEqual({ digest, reference: definition });
    expect(world.sent.map(({ target, body }) => [target, JSON.parse(body) as unknown])).toEqual([
      ['AmazonEC2ContainerServiceV20141113.DescribeServices', { cluster: 'shop', services: ['web'] }],
      ['AmazonEC2ContainerServiceV20141113.ListTasks', { cluster: 'shop', serviceName: 'web', desiredStatus: 'RUNNING', maxResults: 100 }],
      ['AmazonEC2ContainerServiceV20141113.DescribeTasks', { cluster: 'shop', tasks: ['t0', 't1'] }],
    ]);
  });

  test('of another account is read with a session of its role, for which the external id is named', async () => {
    const world = aws(session, () => Response.json({}));
    const reader = createPlatformReader(world.call);
    const place = { role, externalId: 'secret-of-both', region: 'us-east-1' };
    await reader.running({ kind: 'ecs-service', cluster: 'shop', service: 'web', ...place });
    expect(new URLSearchParams(world.sent[0]?.body).get('ExternalId')).toBe('secret-of-both');
    expect([world.sent[1]?.url, world.sent[1]?.token]).toEqual(['https://ecs.us-east-1.amazonaws.com/', 't']);
  });

  test('whose image is pinned in the task definition needs no digest of the task', async () => {
    const { running } = await read([task({ containers: [{ name: 'web' }] })], {}, `shop@${digest}`);
    expect(running).toEqual({ digest, reference: definition });
  });

  test.each<[string, readonly object[], object, RegExp]>([
    ['has a task of another definition', [task(), task({ taskDefinitionArn: 'web:6' })], {}, /another task definition/],
    [
      'is being replaced by a primary task set',
      [task()],
      { taskSets: [{ status: 'PRIMARY', taskDefinition: 'web:8' }] },
      /another task definition/,
    ],
    ['runs no task', [], {}, /runs no task/],
    ['is not active', [task()], { status: 'INACTIVE' }, /not active/],
    ['has several containers', [task({ containers: [{ name: 'a' }, { name: 'b' }] })], {}, /name one/],
    ['runs two images', [task(), task({ containers: [{ name: 'web', imageDigest: `sha256:${'b'.repeat(64)}` }] })], {}, /different images/],
    ['names no digest anywhere', [task({ containers: [{ name: 'web' }] })], {}, /no digest/],
  ])('that %s gives no digest', async (_what, tasks, service, failed) => {
    expect((await read(tasks, service)).running).toMatchObject({ failed: expect.stringMatching(failed) as unknown });
  });
});
