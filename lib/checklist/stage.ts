import * as z from 'zod';
import { roleSchema } from '../roles.ts';
import { deviationSchema } from './definition.ts';

/** Names stand in headers of mails and in texts of one line. */
const oneLine = z
  .string()
  .min(1)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'one line, without control characters');

const tableName = z.string().regex(/^[\w.-]{3,255}$/);

/**
 * One stage's configuration: who may do what, and how long waiting windows are. It is a JSON file that is read at synth, checked by
 * this schema, and bundled with the functions.
 */
export const stageSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,20}$/),
  /** The address in people's links: the custom domain, without a slash at the end. */
  publicUrl: z.url().regex(/[^/]$/),
  /** With it, the App stack makes the custom domain for the host of `publicUrl`; without it, you map one yourself. The certificate is in App's region. */
  domain: z.strictObject({ certificateArn: z.string().regex(/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/) }).optional(),
  /** Divides waiting windows, never budgets. 1 on every real stage. */
  waitScale: z.number().min(1),
  local: z.boolean(),
  mailFrom: z.string(),
  /**
   * Whether SES already has the domain of `mailFrom` in this account and region, or the App stack creates it. Default: existing. Most
   * companies have verified the domain, and creating it again would fail the deployment. A local stage creates its sender itself.
   */
  mailIdentity: z.enum(['create', 'existing']).default('existing'),
  /** OpenID providers whose tokens are accepted, and the identities that their claims give. Everything else is denied. */
  issuers: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({
          kind: z.literal('ci'),
          issuer: z.url(),
          audience: oneLine,
          /** The first mapping whose claims all match gives the identity. */
          identities: z
            .array(z.strictObject({ claims: z.record(z.string(), z.string()), id: z.string(), services: z.array(z.string()).min(1) }))
            .min(1),
          /** The claim that names who started the job, looked up in the roster's `starters`. */
          starterClaim: oneLine,
        }),
        z.strictObject({
          kind: z.literal('people'),
          issuer: z.url(),
          audience: oneLine,
          /** For the sign-in of browsers (authorization code with PKCE, public client). */
          clientId: oneLine,
        }),
      ]),
    )
    .min(1),
  roster: z.array(
    z.strictObject({
      /** Random and stable: events name a person by nothing else. */
      id: z.string().regex(/^p-[a-z0-9]{8,32}$/),
      name: oneLine,
      address: z.email(),
      roles: z.array(roleSchema),
      /** The person's subjects at issuers of kind `people`. */
      subjects: z.array(z.strictObject({ issuer: z.url(), subject: z.string() })),
      /** Values of a CI issuer's starter claim that stand for this person. */
      starters: z.array(z.strictObject({ issuer: z.url(), actor: z.string() })),
    }),
  ),
  services: z
    .array(
      z.strictObject({
        name: oneLine,
        environments: z.array(oneLine).min(1),
        /** The names of this service's CloudWatch alarms start with it. It must not be empty, because that would match other services' alarms. */
        alarmPrefix: z.string().min(1),
      }),
    )
    .min(1),
  deviations: z.array(deviationSchema),
  /**
   * How long evidence cannot be deleted. Default: GOVERNANCE, 90 days, which someone with `s3:BypassGovernanceRetention` can lift.
   * COMPLIANCE cannot be lifted or shortened, not even by the account's root user.
   */
  evidenceRetention: z.strictObject({ mode: z.enum(['GOVERNANCE', 'COMPLIANCE']), days: z.int().min(1).max(36_500) }).optional(),
  /** Accounts whose alarms and observations are heard: they may send events to the stage's bus and alarms to its topic. */
  observedAccounts: z.array(z.string().regex(/^\d{12}$/)).optional(),
  /** The SES identity that sends, where it is not the domain of `mailFrom`: a parent domain or the address itself. */
  mailIdentityName: oneLine.optional(),
  /** Names of tables to use in place of those of the Data stack: restored from a backup. */
  restoredTables: z.strictObject({ audit: tableName, runs: tableName, people: tableName }).partial().optional(),
  /** Lifts what protects the Data stack from deletion. For a trial from the first deployment, otherwise before Holdpoint is removed. */
  removable: z.boolean().optional(),
});
export type Stage = z.infer<typeof stageSchema>;
