import { peopleApi } from './api/people.ts';
import { createSignIn } from './api/sign-in.ts';
import { apiHandler } from './shell/api-handler.ts';
import { liveClientSecret, liveMac, readStage } from './shell/aws-clients.ts';
import { peopleDependencies } from './shell/composition.ts';
import { envOf } from './shell/env.ts';

export const handler = apiHandler('api-people', () => {
  const env = envOf('api-people', process.env);
  const stage = readStage();
  return peopleApi({
    deps: peopleDependencies(env, stage),
    mac: liveMac(env.SESSION_KEY_ID),
    stage,
    signIn: createSignIn(stage, liveClientSecret),
  });
});
