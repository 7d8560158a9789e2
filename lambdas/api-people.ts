import { peopleApi } from './api/people.ts';
import { createSignIn } from './api/sign-in.ts';
import { envOf } from './shell/env.ts';
import { apiHandler } from './shell/handle.ts';
import { liveSeal, readStage } from './shell/aws-clients.ts';
import { peopleWorld } from './shell/composition.ts';

export const handler = apiHandler('api-people', () => {
  const env = envOf('api-people', process.env);
  const stage = readStage();
  return peopleApi({ world: peopleWorld(env, stage), seal: liveSeal(env.SESSION_KEY_ID), stage, signIn: createSignIn(stage) });
});
