import { auditApi } from './api/audit.ts';
import { apiHandler } from './shell/api-handler.ts';
import { liveRememberedMac, readStage } from './shell/aws-clients.ts';
import { auditDependencies } from './shell/composition.ts';
import { envOf } from './shell/env.ts';
import { liveRoster } from './shell/roster.ts';

const env = () => envOf('api-audit', process.env);
const live = liveRoster('api-audit', () => env().ROSTER_BUCKET);

export const handler = apiHandler(
  'api-audit',
  () =>
    auditApi({ deps: auditDependencies(env(), { stage: readStage(), roster: live.roster }), mac: liveRememberedMac(env().CURSOR_KEY_ID) }),
  live.refresh,
);
