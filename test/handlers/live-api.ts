import { auditApi } from '../../lambdas/api/audit.ts';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import { ciApi } from '../../lambdas/api/ci.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { serveApis } from './in-process.ts';
import { listeningLog } from './requests.ts';

/**
 * The API's handlers with the real authorizer on a port of this machine, over doubles in memory. `before`: what happens before each request,
 * such as the work of the state machine.
 */
export const serveStage = (deps: FakeDependencies, stage: Stage, port: number, before: () => Promise<void> = async () => {}) => {
  const mac = fakeMac();
  const authorize = createAuthorize({ stage, mac: () => mac, clock: deps.clock, sessions: () => deps.sessions });
  return serveApis(
    {
      log: listeningLog(),
      authorize: async (asked) => {
        await before();
        return authorize(asked);
      },
      apis: { ci: ciApi(deps), people: peopleApi({ deps, mac, stage, signIn: createSignIn(stage) }), audit: auditApi({ deps, mac }) },
    },
    port,
  );
};
