import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { type ProtectionRule, protectedBy } from '../checklist/protection-rules.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import { commitSchema } from '../run/commands/inputs.ts';
import type { WaitingJob } from '../run/commands/record-waiting-job.ts';
import { refusalOf, shown } from './problem.ts';

/**
 * GitHub's webhook `deployment_protection_rule`. Its form is that of https://docs.github.com/webhooks/webhook-events-and-payloads; the signature is
 * that of https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries.
 */

/** One is of some 20 KB; pull requests can make it longer. */
export const maxWebhookBytes = 256 * 1024;

export const webhookEvent = 'deployment_protection_rule';

/** The signature of `X-Hub-Signature-256`; undefined where the header has another form. */
export const signatureIn = (header: string | undefined): Buffer | undefined => {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1];
  return hex === undefined ? undefined : Buffer.from(hex, 'hex');
};

/** Whether these bytes were signed with the secret. Compared in constant time. */
export const isSignedWith = (secret: string, bytes: Uint8Array, signature: Buffer): boolean =>
  timingSafeEqual(createHmac('sha256', secret).update(bytes).digest(), signature);

const number = z.int().min(1);
const webhookSchema = z.object({
  action: z.literal('requested'),
  environment: z.string().min(1).max(255),
  deployment_callback_url: z.string().max(2_000),
  deployment: z.object({ id: number, sha: commitSchema }),
  repository: z.object({ full_name: z.string().max(201) }),
  installation: z.object({ id: number }),
});

/** A rule with the service whose jobs it holds. */
export type RuleOfService = ProtectionRule & { readonly service: string };

/** The waiting job that the webhook is about, by a rule of the stage: `rules` are those whose webhook secret has signed it. */
export const waitingJobIn = (bytes: Uint8Array, rules: readonly RuleOfService[]): Outcome<WaitingJob> => {
  const input = jsonIn(bytes);
  if (input === undefined) return notJson;
  const parsed = webhookSchema.safeParse(input);
  if (!parsed.success) return { refused: refusalOf('body-malformed', parsed.error, input) };
  const { environment: protects, repository, deployment, installation, deployment_callback_url: address } = parsed.data;
  const place = `${repository.full_name} ${protects}`.toLowerCase();
  const rule = rules.find((one) => protectedBy(one) === place && one.installation === installation.id);
  if (rule === undefined)
    return refuse('environment-unknown', 'No protection rule of this stage is about this environment of this repository.', {
      got: shown(`${repository.full_name}, environment ${protects}, installation ${installation.id}`),
      expected: 'repository, environment and installation of a rule in `protectionRules` of the stage file, signed with its webhook secret',
      fix: 'Add the rule to the stage file and deploy it, or remove the app from this environment at GitHub.',
    });
  // The address is not called: only the number of the pipeline is taken from it.
  const [, named = '', pipeline = ''] =
    /\/repos\/([^/]+\/[^/]+)\/actions\/runs\/(\d{1,19})\/deployment_protection_rule$/.exec(address) ?? [];
  if (named.toLowerCase() !== rule.repository.toLowerCase())
    return refuse('body-malformed', 'The webhook does not say which pipeline waits.', {
      got: `deployment_callback_url ${shown(address)}`,
      expected: `an address that ends in /repos/${rule.repository}/actions/runs/<number>/deployment_protection_rule`,
      fix: 'Deliver the webhook as GitHub sent it.',
    });
  return ok({
    service: rule.service,
    environment: rule.environment,
    commit: deployment.sha,
    rule: rule.id,
    repository: rule.repository,
    pipeline,
    deployment: String(deployment.id),
  });
};

const jsonIn = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
};

const notJson = refuse('body-malformed', 'The webhook is not JSON.', {
  got: 'text that is no JSON, or not UTF-8',
  expected: 'one JSON document',
  fix: 'Set the content type of the webhook to application/json.',
});
