import * as z from 'zod';
import { nameSchema } from '../fields.ts';
import { oneLine } from './aws-places.ts';
import { apiAddress, repositoryName, secretArn } from './callbacks.ts';

/**
 * Custom deployment protection rules of GitHub that Holdpoint answers: a job for a protected environment waits without a runner until the gate has
 * passed. https://docs.github.com/actions/how-tos/deploy/configure-and-manage-deployments/create-custom-protection-rules
 */
const ruleSchema = z.strictObject({
  /** Names the rule in the trail. */
  id: nameSchema,
  repository: repositoryName,
  /** The environment of the service whose runs decide. */
  environment: oneLine,
  /** The environment at GitHub that has the rule; without it, the one of the same name. */
  protects: oneLine.max(255).optional(),
  /** A job may go on once this gate has passed. */
  gate: oneLine,
  /** The client ID of the GitHub App, or its App ID. */
  app: z.string().regex(/^[\w.]{1,60}$/, 'the client ID or the App ID of the app, in quotes'),
  /** The number of the installation that has the repository. */
  installation: z.int().min(1),
  /** The full ARN of the secret with the private key of the app. The reconciler alone reads it. */
  secretArn,
  /** The full ARN of the secret with which GitHub signs the webhooks of the app. The webhooks function alone reads it. */
  webhookSecretArn: secretArn,
  api: apiAddress.default('https://api.github.com'),
  /** Whether private and loopback addresses may be called. */
  privateAddresses: z.boolean().default(false),
});
export type ProtectionRule = z.infer<typeof ruleSchema>;

export const protectionRulesSchema = z
  .array(ruleSchema)
  .max(10)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'every id once')
  .refine((all) => all.every((rule) => rule.secretArn !== rule.webhookSecretArn), 'the private key and the webhook secret in two secrets');

/** The environment at GitHub that has the rule. Names of repositories and environments have no case there. */
export const protectedBy = ({ repository, environment, protects = environment }: ProtectionRule): string =>
  `${repository} ${protects}`.toLowerCase();

/** More secrets would make a webhook that nobody signed cost as many comparisons. */
const mostWebhookSecrets = 5;

type Service = {
  readonly name: string;
  readonly environments: readonly string[];
  readonly protectionRules?: readonly ProtectionRule[] | undefined;
};

/** What can never answer, and what would not say which runs decide. */
export const protectionRuleFlaws = (services: readonly Service[], gates: readonly string[]): readonly string[] => {
  const all = services.flatMap(({ name, environments, protectionRules = [] }) =>
    protectionRules.map((rule) => ({ name, environments, rule, place: `services: the protection rule ${rule.id} of ${name}` })),
  );
  const secrets = new Set(all.map(({ rule }) => rule.webhookSecretArn));
  return [
    ...all
      .filter(({ environments, rule }) => !environments.includes(rule.environment))
      .map(({ place, rule }) => `${place} names the environment ${rule.environment}, which the service does not have`),
    ...all
      .filter(({ rule }) => !gates.includes(rule.gate))
      .map(({ place, rule }) => `${place} names the gate ${rule.gate}; expected ${gates.join(', ')}`),
    ...all
      .filter(({ rule }, n) => all.findIndex((one) => protectedBy(one.rule) === protectedBy(rule)) < n)
      .map(
        ({ place, rule }) => `${place} is the second one for the environment ${rule.protects ?? rule.environment} of ${rule.repository}`,
      ),
    ...(secrets.size > mostWebhookSecrets
      ? [`services: the protection rules have ${secrets.size} webhook secrets; expected ${mostWebhookSecrets} at most`]
      : []),
  ];
};
