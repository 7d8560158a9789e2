import * as z from 'zod';
import { nameSchema } from '../fields.ts';
import { awsPlace, cloudwatchMetric, metricSchema, nameOfSource, oneLine, restartSourceSchema, roleArn } from './aws-places.ts';
import { type Bound, isSafeMethod, type Probe, probeFlaws, probeSchema, protectionOf, repeatedIn } from './probe.ts';
import { startOrder } from './start-order.ts';

export { type AwsPlace, type Metric, nameOfSource, placeOfMetric, type RestartSource } from './aws-places.ts';

/**
 * What runs a service in one environment, where Holdpoint looks at it, and how it is taken back. It stands in the service's entry of the stage
 * file. A registered profile may name what is looked at, within what the stage permits (`profile-targets.ts`); no caller can name a target.
 */

const reason = z.string().trim().min(20);

/** The role that sets the platform back, where it is not the one that reads it. It demands the same external id. */
const actuatorRole = roleArn.optional();

/** Where a component runs: what is read back after a deployment, and set back by a rollback. */
export const platformSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('lambda-alias'),
    function: oneLine,
    alias: oneLine,
    ...awsPlace,
    actuatorRole,
  }),
  z.strictObject({
    kind: z.literal('ecs-service'),
    cluster: oneLine,
    service: oneLine,
    /** The container whose image counts. Default: the only one. */
    container: oneLine.optional(),
    ...awsPlace,
    actuatorRole,
  }),
  /** A platform that Holdpoint cannot read: CI's report counts, and is shown as such. */
  z.strictObject({ kind: z.literal('reported') }),
]);
export type Platform = z.infer<typeof platformSchema>;

/** Where the actuator goes: by its own role, else by the one that reads the platform. */
export const actuatedPlace = <P extends Exclude<Platform, { kind: 'reported' }>>(platform: P): P => {
  const { actuatorRole: acting } = platform;
  return acting === undefined ? platform : { ...platform, role: acting };
};

/** Who carries out a step of a rollback. */
export const actuatorSchema = z.discriminatedUnion('kind', [
  /** The platforms of the components themselves: an alias or a service is set back, or started anew. */
  z.strictObject({ kind: z.literal('platform') }),
  /** Any function, by name or ARN. It gets run, step, action, attempt, components and target, and answers `{ "ok": true }`. */
  z.strictObject({ kind: z.literal('lambda'), function: oneLine, ...awsPlace }),
  /** An event `rollback.step-requested` on Holdpoint's bus. The listener that carries it out answers through the API. */
  z.strictObject({ kind: z.literal('event') }),
  /** A person carries it out and says so, with evidence. */
  z.strictObject({ kind: z.literal('person') }),
]);
export type Actuator = z.infer<typeof actuatorSchema>;

const notApplicable = z.strictObject({ notApplicable: reason });
const probeIds = z.array(nameSchema).min(1);
const acted = z.strictObject({ by: actuatorSchema, proof: probeIds.optional() });

const restoring = acted.extend({
  backwardCompatible: z.boolean().default(false),
  /** What counts the writes to the data, such as `ConsumedWriteCapacityUnits`: its sum since the backup is shown where people decide. */
  writes: z
    .strictObject(cloudwatchMetric)
    .extend({ statistic: z.literal('Sum').default('Sum') })
    .optional(),
});
export type WritesMetric = NonNullable<z.infer<typeof restoring>['writes']>;

/** The two triggers that are measured against the service itself: only these may decide themselves. */
export const selfDeciding = ['critical-feature-not-working', 'performance-severely-degraded'] as const;

/** How the service is taken back. A step that is left out is carried out by a person. */
export const rollbackSettingsSchema = z.strictObject({
  'stop-requests': z
    .union([
      notApplicable,
      z.strictObject({
        by: actuatorSchema,
        /** These probes show that no request is accepted any more. */
        stopped: probeIds,
        /** These probes show that requests are accepted again, after the same actuator has undone the stop. */
        accepting: probeIds,
      }),
    ])
    .optional(),
  'revert-version': z.strictObject({ by: actuatorSchema }).optional(),
  'restore-database': z.union([notApplicable, restoring]).optional(),
  'restart-services': z.union([notApplicable, acted]).optional(),
  /** How long step 6 watches before the rollback counts as verified, in seconds of real time: its first window. */
  watchSeconds: z.int().min(5).max(240).default(120),
  /** Triggers that decide themselves, without waiting for a person. */
  decideThemselves: z.array(z.enum(selfDeciding)).default([]),
});
export type RollbackSettings = z.infer<typeof rollbackSettingsSchema>;

