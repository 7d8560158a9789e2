import { readSecret } from './adapters/secrets-manager.ts';
import { webhooksApi } from './api/webhooks.ts';
import { apiHandler } from './shell/api-handler.ts';
import { clock, liveDue, liveIndex, liveReconciler, liveTrail, ownAws, readStage } from './shell/aws-clients.ts';
import { envOf } from './shell/env.ts';

export const handler = apiHandler('api-webhooks', () => {
  const env = envOf('api-webhooks', process.env);
  return webhooksApi({
    deps: {
      clock,
      trail: liveTrail(env, null),
      index: liveIndex(env.RUNS_TABLE),
      due: liveDue(env.RUNS_TABLE),
      reconciler: liveReconciler(env.RECONCILER_FUNCTION),
    },
    rules: readStage().services.flatMap(({ name: service, protectionRules = [] }) => protectionRules.map((rule) => ({ ...rule, service }))),
    readSecret: (arn) => readSecret(ownAws().call, arn, 'secret of a webhook'),
  });
});
