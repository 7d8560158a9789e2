import * as z from 'zod';
import { answers } from '../../audit/events/approval.ts';
import { deploymentStates } from '../../audit/events/deployment.ts';
import { announcedKinds } from '../../audit/events/environment.ts';
import { decisions } from '../../audit/events/incident.ts';
import { labels } from '../../audit/events/observation.ts';
import { profileAnswers } from '../../audit/events/profile.ts';
import { rollbackDecisions, stepActions } from '../../audit/events/rollback.ts';
import { releaseFields, schemaVersionSchema } from '../../audit/events/run.ts';
import {
  artifactSchema,
  digestSchema,
  fileInputSchema,
  instantInputSchema as instant,
  nameSchema as name,
  observationKinds,
  partInputSchema,
  reasonOf,
} from '../../fields.ts';
import { outlastedPrefix } from '../../folds/outlasted.ts';

/** Bodies of the commands, parsed before anything else. Strict: a field that is not known here is refused, never dropped. */
/** Characters of what a person writes: a reason, a statement, a note. */
export const mostWritten = 2000;
const sentence = reasonOf(10, 'a reason that an auditor understands: 10 characters at least').max(mostWritten);

export const commitSchema = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'a full commit id, lower-case hex');

const plannedT0 = z.union([z.literal('when-released'), instant]);
const versionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}$/, 'letters, digits, dot, underscore, plus, tilde and hyphen, 100 characters at most');

export const startRunSchema = z.strictObject({
  ...releaseFields,
  profile: digestSchema.optional().meta({
    description:
      'Digest of a registered profile of the service, in force or proposed. Without it the profile in force is used, if there is one.',
  }),
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
  plannedT0,
  drill: z
    .strictObject({
      version: z.string().min(1).max(100),
      components: z
        .array(z.strictObject({ component: name, digest: artifactSchema.shape.digest, reference: z.string().min(1).max(500).nullable() }))
        .min(1)
        .max(20),
      /** Of the database, with which that version works. */
      schemaVersion: schemaVersionSchema.optional(),
    })
    .optional()
    .meta({
      description:
        'A rehearsal of the rollback: the version that the environment is set back to. `version` and `artifacts` are what runs there before.',
    }),
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
/** The same of evidence about a service: no release is named. `environment`: where it is about one. */
export const standingParametersSchema = evidenceParametersSchema
  .omit({ component: true, artifact: true })
  .extend({ commit: commitSchema.optional(), environment: name.optional() });
export type StandingParameters = z.infer<typeof standingParametersSchema>;
export type EvidenceParameters = z.infer<typeof evidenceParametersSchema>;

/** What is said of a report before its bytes are put elsewhere. */
export const uploadSchema = evidenceParametersSchema.extend({
  type: z.string().max(64).optional().meta({ description: 'Evidence type, such as junit or lcov. Without it the content tells the type.' }),
  bytes: z.int().min(1).meta({ description: 'Length of the report.' }),
  sha256: digestSchema.meta({ description: 'sha256 of the report, in hex.' }),
});
export type UploadInput = z.infer<typeof uploadSchema>;

export const attestSchema = z.strictObject({
  statement: sentence,
  validUntil: instant
    .optional()
    .meta({ description: 'Until when it holds, at most as long as the check takes it. Then the check fails again.' }),
  file: fileInputSchema.optional(),
});
export const standingAttestSchema = attestSchema.extend({ environment: name.optional() });
export const confirmSchema = z.strictObject({
  decision: z.enum(['confirmed', 'rejected']).default('confirmed'),
  reason: sentence.optional(),
});
export const withdrawSchema = z.strictObject({ reason: sentence });
/** One feature, endpoint, component, test or file of the check. Absent: the whole check; of a revocation, every exception that stands. */
const subject = partInputSchema.optional();
export const waiveSchema = z.strictObject({ reason: sentence, until: instant, subject });
export const notApplicableSchema = z.strictObject({ reason: sentence, subject });
export const revokeSchema = z.strictObject({ reason: sentence, subject });
export const deploymentSchema = z.strictObject({
  state: z.enum(deploymentStates),
  environment: name,
  component: name,
  digest: artifactSchema.shape.digest,
});
export const observationSchema = z.strictObject({
  /** The producer's own id: the same id is the same observation. */
  observation: name.refine((id) => !id.startsWith(outlastedPrefix), `not beginning with ${outlastedPrefix}, which Holdpoint itself uses`),
  kind: z.enum(observationKinds),
  bad: z.boolean(),
  subject: z.string().min(1).max(200),
  summary: z.string().min(1).max(300),
  observedAt: instant,
});
export type ObservationInput = z.infer<typeof observationSchema>;
/** `subject`: the name of an alarm, or of a component or a resource that is restarted. `from`: absent means from now on. */
export const announcementSchema = z.strictObject({
  kind: z.enum(announcedKinds),
  subject: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'one line without control characters'),
  from: instant.optional(),
  until: instant,
  reason: sentence,
});
export type AnnouncementInput = z.infer<typeof announcementSchema>;
export const labelSchema = z.strictObject({ label: z.enum(labels), explanation: sentence });
/** Ids of events of the run that show what is said. */
const evidence = z
  .array(z.string().regex(/^[0-9a-f]{32}$/, 'the id of an event of the run: 32 hex digits'))
  .max(20)
  .default([]);
export const rollbackSchema = z.strictObject({
  trigger: name,
  reason: sentence,
  evidence,
  /** What shows it outside of the run: ids of rows, a query, a link. */
  shown: z.string().trim().min(5, 'what shows it, such as ids of rows, a query or a link: 5 characters at least').max(500).optional(),
  /** Whether the person decides for the rollback in the same act. */
  decide: z.boolean().default(false),
});
export const rollbackDecisionSchema = z.strictObject({ decision: z.enum(rollbackDecisions), reason: sentence });
const attempt = { action: z.enum(stepActions).default('do'), attempt: z.int().min(1).max(10_000) };
/** `done` and `failed` answer an attempt; the others are choices of people about a step that waits for them. */
export const stepSchema = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('done'), ...attempt, detail: z.string().trim().max(mostWritten).default('') }),
  z.strictObject({ answer: z.literal('failed'), ...attempt, detail: sentence }),
  z.strictObject({ answer: z.literal('retry'), reason: sentence }),
  z.strictObject({ answer: z.literal('by-hand'), reason: sentence, evidence }),
  z.strictObject({ answer: z.literal('end'), reason: sentence }),
]);
export type StepInput = z.infer<typeof stepSchema>;
export const dataSchema = z.discriminatedUnion('choice', [
  /** `backupAt`: when the backup was made from which data is restored. */
  z.strictObject({ choice: z.literal('restore'), reason: sentence, backupAt: instant.optional() }),
  z.strictObject({ choice: z.literal('keep'), reason: sentence }),
]);
export type DataInput = z.infer<typeof dataSchema>;
/** Where the cause was mended: a change, a ticket. It is kept apart, as the statement is. */
const link = z
  .url({ protocol: /^https$/, error: 'an address that begins with https://' })
  .max(500)
  .regex(/^[!-~]+$/, 'an address without spaces');
