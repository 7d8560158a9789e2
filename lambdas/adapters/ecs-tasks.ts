import * as z from 'zod';
import type { AwsPlace } from '../../lib/checklist/targets.ts';
import type { Failed } from '../../lib/collectors/ports.ts';
import { type AwsCall, parsed } from './aws-call.ts';

/** Tasks of ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html and API_DescribeTasks.html */
const listSchema = z.object({ taskArns: z.array(z.string()).default([]), nextToken: z.string().nullish() });
const tasksSchema = z.object({
  tasks: z
    .array(
      z.object({
        taskArn: z.string().default(''),
        taskDefinitionArn: z.string(),
        lastStatus: z.string().default(''),
        /** Seconds since 1970. */
        stoppedAt: z.number().nullish(),
        containers: z.array(z.object({ name: z.string(), imageDigest: z.string().nullish() })).default([]),
      }),
    )
    .default([]),
});

/** DescribeTasks takes so many. */
const mostTasks = 100;
const mostPages = 20;

type Tasks = z.infer<typeof tasksSchema>['tasks'];

type Asked = { readonly cluster: string; readonly service: string; readonly desiredStatus: 'RUNNING' | 'STOPPED' };

/** The tasks of a service; of stopped ones ECS keeps those of about the last hour. */
export const tasksOf = async (
  ask: Ask,
  { cluster, service: serviceName, desiredStatus }: Asked,
): Promise<{ readonly all: Tasks } | Failed> => {
  const all: Tasks = [];
  let nextToken: string | null | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const listed = await ask('ListTasks', listSchema, {
      cluster,
      serviceName,
      desiredStatus,
      maxResults: mostTasks,
      ...(nextToken == null ? {} : { nextToken }),
    });
    if ('failed' in listed) return listed;
    const described =
      listed.taskArns.length === 0 ? { tasks: [] } : await ask('DescribeTasks', tasksSchema, { cluster, tasks: listed.taskArns });
    if ('failed' in described) return described;
    all.push(...described.tasks);
    nextToken = listed.nextToken;
    if (nextToken == null) return { all };
  }
  return { failed: `the service ${serviceName} has more than ${mostTasks * mostPages} tasks` };
};

export type Ask = <S extends z.ZodType>(operation: string, schema: S, input: object) => Promise<z.infer<S> | Failed>;

export const askingEcs =
  (call: AwsCall, place: AwsPlace): Ask =>
  async (operation, schema, input) => {
    const answer = await call(place, { service: 'ecs', operation, input });
    if ('failed' in answer) return { failed: answer.failed };
    return parsed(schema, answer.text) ?? { failed: `ecs answered ${operation} in a form that is not known` };
  };
