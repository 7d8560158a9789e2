import * as z from 'zod';
import { roleSchema } from '../roles.ts';
import { deviationSchema } from './definition.ts';

/**
 * One stage's configuration: who may do what, and how long waiting windows are. A JSON file, read at synth, checked here,
 * and laid beside the functions that need it.
 */
export const stageSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,20}$/),
  /** Where people's links point: the custom domain, without a slash at the end. */
  publicUrl: z.url().regex(/[^/]$/),
  /** With it App makes the custom domain for the host of `publicUrl`; without it, whoever deploys maps one. The certificate is of App's region. */
  domain: z.strictObject({ certificateArn: z.string().regex(/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/) }).optional(),
  /** Divides waiting windows, never budgets. 1 on every real stage. */
  waitScale: z.number().min(1),
  local: z.boolean(),
  mailFrom: z.string(),
  /**
   * Whether SES has the domain of `mailFrom` already, in this account and region, or App makes it. A company's domain mostly is there, and
   * then making it fails the deployment; so that is what a stage means that does not say. A local stage makes its sender itself.
   */
  mailIdentity: z.enum(['create', 'existing']).default('existing'),
  /** OpenID providers whose tokens are accepted, and what their claims mean here. Deny by default. */
  issuers: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({
          kind: z.literal('ci'),
          issuer: z.url(),
          audience: z.string(),
          /** The first mapping whose claims are all equal gives the identity. */
          identities: z
            .array(z.strictObject({ claims: z.record(z.string(), z.string()), id: z.string(), services: z.array(z.string()).min(1) }))
            .min(1),
          /** The claim that names who started the job, looked up in the roster's `starters`. */
          starterClaim: z.string(),
        }),
        z.strictObject({
          kind: z.literal('people'),
          issuer: z.url(),
          audience: z.string(),
          /** For the sign-in of browsers (authorization code with PKCE, public client). */
          clientId: z.string(),
        }),
      ]),
    )
    .min(1),
  roster: z.array(
    z.strictObject({
      /** Random, stable: the only name of a person in events. */
      id: z.string().regex(/^p-[a-z0-9]{8,32}$/),
      name: z.string(),
      address: z.email(),
      roles: z.array(roleSchema),
      /** Subjects at people's issuers. */
      subjects: z.array(z.strictObject({ issuer: z.url(), subject: z.string() })),
      /** Values of a CI issuer's starter claim that mean this person. */
      starters: z.array(z.strictObject({ issuer: z.url(), actor: z.string() })),
    }),
  ),
  services: z
    .array(
      z.strictObject({
        name: z.string(),
        environments: z.array(z.string()).min(1),
        /** CloudWatch alarms of this service: an alarm's name must start so. Every name starts with an empty text, other services' alarms included. */
        alarmPrefix: z.string().min(1),
      }),
    )
    .min(1),
  deviations: z.array(deviationSchema),
});
export type Stage = z.infer<typeof stageSchema>;
