import { stageWith } from './adapters/stage-roster.ts';
import { peopleApi } from './api/people.ts';
import { createSignIn } from './api/sign-in.ts';
import { apiHandler } from './shell/api-handler.ts';
import { liveClientSecret, liveRememberedMac, readStage } from './shell/aws-clients.ts';
import { peopleDependencies } from './shell/composition.ts';
import { envOf } from './shell/env.ts';
import { liveRoster } from './shell/roster.ts';

const env = () => envOf('api-people', process.env);
const live = liveRoster('api-people', () => env().ROSTER_BUCKET);

export const handler = apiHandler(
  'api-people',
  () => {
    const stage = stageWith(readStage(), live.people);
    return peopleApi({
      deps: peopleDependencies(env(), { stage, roster: live.roster }),
      mac: liveRememberedMac(env().SESSION_KEY_ID),
      stage,
      signIn: createSignIn(stage, liveClientSecret),
    });
  },
  live.refresh,
);