/** `stated`: the cause of a rollback. The others review the use of an emergency power. */
export const followUpSchema = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('stated'), statement: sentence, link: link.optional() }),
  z.strictObject({ answer: z.literal('justified'), statement: sentence }),
  z.strictObject({ answer: z.literal('not-justified'), statement: sentence }),
]);
export type FollowUpInput = z.infer<typeof followUpSchema>;
export const cancelSchema = z.strictObject({ reason: sentence });
/** `recall` takes the requests back, `ask-again` sends new ones after that. */
export const recallSchema = z.strictObject({ action: z.enum(['recall', 'ask-again']), reason: sentence });
export const rescheduleSchema = z.strictObject({ plannedT0, reason: sentence });
/** `freeze`: its name in the stage configuration. */
export const freezeOverrideSchema = z.strictObject({ freeze: z.string().min(1).max(200), reason: sentence });
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
    /** From which commit it was built: reviews of the next release must begin behind it. */
    commit: commitSchema.optional(),
  })
  .refine(({ target, commit }) => target === 'adopt' || commit === undefined, {
    message: 'no commit: the service is taken away',
    path: ['commit'],
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
/** `profile`, `definition`: digests of what is approved; without the second one, of the definition that the open proposal gives. */
export const profileAnswerSchema = z
  .strictObject({
    profile: digestSchema,
    definition: digestSchema.optional(),
    answer: z.enum(profileAnswers),
    reason: sentence.optional(),
  })
  .refine(({ answer, reason }) => answer === 'approved' || reason !== undefined, {
    message: 'why the profile is rejected',
    path: ['reason'],
  });
export type ProfileAnswerInput = z.infer<typeof profileAnswerSchema>;
/** What accompanies a profile; the profile itself is the body. */
export const profileParametersSchema = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'true: the profile is checked and compared, and nothing is recorded.' }),
});
export const answerSchema = z.strictObject({
  answer: z.enum(answers),
  /** The short code shown on the page, typed by the person. */
  confirmation: z.string().trim().max(20),
  /** Digest of the gate report that was shown. */
  report: digestSchema,
  note: z.string().trim().max(mostWritten).default(''),
});
export type Answer = z.infer<typeof answerSchema>;
