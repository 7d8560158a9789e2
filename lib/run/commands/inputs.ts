import * as z from 'zod';
import { answers } from '../../audit/events/approval.ts';
import { deploymentStates } from '../../audit/events/deployment.ts';
import { decisions } from '../../audit/events/incident.ts';
import { labels } from '../../audit/events/observation.ts';
import { releaseFields } from '../../audit/events/run.ts';
import { artifactSchema, digestSchema, instantInputSchema as instant, nameSchema as name, observationKinds } from '../../fields.ts';

/** Bodies of the commands, parsed before anything else. Strict: a field that is not known here is refused, never dropped. */
const sentence = z.string().trim().min(10, 'a reason that an auditor understands: 10 characters at least').max(2000);

export const commitSchema = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'a full commit id, lower-case hex');

const versionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}$/, 'letters, digits, dot, underscore, plus, tilde and hyphen, 100 characters at most');

export const startRunSchema = z.strictObject({
  ...releaseFields,
  service: name,
  environment: name,
  /** As in a tag or a package: it stands in subjects of mails, where a sentence or an address has no place. */
  version: versionSchema,
  artifacts: z
    .array(artifactSchema)
    .min(1)
    .max(20)
    .refine((all) => new Set(all.map((artifact) => artifact.component)).size === all.length, 'every component once'),
  commit: commitSchema,
  /** Commits, pull requests and tickets. One line each. */
  changes: z
    .array(
      z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'one line without control characters'),
    )
    .max(50),
  reason: sentence,
  requestedBy: z.string().max(100).optional(),
  plannedT0: z.union([z.literal('when-gates-pass'), instant]),
});
export type StartRun = z.infer<typeof startRunSchema>;

/** What accompanies a report; the report itself is the body. */
export const evidenceParametersSchema = z.strictObject({
  source: name.default('default'),
  component: name.optional(),
  /** The commit that the report is about. */
  commit: commitSchema,
  artifact: artifactSchema.shape.digest.optional(),
  /** When the producer made it, not when it was sent. */
  madeAt: instant,
  /** The exit code of the tool: anything but 0 never passes, because some runners fail with a clean report. */
  exitCode: z
    .union([
      z.int(),
      z
        .string()
        .regex(/^-?\d{1,10}$/, 'a whole number')
        .transform(Number),
    ])
    .pipe(z.int())
    .optional(),
  /** Reports of one source with the same run and attempt are parts of one result. Without it, a report is a result by itself. */
  producerRun: z.string().min(1).max(100).optional(),
  producerAttempt: z
    .union([
      z.int(),
      z
        .string()
        .regex(/^\d{1,5}$/, 'a whole number')
        .transform(Number),
    ])
    .pipe(z.int().min(1).max(10_000))
    .default(1),
});
export type EvidenceParameters = z.infer<typeof evidenceParametersSchema>;

export const attestSchema = z.strictObject({ statement: sentence });
export const waiveSchema = z.strictObject({ reason: sentence, until: instant });
export const notApplicableSchema = z.strictObject({ reason: sentence });
export const deploymentSchema = z.strictObject({
  state: z.enum(deploymentStates),
  environment: name,
  component: name,
  digest: artifactSchema.shape.digest,
});
export const observationSchema = z.strictObject({
  /** The producer's own id: the same id is the same observation. */
  observation: name,
  kind: z.enum(observationKinds),
  bad: z.boolean(),
  subject: z.string().min(1).max(200),
  summary: z.string().min(1).max(300),
  observedAt: instant,
});
export type ObservationInput = z.infer<typeof observationSchema>;
export const labelSchema = z.strictObject({ label: z.enum(labels), explanation: sentence });
export const rollbackSchema = z.strictObject({ trigger: name, reason: sentence });
export const cancelSchema = z.strictObject({ reason: sentence });
export const incidentSchema = z.strictObject({ decision: z.enum(decisions), reason: sentence });
export const targetInputSchema = z
  .strictObject({
    target: z.enum(['adopt', 'withdraw']),
    version: versionSchema.optional(),
    components: z
      .array(
        z.strictObject({
          component: name,
          digest: artifactSchema.shape.digest,
          /** How the platform names what runs: a version of a function, a task definition. */
          reference: z
            .string()
            .min(1)
            .max(300)
            .regex(/^[!-~]+$/, 'a name without spaces')
            .optional(),
        }),
      )
      .max(20)
      .refine((all) => new Set(all.map((one) => one.component)).size === all.length, 'every component once')
      .default([]),
    reason: sentence.optional(),
  })
  .refine(({ target, version, components }) => target === 'withdraw' || (version !== undefined && components.length > 0), {
    message: 'the version that runs and the digest of each of its components',
    path: ['version'],
  })
  .refine(({ target, version, components }) => target === 'adopt' || (version === undefined && components.length === 0), {
    message: 'no version and no components: the service is taken away',
    path: ['components'],
  })
  .refine(({ target, reason }) => target === 'adopt' || reason !== undefined, {
    message: 'why a first release may be taken back by taking the service away',
    path: ['reason'],
  });
export const freeSchema = z.strictObject({ reason: sentence });
export const explanationSchema = z.strictObject({ explanation: sentence });
export const answerSchema = z.strictObject({
  answer: z.enum(answers),
  /** The short code shown on the page, typed by the person. */
  confirmation: z.string().trim().max(20),
  /** Digest of the gate report that was shown. */
  report: digestSchema,
  note: z.string().trim().max(2000).default(''),
});
export type Answer = z.infer<typeof answerSchema>;
