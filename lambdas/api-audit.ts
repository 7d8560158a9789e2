import { auditApi } from './api/audit.ts';
import { envOf } from './shell/env.ts';
import { apiHandler } from './shell/handle.ts';
import { liveSeal, readStage } from './shell/aws-clients.ts';
import { auditWorld } from './shell/composition.ts';

export const handler = apiHandler('api-audit', () => {
  const env = envOf('api-audit', process.env);
  return auditApi({ world: auditWorld(env, readStage()), seal: liveSeal(env.CURSOR_KEY_ID) });
});
