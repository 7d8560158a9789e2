import * as z from 'zod';
import { nameSchema } from '../fields.ts';
import { awsPlace, cloudwatchMetric, metricSchema, nameOfSource, oneLine, restartSourceSchema, roleArn } from './aws-places.ts';
import { startOrder } from './start-order.ts';

export { type AwsPlace, type Metric, nameOfSource, placeOfMetric, type RestartSource } from './aws-places.ts';

/**
 * What runs a service in one environment, where Holdpoint looks at it, and how it is taken back. It stands in the service's entry of the stage
 * file and nowhere else: no caller can name a target.
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

export const probeMethods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A request that Holdpoint makes to see whether the service works. */
export const probeSchema = z.strictObject({
  id: nameSchema,
  url: z.url(),
  method: z.enum(probeMethods).default('GET'),
  headers: z.record(oneLine, oneLine).optional(),
  /** Sent as it is. Only with `safe`. */
  body: z.string().max(10_000).optional(),
  /** Says that a request that may change something changes nothing that matters. Needed for every method but GET, HEAD and OPTIONS. */
  safe: z.literal(true).optional(),
  expect: z.strictObject({
    status: z.array(z.int().min(100).max(599)).min(1).default([200]),
    /** Longest accepted answer time, in milliseconds. */
    maxMs: z.int().min(1).max(30_000).default(2000),
    /** A text that the body must contain. */
    contains: oneLine.optional(),
    /** Headers that must be absent, such as `access-control-allow-origin` in the answer to a foreign origin. */
    withoutHeaders: z.array(oneLine).optional(),
  }),
  /**
   * So many requests at once, of which at least one must be answered with this status: the service limits its callers. In place of the
   * requests in a row. Only where no user is (`staging`), or on a route that exists for it: naming the burst here says so.
   */
  burst: z.strictObject({ requests: z.int().min(2).max(200), expectStatus: z.literal(429).default(429) }).optional(),
  /** So many requests in a row must be answered as expected, and so many in a row otherwise are a failure. */
  inARow: z.int().min(1).max(20).default(3),
  /** Its failure means that a critical feature does not work. */
  critical: z.boolean().default(false),
});
export type Probe = z.infer<typeof probeSchema>;

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
  /** Triggers that decide themselves, without waiting for a person. Only the two that are measured against the service itself may. */
  decideThemselves: z.array(z.enum(['critical-feature-not-working', 'performance-severely-degraded'])).default([]),
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
export type OpenapiTarget = z.infer<typeof openapiTargetSchema>;

/** Methods that change nothing by their definition (RFC 9110, 9.2.1). */
export const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** One environment of a service. */
const targetsShape = z.strictObject({
  components: z
    .array(
      z.strictObject({
        component: nameSchema,
        platform: platformSchema,
        /** Components that must have started before this one. A rollback reverts them in the reverse order. */
        startsAfter: z.array(nameSchema).default([]),
      }),
    )
    .min(1)
    .superRefine((components, context) => {
      const order = startOrder(components);
      if (order.flaw !== undefined) context.addIssue({ code: 'custom', message: order.flaw });
    }),
  probes: z.array(probeSchema).default([]),
  /** Names of the service's CloudWatch alarms: each must exist, have an action and be enabled. */
  alarms: z.array(oneLine.max(255)).max(300).default([]),
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
});

/** A probe that is never answered has failed after this time at the latest. */
const longestLookMs = 60_000;

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
const contradictionsOf = (targets: TargetsShape): string[] => {
  const { probes, staging, rollback } = targets;
  const ids = probes.map(({ id }) => id);
  const stop = stopOf(rollback);
  const { stopped = [], accepting = [] } = stop ?? {};
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
    ...ids.filter((id, place) => ids.indexOf(id) < place).map((id) => `two probes have the id ${id}`),
    ...stopped.flatMap((id) =>
      accepting.includes(id) ? [`the probe ${id} cannot show both that requests are stopped and that they are accepted`] : [],
    ),
    ...probes
      .filter(({ id, critical }) => critical && stopped.includes(id))
      .map(({ id }) => `the probe ${id} shows that requests are stopped, so that it fails while all is well: it cannot be critical`),
    ...named.flatMap((id) => (ids.includes(id) ? [] : [`the rollback names the probe ${id}, which is not configured`])),
    ...probes
      .filter(({ expect, inARow }) => expect.maxMs * inARow > longestLookMs)
      .map(({ id }) => `the probe ${id} could take longer than ${longestLookMs / 1000} s: lower maxMs or inARow`),
    ...probes
      .filter(({ method, safe }) => !safeMethods.includes(method) && safe !== true && !staging)
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

/** The metrics that a performance trigger compares with the baseline. */
export const watchedMetrics = ({ metrics }: Pick<TargetsShape, 'metrics'>): Targets['metrics'] =>
  metrics.filter(({ is }) => is === 'p95' || is === 'error-rate');

/** Whether there is anything that somebody has to look at while a release is watched. */
export const isWatched = (targets: Pick<TargetsShape, 'probes' | 'rollback' | 'metrics'>): boolean =>
  usualProbes(targets).length + watchedMetrics(targets).length > 0;

const stopOf = (rollback: TargetsShape['rollback']) => {
  const stop = rollback?.['stop-requests'];
  return stop === undefined || 'notApplicable' in stop ? undefined : stop;
};

export const targetsSchema = targetsShape.superRefine((targets, context) => {
  for (const message of contradictionsOf(targets)) context.addIssue({ code: 'custom', message });
});
export type Targets = z.infer<typeof targetsSchema>;

/** By environment. */
export const targetsByEnvironmentSchema = z.record(nameSchema, targetsSchema);
