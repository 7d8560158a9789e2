import * as z from 'zod';
import { metricSchema, oneLine } from './aws-places.ts';
import { deviationSchema } from './deviation.ts';
import { isHidden, isPermitted } from './permitted-addresses.ts';
import { leadingHeaders, probeFlaws, probeSchema, safeMethods } from './probe.ts';
import { alarmsSchema, componentsSchema, openapiTargetSchema, type Platform, selfDeciding, type Targets } from './targets.ts';

/**
 * What a registered profile says about where Holdpoint looks at a service. It adds to what the stage file names, so that it ends no look. What
 * reaches further than looking stays in the stage file alone: roles, who carries out a rollback, what is permitted, and requests that may change
 * something.
 */

/** A path begins at the first address that the stage permits, so that a profile fits every stage. */
const reachedSchema = oneLine
  .regex(/^(?:\/(?!\/)|https?:\/\/[^/])/, 'a path such as /health, or an address with https://')
  .refine((named) => !isHidden(named), 'a path without a backslash, and without an encoded slash, backslash, dot or percent sign');

const platformSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lambda-alias'), function: oneLine, alias: oneLine }),
  z.strictObject({ kind: z.literal('ecs-service'), cluster: oneLine, service: oneLine, container: oneLine.optional() }),
  z.strictObject({ kind: z.literal('reported') }),
]);
export type NamedPlatform = z.infer<typeof platformSchema>;

/** Members by which a request could change something. */
const ofStage = z
  .never('it stands in the stage file alone, as a profile sends no request that may change something: name the probe there')
  .optional();
const methodSchema = z.enum(safeMethods, {
  error: `one of ${safeMethods.join(', ')}: a request that may change something stands in the stage file alone`,
});
const headersSchema = z.record(
  oneLine.refine(
    (name) => !leadingHeaders.includes(name.toLowerCase()),
    'a header that makes another request of it stands in the stage file alone',
  ),
  oneLine,
);

const explained = deviationSchema.pick({ reason: true, approver: true });

