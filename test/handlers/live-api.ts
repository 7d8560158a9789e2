import { auditApi } from '../../lambdas/api/audit.ts';
import { createAuthorize } from '../../lambdas/api/authorize.ts';
import { ciApi } from '../../lambdas/api/ci.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { serveApis } from '../../lib/local/in-process.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { listeningLog } from './requests.ts';

/** The API's handlers with the real authorizer on a port of this machine, over doubles in memory. */
export const serveStage = (deps: FakeDependencies, stage: Stage, port: number) => {
  const mac = fakeMac();
  const log = listeningLog();
  return serveApis(
    {
      log,
      authorize: createAuthorize({ stage, mac: () => mac, clock: deps.clock }),
      apis: { ci: ciApi(deps), people: peopleApi({ deps, mac, stage, signIn: createSignIn(stage) }), audit: auditApi({ deps, mac }) },
    },
    port,
  );
};
