import * as z from 'zod';
import type { Place, Reply, Services } from '../../lib/actuators/ports.ts';
import { type SignedAccess, signedPost } from './signed-post.ts';

/** Access to a place: the credentials of its role and its region. */
export type AccessTo = (place: Place) => Promise<Reply<SignedAccess>>;

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

/** Services of ECS, by the JSON API. */
export const createEcsServices = (accessTo: AccessTo): Services => {
  const call = async (place: Place, operation: string, input: object): Promise<Reply<string>> => {
    const access = await accessTo(place);
    if (access.ok === undefined) return access;
    return signedPost(access.ok, {
      service: 'ecs',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
      },
      body: JSON.stringify(input),
    });
  };
  return {
    read: async (place, cluster, service) => {
      const answer = await call(place, 'DescribeServices', { cluster, services: [service] });
      if (answer.ok === undefined) return answer;
      const described = describedSchema.safeParse(jsonOf(answer.ok));
      const found = described.success ? described.data.services.find(({ status }) => status === 'ACTIVE') : undefined;
      if (found === undefined) return { refused: `the cluster ${cluster} has no active service ${service}` };
      const primary = found.deployments.find(({ status }) => status === 'PRIMARY');
      if (primary === undefined) return { refused: `the service ${service} has no deployment of its own: another controller deploys it` };
      return { ok: { taskDefinition: primary.taskDefinition, deployedAt: new Date(primary.createdAt * 1000).toISOString() } };
    },
    deploy: async (place, cluster, service, taskDefinition) => {
      const answer = await call(place, 'UpdateService', {
        cluster,
        service,
        ...(taskDefinition === null ? {} : { taskDefinition }),
        forceNewDeployment: true,
      });
      return answer.ok === undefined ? answer : { ok: null };
    },
  };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
