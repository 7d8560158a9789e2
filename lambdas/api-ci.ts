import { ciApi } from './api/ci.ts';
import { apiHandler } from './shell/api-handler.ts';
import { readStage } from './shell/aws-clients.ts';
import { ciDependencies } from './shell/composition.ts';
import { envOf } from './shell/env.ts';

export const handler = apiHandler('api-ci', () => ciApi(ciDependencies(envOf('api-ci', process.env), readStage())));
