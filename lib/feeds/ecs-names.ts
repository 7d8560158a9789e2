import type { Candidate, Found } from './resource-owner.ts';

/** An ECS service in its cluster, then the cluster that runs it. Old ARNs of services have no cluster, so it may be any. */
export const ecsNames = (cluster: string | undefined, service: string | undefined): Found['names'] => {
  const named = cluster === undefined ? service : `${cluster}/${service}`;
  const services: readonly Candidate[] = service === undefined || named === undefined ? [] : [{ kind: 'ecs-service', name: named }];
  return [services, cluster === undefined ? [] : [{ kind: 'ecs-cluster', name: cluster }]];
};
