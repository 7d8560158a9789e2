import { ciApi } from './api/ci.ts';
import { apiHandler } from './shell/api-handler.ts';
import { readStage } from './shell/aws-clients.ts';
import { ciDependencies } from './shell/composition.ts';
import { envOf } from './shell/env.ts';
import { liveRoster } from './shell/roster.ts';

const env = () => envOf('api-ci', process.env);
const live = liveRoster('api-ci', () => env().ROSTER_BUCKET);

export const handler = apiHandler('api-ci', () => ciApi(ciDependencies(env(), { stage: readStage(), roster: live.roster })), live.refresh);
