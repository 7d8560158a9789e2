import { describe, expect, test } from 'vitest';
import { account, detailed, fed, seen } from '../feed-events.ts';

/** The example of https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html, cut to fewer containers, stopped. */
const task = {
  version: '0',
  id: '3317b2af-7005-947d-b652-f55e762e571a',
  'detail-type': 'ECS Task State Change',
  source: 'aws.ecs',
  account,
  time: '2020-01-23T17:57:58Z',
  region: 'us-west-2',
  resources: ['arn:aws:ecs:us-west-2:111122223333:task/default/c13b4cb40f1f4fe4a2971f76ae5a47ad'],
  detail: {
    attachments: [{ id: '1789bcae', type: 'eni', status: 'ATTACHED', details: [{ name: 'subnetId', value: 'subnet-abcd1234' }] }],
    availabilityZone: 'us-west-2c',
    clusterArn: 'arn:aws:ecs:us-west-2:111122223333:cluster/default',
    containers: [
      {
        containerArn: 'arn:aws:ecs:us-west-2:111122223333:container/cf159fd6-3e3f-4a9e-84f9-66cbe726af01',
        lastStatus: 'STOPPED',
        name: 'FargateApp',
        image: '111122223333.dkr.ecr.us-west-2.amazonaws.com/hello-repository:latest',
        exitCode: 1,
        cpu: '0',
      },
    ],
    createdAt: '2020-01-23T17:57:34.402Z',
    launchType: 'FARGATE',
    desiredStatus: 'STOPPED',
    group: 'service:servicetest',
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    taskArn: 'arn:aws:ecs:us-west-2:111122223333:task/default/c13b4cb40f1f4fe4a2971f76ae5a47ad',
    taskDefinitionArn: 'arn:aws:ecs:us-west-2:111122223333:task-definition/sample-fargate:1',
    version: 4,
  },
};
const stopped = (stopCode: string | undefined, stoppedReason: string, more: object = {}) =>
  detailed(task, { stopCode, stoppedReason, ...more });

