import * as z from 'zod';
import { instantInputSchema } from '../fields.ts';
import { roleSchema } from '../roles.ts';
import { callbacksSchema, secretArn } from './callbacks.ts';
import { type CiPresetName, ciPresetNames } from './ci-presets.ts';
import { deviationSchema } from './definition.ts';
import { freezesSchema, zoneSchema } from './freezes.ts';
import { accountId, observedResourcesSchema, regionName } from './observed-resources.ts';
import { protectionRulesSchema } from './protection-rules.ts';
import { targetsByEnvironmentSchema } from './targets.ts';

/** Names stand in headers of mails and in texts of one line. */
const oneLine = z
  .string()
  .min(1)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'one line, without control characters');

const claimValueSchema = z.union([oneLine, z.number(), z.boolean()]);
/** What an identity demands of a claim: exactly this value, or one of several. A list also matches a claim that is a list with one of them. */
const demandSchema = z.union([claimValueSchema, z.array(claimValueSchema).min(1)]);
export type Demand = z.infer<typeof demandSchema>;

const personIdSchema = z.string().regex(/^p-[a-z0-9]{8,32}$/);

const ciIssuerSchema = z.strictObject({
  kind: z.literal('ci'),
  /** The CI system, see `ci-presets.ts`. Without it, it is found by the issuer's host, if that is a hosted service. */
  preset: z.enum(ciPresetNames as [CiPresetName, ...CiPresetName[]]).optional(),
  issuer: z.url(),
  audience: oneLine,
  /** The first mapping whose claims all match gives the identity. */
  identities: z
    .array(
      z.strictObject({
        claims: z.record(oneLine, demandSchema),
        id: oneLine,
        services: z.array(z.string()).min(1),
        /** The environments for which it may act; without it, all of its services. */
        environments: z.array(oneLine).min(1).optional(),
        /** The person who answers for all of its starts, when the tokens of this CI system name nobody. */
        starter: personIdSchema.optional(),
      }),
    )
    .min(1),
  /** The claim that names who started the job, looked up in the roster's `starters`. Default: that of the preset. */
  starterClaim: oneLine.optional(),
  /** Whether a job that was run again may start a run although its token names the person of the first attempt. Default: refused. */
  reruns: z.enum(['refused', 'accepted']).optional(),
});

const peopleIssuerSchema = z.strictObject({
  kind: z.literal('people'),
  issuer: z.url(),
  /** The audience of people's access tokens. */
  audience: oneLine,
  /** For the sign-in of browsers (authorization code with PKCE). */
  clientId: oneLine,
  /** The secret of that client in AWS Secrets Manager, for providers that demand one. Without it the client is public. */
  clientSecretArn: secretArn.optional(),
  /**
   * For the sign-in of people at the command line: a public client with a loopback redirect address (RFC 8252). Without it `holdpoint
   * login` has no client.
   */
  cliClientId: oneLine.optional(),
  /** The scope that `holdpoint login` asks for, where an access token for this audience needs one. Default: openid. */
  cliScope: oneLine.optional(),
  /** Further clients whose tokens the API accepts. */
  clients: z.array(oneLine).optional(),
  /** Which tokens of people the API accepts: access tokens for `audience`, or ID tokens of the clients. Default: access tokens. */
  bearer: z.enum(['access-token', 'id-token']).optional(),
  /** A person's token is accepted for so long after it was issued, in seconds. Default: 12 hours. */
  maxTokenAge: z.int().min(60).max(86_400).optional(),
});

const alarmPrefixSchema = z.string().regex(/[\p{L}\p{N}]/u, 'a name with letters, digits or both');
const tableName = z.string().regex(/^[\w.-]{3,255}$/);

/** A stage's name stands in names of AWS resources, and in those of the roles that workload accounts have for it. */
export const stageNamePattern = /^[a-z][a-z0-9-]{0,20}$/;

