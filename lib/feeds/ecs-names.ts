import type { Candidate, Found } from './resource-owner.ts';

/** An ECS service by its own name and with its cluster's, then the cluster that runs it. */
export const ecsNames = (cluster: string, service: string | undefined): Found['names'] => {
  const services: readonly Candidate[] =
    service === undefined ? [] : [`${cluster}/${service}`, service].map((name) => ({ kind: 'ecs-service', name }));
  return [services, [{ kind: 'ecs-cluster', name: cluster }]];
};
