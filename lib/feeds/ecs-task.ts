import * as z from 'zod';
import { type AwsEvent, awsFeed, deliveryFor, lastPart, type Said } from './aws-event.ts';
import { ecsNames } from './ecs-names.ts';
import type { Delivery, Feed, Services } from './feed.ts';
import { namesOf } from './resource-owner.ts';

const via = 'ecs-task';
const service = /^service:(.+)$/;

const detailSchema = z.object({
  clusterArn: z.string(),
  taskArn: z.string().min(1),
  /** `service:<name>` of a task that an ECS service started, `family:<name>` of any other. */
  group: z.string().default(''),
  lastStatus: z.string(),
  stopCode: z.string().default(''),
  stoppedReason: z.string().default(''),
  containers: z.array(z.object({ name: z.string().default(''), exitCode: z.number().nullish(), reason: z.string().nullish() })).default([]),
});
type Task = z.output<typeof detailSchema>;

/** Why the scheduler stops healthy tasks, by its own sentence in `stoppedReason`. All others tell of a task that failed. */
const schedulerPlans: readonly (readonly [RegExp, string])[] = [
  [/^Scaling activity initiated by \(deployment /, 'a deployment or a scale-in replaced the task'],
  [/^ECS is performing maintenance on the underlying infrastructure/, 'AWS maintained the infrastructure of the task'],
];

/**
 * Why a stop was planned; undefined for one that was not, also for every stop code that AWS adds later. A stop through the API was not: who
 * stops tasks that leak would pass the review, so people announce it. The codes:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
const plannedBecause = ({ stopCode, stoppedReason }: Task): string | undefined => {
  if (stopCode === 'ServiceSchedulerInitiated') return schedulerPlans.find(([sentence]) => sentence.test(stoppedReason))?.[1];
  if (stopCode === 'SpotInterruption') return 'AWS took back the Spot capacity of the task';
  if (stopCode === 'TerminationNotice') return 'AWS maintained the infrastructure of the task';
  return undefined;
};

/** The name of an error at the beginning of a reason: what follows may quote images, secrets and words of people. */
const errorIn = (reason: string | null | undefined): string => /^[A-Z][A-Za-z]+(Error|Exception)\b/.exec(reason ?? '')?.[0] ?? '';

/**
 * Sentences of the scheduler, and of AWS where a container instance was lost, which has the stop code of people. The reason of a stop through
 * the API is a person's text, which the trail must not keep.
 */
const reasonOf = ({ stopCode, stoppedReason }: Task): string =>
  stopCode === 'ServiceSchedulerInitiated' || /^Host EC2 /.test(stoppedReason) ? stoppedReason : errorIn(stoppedReason);

const summaryOf = (task: Task): string => {
  const failed = task.containers
    .filter(({ exitCode, reason }) => (exitCode ?? 0) !== 0 || errorIn(reason) !== '')
    .map(({ name, exitCode, reason }) =>
      [`container ${name}`, exitCode == null ? '' : `exit code ${exitCode}`, errorIn(reason)].filter(Boolean).join(', '),
    );
  return [task.stopCode === '' ? 'stopped without a stop code' : task.stopCode, reasonOf(task), ...failed].filter(Boolean).join('; ');
};

/** A task outside of a service runs to its end: it is no restart, and an error only when something in it failed. */
const kindOf = (task: Task): 'restart' | 'error' | undefined => {
  if (service.test(task.group)) return 'restart';
  const isDone =
    task.stopCode === 'EssentialContainerExited' && task.containers.length > 0 && task.containers.every(({ exitCode }) => exitCode === 0);
  return isDone ? undefined : 'error';
};

const seenIn = (task: Task): Said['seen'] => {
  const kind = kindOf(task);
  const setAside = plannedBecause(task);
  return kind === undefined ? undefined : { kind, bad: true, summary: summaryOf(task), ...(setAside === undefined ? {} : { setAside }) };
};

const read = (stage: Services, { account, region, at, detail }: AwsEvent<Task>): Delivery => {
  const [, named] = service.exec(detail.group) ?? [];
  const found = { account, region, names: ecsNames(lastPart(detail.clusterArn), named) };
  const said: Said = {
    occurrence: [detail.taskArn, detail.lastStatus],
    subject: `${named ?? detail.group} task ${lastPart(detail.taskArn)}`,
    at,
  };
  const seen = detail.lastStatus === 'STOPPED' ? seenIn(detail) : undefined;
  return deliveryFor(stage, via, found, seen === undefined ? said : { ...said, seen });
};

/**
 * Tasks of ECS that stopped. The task that takes a stopped one's place makes the stop a restart.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 */
export const ecsTask: Feed = awsFeed({
  via,
  source: 'aws.ecs',
  detailTypes: ['ECS Task State Change'],
  narrowed: { lastStatus: ['STOPPED'] },
  rule: 'EcsTasks',
  description: 'Stopped tasks of the services of this stage',
  detail: detailSchema,
  named: (stage) => [
    {
      names: [...new Set(namesOf(stage, 'ecs-service').map(lastPart))],
      patternOf: (names) => ({ detail: { group: names.map((name) => `service:${name}`) } }),
    },
    {
      names: namesOf(stage, 'ecs-cluster'),
      patternOf: (names) => ({ detail: { clusterArn: names.map((name) => ({ suffix: `:cluster/${name}` })) } }),
    },
  ],
  read,
});
