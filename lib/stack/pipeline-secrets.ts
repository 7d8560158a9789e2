import type { Stage } from '../checklist/stage.ts';

/** The secrets with which Holdpoint calls pipelines and answers their jobs, and those with which their webhooks are signed. */
export const pipelineSecrets = ({
  services,
}: Pick<Stage, 'services'>): Readonly<Record<'callback-secrets' | 'webhook-secrets', readonly string[]>> => {
  const rules = services.flatMap(({ protectionRules = [] }) => protectionRules);
  const callbacks = services.flatMap(({ callbacks: named = [] }) => named);
  return {
    'callback-secrets': [...new Set([...callbacks, ...rules].map(({ secretArn }) => secretArn))],
    'webhook-secrets': [...new Set(rules.map(({ webhookSecretArn }) => webhookSecretArn))],
  };
};