/** The people of a stage. */
export const peopleSchema = z.array(
  z.strictObject({
    /** Random and stable: events name a person by nothing else. */
    id: personIdSchema,
    name: oneLine,
    address: z.email(),
    roles: z.array(roleSchema),
    /** The person's subjects at issuers of kind `people`. */
    subjects: z.array(z.strictObject({ issuer: z.url(), subject: z.string() })),
    /** Values of a CI issuer's starter claim that stand for this person. */
    starters: z.array(z.strictObject({ issuer: z.url(), actor: z.string() })),
    /**
     * Accounts at the code host and addresses under which this person writes commits; an empty list says that they write none. Without the
     * list it is not known whether an author who is in no list is this person.
     */
    commitsAs: z.array(oneLine.max(300)).max(50).optional(),
    /** The zone in which mails say times to this person, beside UTC. */
    zone: zoneSchema.optional(),
    /** Who may answer for this person while they are away (`roster.ts`). Without `role`, in each of their roles. */
    deputies: z
      .array(z.strictObject({ person: personIdSchema, from: instantInputSchema, to: instantInputSchema, role: roleSchema.optional() }))
      .max(50)
      .optional(),
  }),
);
export type People = z.infer<typeof peopleSchema>;

/**
 * One stage's configuration: who may do what, and how long waiting windows are. It is a JSON file that is read at synth and checked by
 * this schema. All but the roster is bundled with the functions; they read the roster at run time (`roster.ts`).
 */
export const stageSchema = z.strictObject({
  name: z.string().regex(stageNamePattern),
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
  /** A chat channel that hears what happens. */
  chat: z
    .strictObject({
      /** The full ARN of a secret in AWS Secrets Manager whose text is the address of an incoming webhook. */
      webhookSecretArn: secretArn,
      /** The zone in which messages say times to the channel, beside UTC. */
      zone: zoneSchema.optional(),
    })
    .optional(),
  /**
   * Lambda executions that are reserved for each of the three functions that settle gates (opener, reconciler, sweep), so that a flood of
   * requests takes none from them. Without it nothing is reserved. Lambda leaves at least 100 executions of the account unreserved, so a
   * deployment with it fails in a new account, whose quota is 10 or 50.
   */
  reservedExecutions: z.int().min(1).max(100).optional(),
  /** OpenID providers whose tokens are accepted, and the identities that their claims give. Everything else is denied. */
  issuers: z.array(z.discriminatedUnion('kind', [ciIssuerSchema, peopleIssuerSchema])).min(1),
  roster: peopleSchema,
  /** ARNs of the roles and users, also with `*`, who alone may upload a roster. Without it, the policies of the account decide. */
  rosterWriters: z
    .array(z.string().regex(/^arn:[\w-]+:iam::\d{12}:(role|user)\/[\w+=,.@*/-]+$/))
    .min(1)
    .optional(),
  services: z
    .array(
      z.strictObject({
        name: oneLine,
        environments: z.array(oneLine).min(1),
        /** The names of this service's CloudWatch alarms start with it, in whole words. Without a word it would match other services' alarms. */
        alarmPrefix: alarmPrefixSchema,
        /**
         * The environments of alarms that the name of the environment does not tell: the longest prefix of whole words counts. `account` and
         * `region`: only of alarms there, where others have alarms of the same name.
         */
        alarms: z
          .array(
            z.strictObject({
              prefix: alarmPrefixSchema,
              environment: oneLine,
              account: accountId.optional(),
              region: regionName.optional(),
            }),
          )
          .optional(),
        /** What runs the service, where it is looked at, and how it is taken back: by environment. */
        targets: targetsByEnvironmentSchema.optional(),
        resources: observedResourcesSchema.optional(),
        /** Pipelines that are called when a gate passed, is blocked, or the run has ended (`callbacks.ts`). */
        callbacks: callbacksSchema.optional(),
        /** Environments at GitHub whose jobs wait until a gate has passed (`protection-rules.ts`). */
        protectionRules: protectionRulesSchema.optional(),
        /** When no deployment of the service starts (`freezes.ts`). */
        freezes: freezesSchema.optional(),
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
  observedAccounts: z.array(accountId).optional(),
  /** The SES identity that sends, where it is not the domain of `mailFrom`: a parent domain or the address itself. */
  mailIdentityName: oneLine.optional(),
  /** Names of tables to use in place of those of the Data stack: restored from a backup. */
  restoredTables: z.strictObject({ audit: tableName, runs: tableName, people: tableName }).partial().optional(),
  /** Lifts what protects the Data stack from deletion. For a trial from the first deployment, otherwise before Holdpoint is removed. */
  removable: z.boolean().optional(),
});
export type Stage = z.infer<typeof stageSchema>;
/** What is deployed of a stage: everything but its people. */
export const deployedStageSchema = stageSchema.omit({ roster: true });
export type DeployedStage = z.infer<typeof deployedStageSchema>;
export type CiIssuer = z.infer<typeof ciIssuerSchema>;
export type PeopleIssuer = z.infer<typeof peopleIssuerSchema>;
