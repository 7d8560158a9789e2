import { auditApi } from './api/audit.ts';
import { apiHandler } from './shell/api-handler.ts';
import { liveMac, readStage } from './shell/aws-clients.ts';
import { auditDependencies } from './shell/composition.ts';
import { envOf } from './shell/env.ts';

export const handler = apiHandler('api-audit', () => {
  const env = envOf('api-audit', process.env);
  return auditApi({ deps: auditDependencies(env, readStage()), mac: liveMac(env.CURSOR_KEY_ID) });
});
