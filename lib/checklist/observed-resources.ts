import * as z from 'zod';

export const resourceKinds = [
  'ecs-service',
  'ecs-cluster',
  'codedeploy-application',
  'rds-instance',
  'rds-cluster',
  'lambda-function',
  'auto-scaling-group',
] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/**
 * AWS resources of a service, by the names that the events of AWS have for them, each with the environment that it belongs to. An ECS
 * service is named `service` or, because its name is unique in its cluster only, `cluster/service`; a CodeDeploy application `application` or,
 * where its groups deploy to different environments, `application/group`.
 */
export const observedResourcesSchema = z
  .array(
    z.strictObject({
      kind: z.enum(resourceKinds),
      // An event pattern takes a star, a backslash and a question mark for something else.
      name: z.string().regex(/^[^\p{Cc}\p{Zl}\p{Zp}*?"\\]{1,255}$/u, 'the name of a resource, of at most 255 characters'),
      environment: z.string().min(1),
      /** Where another account has a resource of the same kind and name. */
      account: z
        .string()
        .regex(/^\d{12}$/)
        .optional(),
    }),
  )
  .min(1);
export type ObservedResource = z.infer<typeof observedResourcesSchema>[number];

/** Kinds of which the feeds tell restarts under the resource's own name. */
const restarting: readonly ResourceKind[] = ['ecs-service', 'rds-instance', 'rds-cluster', 'auto-scaling-group'];

/** The resources of an environment that may be restarted by hand, by their names. */
export const restartingIn = (resources: readonly ObservedResource[], environment: string): readonly string[] => [
  ...new Set(resources.flatMap((one) => (one.environment === environment && restarting.includes(one.kind) ? [one.name] : []))),
];

/** Entries whose environment the service does not have. */
export const resourceFlaws = (
  services: readonly {
    readonly name: string;
    readonly environments: readonly string[];
    readonly resources?: readonly ObservedResource[] | undefined;
  }[],
): readonly string[] =>
  services.flatMap(({ name: service, environments, resources = [] }) =>
    resources
      .filter(({ environment }) => !environments.includes(environment))
      .map(
        ({ kind, name, environment }) =>
          `services: the ${kind} ${name} of ${service} names the environment ${environment}, which it does not have`,
      ),
  );