const parameterSchema = z.union([oneLine, z.number(), z.boolean()]);

/** The operations of the service's OpenAPI document, each of which is called once. */
export const openapiTargetSchema = z.strictObject({
  /** Where the paths of the document begin. */
  base: z.url(),
  /** Where the document is. Without it, it is the newest report of type openapi on the run. */
  url: z.url().optional(),
  /** Sent with each request. */
  headers: z.record(oneLine, oneLine).optional(),
  /** Parameters by operationId, then by name. They come before the examples of the document. */
  examples: z.record(oneLine, z.record(oneLine, parameterSchema)).default({}),
  /** Requests of other methods than GET and HEAD that change nothing that matters, by operationId. */
  requests: z
    .record(
      oneLine,
      z.strictObject({ safe: z.literal(true), body: z.string().max(10_000).optional(), contentType: oneLine.default('application/json') }),
    )
    .default({}),
  /** Longest accepted answer time of an operation, in milliseconds. */
  maxMs: z.int().min(1).max(30_000).default(5000),
});
export type OpenapiTarget = z.infer<typeof openapiTargetSchema> & Bound;

/** The components of a service, each with what it says of its platform. */
export const componentsSchema = <P extends z.ZodType>(platform: P) =>
  z
    .array(
      z.strictObject({
        component: nameSchema,
        platform,
        /** Components that must have started before this one. A rollback reverts them in the reverse order. */
        startsAfter: z.array(nameSchema).default([]),
      }),
    )
    .min(1)
    .superRefine((components, context) => {
      const order = startOrder(components);
      if (order.flaw !== undefined) context.addIssue({ code: 'custom', message: order.flaw });
    });

/**
 * What the profile of the service may name beside what the stage file itself names. Where an address is private, and whether requests may
 * change something, stays with the stage (`privateAddresses`, `staging`, and `safe` of its own probes): a profile sends GET, HEAD and OPTIONS.
 */
const permitsSchema = z.strictObject({
  /** Addresses below which it may name probes and the OpenAPI document. A path in the profile begins at the first one. */
  addresses: z
    .array(z.url({ protocol: /^https?$/ }))
    .max(20)
    .default([]),
  /** What the names of its alarms begin with. */
  alarmPrefixes: z.array(oneLine.min(3)).max(20).default([]),
  /** Namespaces of CloudWatch of which it may name metrics. */
  namespaces: z.array(oneLine).max(20).default([]),
});

/** Names of CloudWatch alarms. */
export const alarmsSchema = z.array(oneLine.max(255)).max(300);

/** One environment of a service. */
const targetsShape = z.strictObject({
  components: componentsSchema(platformSchema),
  probes: z.array(probeSchema).default([]),
  /** Names of the service's CloudWatch alarms: each must exist, have an action and be enabled. */
  alarms: alarmsSchema.default([]),
  metrics: z.array(metricSchema).default([]),
  /** Resources whose restarts Holdpoint reads itself at the review, to compare them with what the feeds delivered. */
  restarts: z.array(restartSourceSchema).default([]),
  /** Where the alarms are, and the metrics that do not say it themselves. Default: Holdpoint's own account and region. */
  cloudwatch: z.strictObject(awsPlace).optional(),
  openapi: openapiTargetSchema.optional(),
  /** Whether probes may go to private and loopback addresses. Addresses of metadata services and link-local ones are never asked. */
  privateAddresses: z.boolean().default(false),
  /** Whether probes may make requests that change something: only where no user is. */
  staging: z.boolean().default(false),
  rollback: rollbackSettingsSchema.optional(),
  permits: permitsSchema.optional(),
});

type TargetsShape = z.infer<typeof targetsShape>;

/** Everything that can name a role, by what people call it. */
const placesOf = ({ components, metrics, restarts, cloudwatch, rollback }: TargetsShape): (readonly [string, object])[] => [
  ...components.map(({ component, platform }) => [`the platform of ${component}`, platform] as const),
  ...metrics.map((metric) => [`the metric ${metric.id}`, metric] as const),
  ...restarts.map((source) => [`restarts of the ${source.kind} ${nameOfSource(source)}`, source] as const),
  ...[writesMetricOf({ rollback }) ?? []].flat().map((metric) => ['the writes of restore-database', metric] as const),
  ['cloudwatch', cloudwatch ?? {}],
  ...Object.entries(rollback ?? {}).flatMap(([step, setting]) =>
    typeof setting === 'object' && 'by' in setting ? [[`the actuator of ${step}`, setting.by] as const] : [],
  ),
];

