import * as z from 'zod';
import { canonical, sha256 } from '../canonical-json.ts';
import { deviationSchema, itemSchema } from '../checklist/definition.ts';
import { gateIdSchema } from '../checklist/gates.ts';
import { profileTargetsSchema } from '../checklist/profile-targets.ts';
import { featureIdSchema, nameSchema } from '../fields.ts';
import { ruleSchema } from '../registry/rules.ts';
import { roleSchema } from '../roles.ts';

export { listedBy } from '../rules/path-glob.ts';

/** What people read, in one line. */
const line = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'one line, without control characters');

/** A path or a glob below the folder of the repository. */
export const below = z
  .string()
  .min(1)
  .max(200)
  .regex(
    /^(?![!/~]|\.{1,2}(?:\/|$)|\s*$)(?!.*\/\.{0,2}(?:\/|$))[^\\\p{Cc}]+$/u,
    'a path below the folder of the repository, with one / between folders and no !, . or .. as a folder; all files of a folder are folder/**',
  );

/** Many stars can make a match take very long. */
export const glob = below
  .regex(/^[^{}]*$/, 'a glob without { }: write several globs')
  .regex(/^(?:[^*]*\*){0,8}[^*]*$/, 'a glob with at most 8 stars');

/** A pattern without a word would choose every suite. */
const suitePattern = z
  .string()
  .max(200)
  .regex(/[\p{L}\p{N}]{2}/u, 'a pattern with at least two letters or digits together, such as *checkout*')
  .regex(/^[^\p{Cc}]*$/u, 'a pattern without control characters')
  .regex(/^(?:[^*]*\*){0,3}[^*]*$/, 'a pattern with at most 3 stars');
const suites = z.array(suitePattern).min(1).max(50);

const featureSchema = z.strictObject({
  id: featureIdSchema,
  title: line,
  /** Globs of the production files that belong to the feature. */
  paths: z.array(glob).min(1).max(100),
  /** Which test suites are about the feature: `*` stands for any characters. */
  suites: suites.optional(),
  /** Where the feature has a higher floor of coverage than the check. */
  floorPct: z.number().min(0).max(100).optional(),
});

const removedFeatureSchema = z.strictObject({
  id: featureIdSchema,
  reason: deviationSchema.shape.reason,
  approver: deviationSchema.shape.approver,
});

/** Coverage is matched by features times files, so that both are bounded. */
const mostFeatures = 200;

export const endpoint = z
  .string()
  .max(300)
  .regex(/^[A-Z]{3,10} \/\S*$/, 'a method and a path, such as GET /orders/{id}');

const port = z.int().min(1).max(65_535);
const checkId = featureIdSchema;
const seconds = z.int().positive();

/** A check of the service's own. What the definition says of every item and a profile does not say has its usual value. */
const ownCheckSchema = z.strictObject({
  id: checkId,
  gate: gateIdSchema,
  title: line,
  owner: roleSchema,
  /** How the check is proved, in one sentence for the auditor. */
  proof: line,
  rule: ruleSchema,
  controls: z.array(line).max(20).optional(),
  maxAgeSeconds: seconds.optional(),
  scope: itemSchema.shape.scope.optional(),
  after: z.enum(['deployment.started', 'deployment.finished']).optional(),
  waivable: z.boolean().optional(),
  optional: z.boolean().optional(),
});
export type OwnCheck = z.infer<typeof ownCheckSchema>;

/** A day begins at midnight UTC. */
const untilSchema = z.union([z.iso.date(), z.iso.datetime({ offset: true })], 'a date such as 2027-03-31, or an instant');

/**
 * What a service says about itself: the parameters of the definition's checks, checks of its own, and what it asks otherwise than the document.
 * A profile never changes gates.
 */
export const profileSchema = z.strictObject({
  /** For editors; it says nothing. */
  $schema: z.string().optional(),
  service: nameSchema,
  features: z.array(featureSchema).min(1).max(mostFeatures),
  /** By check: the test suites that prove it, in place of the usual patterns. */
  suites: z.record(checkId, suites).optional(),
  /** By check: the document in the repository that is the guide or plan. */
  guides: z.record(checkId, below).optional(),
  /** Globs of the files that migrate data: a release that changes one of them cannot declare that it migrates nothing. */
  migrations: z.array(glob).min(1).max(100).optional(),
  /** First and last port that the services may have. */
  ports: z.strictObject({ from: port, to: port }).optional(),
  /** The endpoints that the service serves, as "GET /orders". */
  endpoints: z.array(endpoint).min(1).max(2000).optional(),
  /** The services of which the product consists. */
  services: z.array(nameSchema).min(1).max(1000).optional(),
  /** How many clients the service has at once at its peak: load tests must have half as many more. */
  expectedPeak: z.int().min(1).max(10_000_000).optional(),
  checks: z.array(ownCheckSchema).max(100).optional(),
  /** By check: further evidence without which the check is not satisfied, each with its rule. */
  evidence: z
    .record(
      checkId,
      z
        .array(z.strictObject({ id: checkId, rule: ruleSchema }))
        .min(1)
        .max(5),
    )
    .optional(),
  /** By check and parameter of its rule: a stricter figure. */
  tighten: z.record(checkId, z.record(z.string().max(64), z.number())).optional(),
  /** What is looser than in the document, and why. The parameter `mode` from `required` to `observe` drops a check, or is the reason for a later date. */
  deviations: z.array(deviationSchema).max(200).optional(),
  /** Features of the profile before that the service no longer has, each with the reason: a removed feature is a deviation. */
  removedFeatures: z.array(removedFeatureSchema).max(mostFeatures).optional(),
  /** By environment: where Holdpoint looks at the service, within what the stage permits. */
  targets: z.record(nameSchema, profileTargetsSchema).optional(),
  /** By check: until when it is judged and shown only. Then it is required. */
  observe: z.record(checkId, untilSchema).optional(),
});
export type Profile = z.infer<typeof profileSchema>;
export type ProfileFeature = Profile['features'][number];

/** The address of the published schema, for the first line of a profile. */
export const profileSchemaId = 'https://holdpoint.dev/schemas/profile/1';

/** The JSON Schema (2020-12) that is published for profiles. */
export const profileJsonSchema = (): object => ({
  $id: profileSchemaId,
  title: 'The profile of a service for Holdpoint (holdpoint.yaml)',
  ...z.toJSONSchema(profileSchema, { io: 'input' }),
});

/** Of what the profile says: neither form, comments nor `$schema` are a part of it. */
export const profileDigest = (profile: Profile): string => sha256(profileText(profile));
/** The profile as it is stored: the RFC 8785 form, whose digest is the profile's. */
export const profileText = ({ $schema: _, ...profile }: Profile): string => canonical(profile);
