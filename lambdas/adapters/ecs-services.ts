import * as z from 'zod';
import type { Services } from '../../lib/actuators/ports.ts';
import { type AwsCall, parsed, replyOf } from './aws-call.ts';

/** As ECS documents it: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html. Times are seconds since 1970. */
const describedSchema = z.object({
  services: z
    .array(
      z.object({
        status: z.string(),
        deployments: z.array(z.object({ status: z.string(), taskDefinition: z.string(), createdAt: z.number() })).default([]),
      }),
    )
    .default([]),
});

/** Services of ECS, set back or started anew. */
export const createEcsServices = (call: AwsCall): Services => ({
  read: async (place, cluster, service) => {
    const answer = await call(place, { service: 'ecs', operation: 'DescribeServices', input: { cluster, services: [service] } });
    if ('failed' in answer) return replyOf(answer);
    const found = parsed(describedSchema, answer.text)?.services.find(({ status }) => status === 'ACTIVE');
    if (found === undefined) return { refused: `the cluster ${cluster} has no active service ${service}` };
    const primary = found.deployments.find(({ status }) => status === 'PRIMARY');
    if (primary === undefined) return { refused: `the service ${service} has no deployment of its own: another controller deploys it` };
    return { ok: { taskDefinition: primary.taskDefinition, deployedAt: new Date(primary.createdAt * 1000).toISOString() } };
  },
  deploy: async (place, cluster, service, taskDefinition) => {
    const input = { cluster, service, ...(taskDefinition === null ? {} : { taskDefinition }), forceNewDeployment: true };
    const answer = await call(place, { service: 'ecs', operation: 'UpdateService', input });
    return 'failed' in answer ? replyOf(answer) : { ok: null };
  },
});
