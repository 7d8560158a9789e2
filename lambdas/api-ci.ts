import { ciApi } from './api/ci.ts';
import { envOf } from './shell/env.ts';
import { apiHandler } from './shell/handle.ts';
import { readStage } from './shell/aws-clients.ts';
import { ciWorld } from './shell/composition.ts';

export const handler = apiHandler('api-ci', () => ciApi(ciWorld(envOf('api-ci', process.env), readStage())));