/** What counts the writes to the data of the service; undefined where the stage names nothing. */
export const writesMetricOf = ({ rollback }: { readonly rollback?: RollbackSettings | undefined }): WritesMetric | undefined => {
  const restore = rollback?.['restore-database'];
  return restore === undefined || 'notApplicable' in restore ? undefined : restore.writes;
};

/** What contradicts itself: a mistake here would be found out on the day of a rollback. */
export const contradictionsOf = (targets: TargetsShape): string[] => {
  const { probes, metrics, staging, rollback } = targets;
  const ids = probes.map(({ id }) => id);
  const stop = stopOf(rollback);
  const { stopped = [], accepting = [] } = stop ?? {};
  // From the profile, where the stage permits one to name probes.
  const mayComeLater = (targets.permits?.addresses ?? []).length > 0;
  const named = Object.values(rollback ?? {}).flatMap((step) => {
    if (typeof step !== 'object' || Array.isArray(step)) return [];
    const proof = 'proof' in step ? (step.proof ?? []) : [];
    return 'stopped' in step ? [...step.stopped, ...step.accepting, ...proof] : proof;
  });
  return [
    ...placesOf(targets).flatMap(([what, place]) =>
      'externalId' in place && !('role' in place) && !('actuatorRole' in place)
        ? [`${what} has an externalId and no role: name the role that demands it`]
        : [],
    ),
    ...probeFlaws(probes),
    ...repeatedIn(metrics).map((id) => `two metrics have the id ${id}`),
    ...stopped.flatMap((id) =>
      accepting.includes(id) ? [`the probe ${id} cannot show both that requests are stopped and that they are accepted`] : [],
    ),
    ...probes
      .filter(({ id, critical }) => critical && stopped.includes(id))
      .map(({ id }) => `the probe ${id} shows that requests are stopped, so that it fails while all is well: it cannot be critical`),
    ...named.flatMap((id) => (ids.includes(id) || mayComeLater ? [] : [`the rollback names the probe ${id}, which is not configured`])),
    ...probes
      .filter(({ method, safe }) => !isSafeMethod(method) && safe !== true && !staging)
      .map(({ id, method }) => `the probe ${id} sends ${method}: say safe: true if the request changes nothing that matters`),
    ...probes.flatMap(({ id, body, safe }) =>
      body === undefined || safe === true || staging
        ? []
        : [`the probe ${id} has a body: say safe: true if it changes nothing that matters`],
    ),
  ];
};

/**
 * The probes that pass while the service works as usual. Those that show a stop of requests pass only while it is stopped, so that they are
 * asked for in that step alone.
 */
export const usualProbes = ({ probes, rollback }: Pick<TargetsShape, 'probes' | 'rollback'>): Targets['probes'] => {
  const stop = stopOf(rollback);
  return probes.filter(({ id }) => stop?.stopped.includes(id) !== true);
};

/** The usual probes that show how the service is protected. */
export const protectingProbes = (targets: Pick<TargetsShape, 'probes' | 'rollback'>): Targets['probes'] =>
  usualProbes(targets).filter((probe) => protectionOf(probe) !== undefined);

/** The metrics that a performance trigger compares with the baseline. */
export const watchedMetrics = ({ metrics }: Pick<TargetsShape, 'metrics'>): Targets['metrics'] =>
  metrics.filter(({ is }) => is === 'p95' || is === 'error-rate');

/** Whether there is anything that somebody has to look at while a release is watched, or the profile may name something. */
export const isWatched = ({ permits, ...targets }: Pick<TargetsShape, 'probes' | 'rollback' | 'metrics' | 'permits'>): boolean =>
  usualProbes(targets).length + watchedMetrics(targets).length > 0 ||
  (permits?.addresses.length ?? 0) + (permits?.namespaces.length ?? 0) > 0;

const stopOf = (rollback: TargetsShape['rollback']) => {
  const stop = rollback?.['stop-requests'];
  return stop === undefined || 'notApplicable' in stop ? undefined : stop;
};

export const targetsSchema = targetsShape.superRefine((targets, context) => {
  for (const message of contradictionsOf(targets)) context.addIssue({ code: 'custom', message });
});
type StageTargets = z.infer<typeof targetsSchema>;
export type Targets = Omit<StageTargets, 'probes' | 'openapi'> & { probes: Probe[]; openapi?: OpenapiTarget | undefined };

/** By environment. */
export const targetsByEnvironmentSchema = z.record(nameSchema, targetsSchema);
