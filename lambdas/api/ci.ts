import { type Api, createApi } from '../../lib/api/mount.ts';
import { serve } from '../../lib/api/serve.ts';
import type { Dependencies } from '../../lib/ports.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { wrongContentType } from './content-type.ts';

export type CiDependencies = Pick<
  Dependencies,
  | 'clock'
  | 'random'
  | 'trail'
  | 'evidence'
  | 'people'
  | 'index'
  | 'due'
  | 'workflow'
  | 'reconciler'
  | 'idempotency'
  | 'quotas'
  | 'roster'
  | 'definitions'
  | 'stage'
>;

/** The operations for CI jobs: start runs, send reports, report deployments. */
export const ciApi = (deps: CiDependencies): Api => {
  const api = createApi();
  serve(api, 'ci', deps, {
    startRun: ({ body, caller }) => startRun(deps, body, caller),
    recordEvidence: async ({ params, query, body, caller }) => {
      const no = wrongContentType(params.type, body.contentType);
      return no === undefined ? recordEvidence(deps, { ...query, ...params, ...body }, caller) : { refused: no };
    },
    // Of a type that nobody named, nobody named the media type either.
    recordRecognisedEvidence: ({ params, query, body, caller }) =>
      recordEvidence(deps, { ...query, ...params, ...body, contentType: 'application/octet-stream' }, caller),
    reportDeployment: ({ params, body, caller }) => reportDeployment(deps, { ...params, ...body }, caller),
  });
  return api;
};
