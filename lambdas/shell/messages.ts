import type { DeployedStage } from '../../lib/checklist/stage.ts';
import type { Callbacks, Chat, Mailer, Notification, ProtectionRules } from '../../lib/ports.ts';
import { createChatWebhook } from '../adapters/chat-webhook.ts';
import { readSecret } from '../adapters/secrets-manager.ts';
import { clock, ownAws } from './aws-clients.ts';
import { awsEndpointOf } from './env.ts';

/**
 * Mails, chat, callbacks and answers to jobs on AWS. Most calls of a function send none, so what makes mails and what calls pipelines loads with the
 * first one. Not in aws-clients.ts, because a bundle carries whatever a module may load, also where nobody asks for it.
 */
export const liveMailer = ({ mailFrom }: DeployedStage, set: string): Mailer => ({
  send: async (mail) => {
    const { createSesMailer } = await import('../adapters/ses-mailer.ts');
    return createSesMailer(ownAws().call, { from: mailFrom, set, region: awsEndpointOf(process.env).region }).send(mail);
  },
});

/** The chat channel of a stage that has one. */
export const liveChat = ({ chat }: DeployedStage, render: (notification: Notification) => Promise<object>): Chat | null =>
  chat === undefined
    ? null
    : createChatWebhook({
        readAddress: () => readSecret(ownAws().call, chat.webhookSecretArn, 'secret of the chat webhook'),
        render,
        now: () => clock.now().getTime(),
      });
/** The pipelines that the services of a stage name. */
export const liveCallbacks = ({ services }: DeployedStage): Callbacks | null =>
  services.every(({ callbacks = [] }) => callbacks.length === 0)
    ? null
    : {
        call: async (...given) => {
          const [{ createCallbacks }, { createConnection, createResolver }] = await Promise.all([
            import('../adapters/callbacks.ts'),
            import('../adapters/http-connection.ts'),
          ]);
          const callbacks = createCallbacks({
            targets: Object.fromEntries(services.map(({ name, callbacks: named = [] }) => [name, named])),
            readSecret: (arn) => readSecret(ownAws().call, arn, 'secret of a callback'),
            clock,
            resolver: createResolver(),
            connection: createConnection(),
          });
          return callbacks.call(...given);
        },
      };

/** The protection rules that the services of a stage name. */
export const liveProtectionRules = ({ services }: DeployedStage): ProtectionRules | null =>
  services.every(({ protectionRules = [] }) => protectionRules.length === 0)
    ? null
    : {
        answer: async (...given) => {
          const [{ createProtectionRules }, { createConnection, createResolver }] = await Promise.all([
            import('../adapters/github-rules.ts'),
            import('../adapters/http-connection.ts'),
          ]);
          const rules = createProtectionRules({
            rules: Object.fromEntries(services.map(({ name, protectionRules = [] }) => [name, protectionRules])),
            readSecret: (arn) => readSecret(ownAws().call, arn, 'private key of a protection rule'),
            clock,
            resolver: createResolver(),
            connection: createConnection(),
          });
          return rules.answer(...given);
        },
      };