/** One environment of a service, as its profile names it. */
export const profileTargetsSchema = z.strictObject({
  components: componentsSchema(platformSchema).optional(),
  probes: z
    .array(
      probeSchema.extend({
        url: reachedSchema,
        method: methodSchema.default('GET'),
        headers: headersSchema.optional(),
        body: ofStage,
        safe: ofStage,
        burst: ofStage,
      }),
    )
    .min(1)
    .max(200)
    .superRefine((probes, context) => {
      for (const message of probeFlaws(probes)) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  alarms: alarmsSchema.min(1).optional(),
  /** They are read where the stage says (`cloudwatch`), by its role. */
  metrics: z
    .array(metricSchema.omit({ role: true, externalId: true, region: true }))
    .min(1)
    .max(100)
    .optional(),
  openapi: openapiTargetSchema
    .extend({ base: reachedSchema.default('/'), url: reachedSchema.optional(), headers: headersSchema.optional(), requests: ofStage })
    .optional(),
  /** Triggers after which nobody is asked. Each is a deviation: by the document, people decide. An empty list takes back what the stage says. */
  decideThemselves: z
    .array(explained.extend({ trigger: z.enum(selfDeciding) }))
    .max(selfDeciding.length)
    .optional(),
  /** Why an older version can work with the data of a newer one, so that silence keeps the data: a deviation. `false` takes back what the stage says. */
  backwardCompatible: z.union([z.literal(false), explained]).optional(),
});
export type ProfileTargets = z.infer<typeof profileTargetsSchema>;

/** Where a request to what the profile names goes; undefined where the stage permits no such address. */
export const reachedAt = ({ permits }: Pick<Targets, 'permits'>, named: string): string | undefined => {
  const addresses = permits?.addresses ?? [];
  const [first] = addresses;
  const text = named.startsWith('/') && first !== undefined ? `${first.replace(/\/$/, '')}${named}` : named;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return undefined;
  return isPermitted(url, addresses) ? url.href : undefined;
};

/**
 * The stage's entry of the component, with its roles, where it is on the same platform: what the stage does not name, Holdpoint may not read. The
 * feeds know the component by the same name.
 */
export const grantedPlatform = (
  { components }: Pick<Targets, 'components'>,
  { component, platform: named }: { readonly component: string; readonly platform: NamedPlatform },
): Platform | undefined => {
  const stage = components.find((one) => one.component === component)?.platform;
  if (named.kind === 'reported') return stage === undefined || stage.kind === 'reported' ? { kind: 'reported' } : undefined;
  return stage !== undefined && isSame(stage, named) ? stage : undefined;
};

const isSame = (granted: Platform, named: NamedPlatform): boolean => {
  if (granted.kind === 'lambda-alias')
    return named.kind === 'lambda-alias' && granted.function === named.function && granted.alias === named.alias;
  return (
    granted.kind === 'ecs-service' &&
    named.kind === 'ecs-service' &&
    granted.cluster === named.cluster &&
    granted.service === named.service &&
    granted.container === named.container
  );
};

/**
 * What Holdpoint looks at: the stage's targets and what the profile adds to them. The stage may have been deployed since the profile was compared
 * with it: an address that it does not permit any more is left out, so that the probe is not made, a platform that it does not name any more
 * cannot be read, and what the stage names now under the same id is the stage's.
 */
export const withProfileTargets = (stage: Targets, named: ProfileTargets | undefined): Targets => {
  if (named === undefined) return stage;
  const { components, probes = [], alarms = [], metrics = [], openapi } = named;
  return {
    ...stage,
    ...(components === undefined
      ? {}
      : {
          components: components.map((one) => ({ ...one, platform: grantedPlatform(stage, one) ?? { kind: 'reported' as const } })),
        }),
    probes: [
      ...stage.probes,
      ...added(stage.probes, probes).map((probe) => ({ ...probe, url: reachedAt(stage, probe.url) ?? '', within: withinOf(stage) })),
    ],
    alarms: [...new Set([...stage.alarms, ...alarms])],
    metrics: [...stage.metrics, ...added(stage.metrics, metrics)],
    ...(openapi === undefined || stage.openapi !== undefined ? {} : { openapi: openapiOf(stage, openapi) }),
    ...(stage.rollback === undefined && named.decideThemselves === undefined ? {} : { rollback: rollbackOf(stage.rollback, named) }),
  };
};

const added = <T extends { readonly id: string }>(staged: readonly { readonly id: string }[], named: readonly T[]): readonly T[] =>
  named.filter(({ id }) => !staged.some((one) => one.id === id));

/** Redirects, too, lead only where the stage permits. */
const withinOf = ({ permits }: Targets): readonly string[] => permits?.addresses ?? [];

const openapiOf = (stage: Targets, { base, url, ...openapi }: NonNullable<ProfileTargets['openapi']>): Targets['openapi'] => {
  const [from, document] = [reachedAt(stage, base), url === undefined ? undefined : reachedAt(stage, url)];
  if (from === undefined || (url !== undefined && document === undefined)) return undefined;
  return { ...openapi, requests: {}, base: from, within: withinOf(stage), ...(document === undefined ? {} : { url: document }) };
};

/** Who carries out a step is the stage's word. What nobody says is left to people. */
const rollbackOf = (
  stage: Targets['rollback'],
  { decideThemselves, backwardCompatible }: Pick<ProfileTargets, 'decideThemselves' | 'backwardCompatible'>,
): Targets['rollback'] => {
  const rollback = stage ?? { watchSeconds: 120, decideThemselves: [] };
  const restore = rollback['restore-database'];
  return {
    ...rollback,
    ...(decideThemselves === undefined ? {} : { decideThemselves: decideThemselves.map(({ trigger }) => trigger) }),
    ...(backwardCompatible === undefined || restore === undefined || 'notApplicable' in restore
      ? {}
      : { 'restore-database': { ...restore, backwardCompatible: backwardCompatible !== false } }),
  };
};