describe('a task of a service that stopped', () => {
  test('by itself is a restart', () => {
    expect(seen(task)).toEqual({
      service: 'shop',
      environment: 'production',
      via: 'ecs-task',
      observation: expect.stringMatching(/^ecs-task-[0-9a-f]{32}$/) as unknown,
      kind: 'restart',
      bad: true,
      subject: 'servicetest task c13b4cb40f1f4fe4a2971f76ae5a47ad',
      summary: 'EssentialContainerExited; container FargateApp, exit code 1',
      observedAt: '2020-01-23T17:57:58.000Z',
    });
  });

  test('is the same restart however often and with whatever version it is reported', () => {
    const again = detailed(task, { version: 7 }, { id: 'another', time: '2020-01-23T18:00:00Z' });
    expect(seen(again)?.observation).toBe(seen(task)?.observation);
  });

  test.each([
    ['ServiceSchedulerInitiated', 'Scaling activity initiated by (deployment ecs-svc/8646900195280463695)', /deployment or a scale-in/],
    ['ServiceSchedulerInitiated', 'ECS is performing maintenance on the underlying infrastructure hosting the task', /maintained/],
    ['SpotInterruption', 'Your Spot Task was interrupted.', /Spot capacity/],
    ['TerminationNotice', '', /maintained/],
  ])('as planned is set aside: %s, %s', (code, reason, why) => {
    expect(seen(stopped(code, reason))).toMatchObject({ kind: 'restart', bad: true, setAside: expect.stringMatching(why) as unknown });
  });

  test.each([
    ['ServiceSchedulerInitiated', 'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x)'],
    ['ServiceSchedulerInitiated', '(instance i-1) (port 80) is unhealthy in (target-group x)'],
    ['ServiceSchedulerInitiated', ''],
    ['ServiceSchedulerInitiated', 'Not a Scaling activity initiated by (deployment x)'],
    ['UserInitiated', 'Task stopped by user'],
    ['UserInitiated', 'Scaling activity initiated by (deployment ecs-svc/8646900195280463695)'],
    ['UserInitiated', 'Host EC2 (instance i-1) terminated.'],
    ['TaskFailedToStart', 'CannotPullContainerError: pull image manifest has been retried'],
    ['EssentialContainerExited', 'Essential container in task exited'],
    ['InfrastructureHealth', 'The infrastructure became unhealthy'],
    ['SomethingNew', 'Scaling activity initiated by (deployment x)'],
    ['', ''],
    [undefined, ''],
  ])('otherwise counts, also by a code that nobody knows: %s, %s', (code, reason) => {
    const found = seen(stopped(code, reason));
    expect([found?.kind, found?.bad, found?.setAside]).toEqual(['restart', true, undefined]);
  });

  test('says what ran out of memory, and no text of a person and no secret', () => {
    const containers = [
      { name: 'web', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
      { name: 'sidecar', exitCode: 0 },
      { name: 'init', reason: 'CannotStartContainerError: token=hunter2' },
    ];
    expect(seen(stopped('EssentialContainerExited', 'Essential container in task exited', { containers }))?.summary).toBe(
      'EssentialContainerExited; container web, exit code 137, OutOfMemoryError; container init, CannotStartContainerError',
    );
    expect(seen(stopped('UserInitiated', 'Ada Lovelace asked me to'))?.summary).toBe('UserInitiated; container FargateApp, exit code 1');
    expect(seen(stopped('TaskFailedToStart', 'ResourceInitializationError: unable to pull secrets hunter2'))?.summary).toBe(
      'TaskFailedToStart; ResourceInitializationError; container FargateApp, exit code 1',
    );
  });

  test('in the same account and in another one is of the environment that the account has', () => {
    const web = { group: 'service:web', clusterArn: 'arn:aws:ecs:us-west-2:111122223333:cluster/main' };
    expect(seen(detailed(task, web))).toMatchObject({ service: 'shop', environment: 'production' });
    expect(seen(detailed(task, web, { account: '222233334444' }))).toMatchObject({ environment: 'staging' });
    expect(fed(detailed(task, web, { account: '333344445555' }))).toEqual({
      observations: [],
      refused: [expect.stringMatching(/^UnmappedEvent: ecs-task web task .* belongs to no service of this stage$/) as unknown],
    });
  });

  test('is of the cluster when its service has no entry', () => {
    const cluster = { clusterArn: 'arn:aws:ecs:us-west-2:111122223333:cluster/FargateCluster' };
    expect(seen(detailed(task, { ...cluster, group: 'service:anything' }))).toMatchObject({ service: 'blog' });
    // The shop has a service of this name in another cluster.
    expect(seen(detailed(task, { ...cluster, group: 'service:web' }))).toMatchObject({ service: 'blog' });
  });

  test('whose service name is another cluster is not taken for it', () => {
    expect(fed(detailed(task, { clusterArn: 'arn:aws:ecs:us-west-2:111122223333:cluster/other' })).observations).toEqual([]);
  });
});

describe('a task of no service', () => {
  const cluster = { clusterArn: 'arn:aws:ecs:us-west-2:111122223333:cluster/FargateCluster', group: 'family:migration' };
  test('that ran to its end is nothing to observe', () => {
    const containers = [{ name: 'a', exitCode: 0 }];
    expect(fed(stopped('EssentialContainerExited', '', { ...cluster, containers })).refused).toEqual([
      'ecs-task family:migration task c13b4cb40f1f4fe4a2971f76ae5a47ad: nothing to observe',
    ]);
  });

  test.each([
    ['failed', 'EssentialContainerExited', [{ name: 'a', exitCode: 2 }]],
    ['has no exit code', 'EssentialContainerExited', [{ name: 'a' }]],
    ['has no containers', 'EssentialContainerExited', []],
    ['did not start', 'TaskFailedToStart', [{ name: 'a', exitCode: 0 }]],
  ])('that %s is an error', (_what, code, containers) => {
    expect(seen(stopped(code, '', { ...cluster, containers }))).toMatchObject({ kind: 'error', bad: true });
  });
});

test.each(['RUNNING', 'PENDING', 'DEPROVISIONING'])('a task that is %s is nothing to observe', (lastStatus) => {
  expect(fed(detailed(task, { lastStatus })).observations).toEqual([]);
});

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
const deployment = {
  version: '0',
  id: 'ddca6449-b258-46c0-8653-e0e3a6EXAMPLE',
  'detail-type': 'ECS Deployment State Change',
  source: 'aws.ecs',
  account,
  time: '2020-05-23T12:31:14Z',
  region: 'us-west-2',
  resources: ['arn:aws:ecs:us-west-2:111122223333:service/default/servicetest'],
  detail: {
    eventType: 'INFO',
    eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
    deploymentId: 'ecs-svc/123',
    updatedAt: '2020-05-23T11:11:11Z',
    reason: 'ECS deployment deploymentID completed.',
  },
};
const inState = (eventName: string, reason = 'ECS deployment deploymentId in progress.') => detailed(deployment, { eventName, reason });

describe('a deployment of an ECS service', () => {
  test('that completed is a good sign, and a deployment that was seen', () => {
    expect(fed(deployment)).toEqual({
      observations: [
        {
          service: 'shop',
          environment: 'production',
          via: 'ecs-deployment',
          observation: expect.stringMatching(/^ecs-deployment-[0-9a-f]{32}$/) as unknown,
          kind: 'deployment',
          bad: false,
          subject: 'default/servicetest',
          summary: 'SERVICE_DEPLOYMENT_COMPLETED: ECS deployment deploymentID completed.',
          observedAt: '2020-05-23T12:31:14.000Z',
        },
      ],
      deployments: [
        {
          service: 'shop',
          environment: 'production',
          deployment: expect.stringMatching(/^ecs-deployment-[0-9a-f]{32}$/) as unknown,
          what: 'ECS deployment ecs-svc/123 of default/servicetest',
          live: true,
          at: '2020-05-23T12:31:14.000Z',
          account,
        },
      ],
      refused: [],
    });
  });

  test('that began is the same deployment, and nothing to observe', () => {
    const began = fed(inState('SERVICE_DEPLOYMENT_IN_PROGRESS'));
    expect(began.observations).toEqual([]);
    expect(began.deployments?.[0]?.deployment).toBe(fed(deployment).deployments?.[0]?.deployment);
  });

  test.each([
    ['failed', inState('SERVICE_DEPLOYMENT_FAILED', 'ECS deployment circuit breaker: task failed to start.')],
    [
      'is taken back',
      inState('SERVICE_DEPLOYMENT_IN_PROGRESS', 'ECS deployment circuit breaker: rolling back to deploymentId deploymentID.'),
    ],
    ['is in a state that nobody knows', inState('SERVICE_DEPLOYMENT_NEW')],
  ])('that %s is an incident', (_what, event) => {
    expect(seen(event)).toMatchObject({ kind: 'incident', bad: true });
    expect(fed(event).deployments).toHaveLength(1);
  });

  test('with the ARN of an old account, and without one', () => {
    const old = { ...deployment, resources: ['arn:aws:ecs:us-west-2:111122223333:service/servicetest'] };
    expect(seen(old)?.subject).toBe('servicetest');
    expect(fed({ ...deployment, resources: [] }).refused).toEqual(['UnmappedEvent: ecs-deployment ecs-svc/123 names no ECS service']);
  });

  test('in a form that nobody knows is counted, not guessed', () => {
    expect(fed({ ...deployment, detail: { eventName: 7 } }).refused).toEqual([
      'UnmappedEvent: an event ECS Deployment State Change has a form that is not known',
    ]);
  });
});
