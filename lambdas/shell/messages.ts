import type { DeployedStage } from '../../lib/checklist/stage.ts';
import { onDemand } from '../../lib/on-demand.ts';
import type { Callbacks, Chat, Mailer, Notification, ProtectionRules } from '../../lib/ports.ts';
import { createChatWebhook } from '../adapters/chat-webhook.ts';
import { readSecret } from '../adapters/secrets-manager.ts';
import { clock, ownAws } from './aws-clients.ts';
import { awsEndpointOf } from './env.ts';

const loadConnection = /* @__PURE__ */ onDemand(() => import('../adapters/http-connection.ts'));
const loadMailer = /* @__PURE__ */ onDemand(() => import('../adapters/ses-mailer.ts'));
const loadCallbacks = /* @__PURE__ */ onDemand(() => import('../adapters/callbacks.ts'));
const loadRules = /* @__PURE__ */ onDemand(() => import('../adapters/github-rules.ts'));

/**
 * Mails, chat, callbacks and answers to jobs on AWS. Most calls of a function send none, so what makes mails and what calls pipelines loads with the
 * first one. Not in aws-clients.ts, because a bundle carries whatever a module may load, also where nobody asks for it.
 */
export const liveMailer = ({ mailFrom }: DeployedStage, set: string): Mailer => ({
  send: async (mail) => {
    const { createSesMailer } = await loadMailer();
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

/** With what addresses outside of AWS are called; `what` names the secret in errors. */
const outgoing = async (what: string) => {
  const { createConnection, createResolver } = await loadConnection();
  return {
    readSecret: (arn: string) => readSecret(ownAws().call, arn, what),
    clock,
    resolver: createResolver(),
    connection: createConnection(),
  };
};

/** The pipelines that the services of a stage name. */
export const liveCallbacks = ({ services }: DeployedStage): Callbacks | null =>
  services.every(({ callbacks = [] }) => callbacks.length === 0)
    ? null
    : {
        call: async (...given) => {
          const { createCallbacks } = await loadCallbacks();
          const targets = Object.fromEntries(services.map(({ name, callbacks = [] }) => [name, callbacks]));
          return createCallbacks({ targets, ...(await outgoing('secret of a callback')) }).call(...given);
        },
      };

/** The protection rules that the services of a stage name. */
export const liveProtectionRules = ({ services }: DeployedStage): ProtectionRules | null =>
  services.every(({ protectionRules = [] }) => protectionRules.length === 0)
    ? null
    : {
        answer: async (...given) => {
          const { createProtectionRules } = await loadRules();
          const rules = Object.fromEntries(services.map(({ name, protectionRules = [] }) => [name, protectionRules]));
          return createProtectionRules({ rules, ...(await outgoing('private key of a protection rule')) }).answer(...given);
        },
      };
