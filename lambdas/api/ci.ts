import { type Api, createApi } from '../../lib/api/mount.ts';
import { problemOf, shown } from '../../lib/api/problem.ts';
import { serve } from '../../lib/api/serve.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { Dependencies } from '../../lib/ports.ts';
import { isEvidenceType, typeFacts } from '../../lib/registry/evidence-types.ts';
import { giveEvidence } from '../../lib/run/commands/give-evidence.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { requestUpload } from '../../lib/run/commands/request-upload.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { readUpload } from '../../lib/run/commands/take-upload.ts';
import type { Intake, Uploads } from '../../lib/uploads.ts';

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
> & { readonly intake: Intake; readonly uploads: Uploads };

/** The operations for CI jobs: start runs, send and upload reports, report deployments. People give reports about a service here, too: few functions parse. */
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
    requestUpload: async ({ params, body, caller, request }) => {
      const { ok, refused } = await requestUpload(deps, { ...params, ...body, request }, caller);
      if (ok === undefined) return { refused };
      const { upload, address, expires } = ok;
      return { ok: { upload, ...address, expires, status: `/v1/runs/${params.run}/uploads/${upload}` } };
    },
    readUpload: async ({ params, caller }) => {
      const { ok, refused } = await readUpload(deps, params, caller);
      if (ok === undefined) return { refused };
      return { ok: ok.state === 'refused' ? { upload: ok.upload, state: ok.state, problem: problemOf(ok.refused, ok.upload) } : ok };
    },
    giveEvidence: async ({ params, query, body, caller }) => {
      const no = wrongContentType(params.type, body.contentType);
      return no === undefined ? giveEvidence(deps, { ...query, ...params, ...body }, caller) : { refused: no };
    },
    giveRecognisedEvidence: ({ params, query, body, caller }) =>
      giveEvidence(deps, { ...query, ...params, ...body, contentType: 'application/octet-stream' }, caller),
    reportDeployment: ({ params, body, caller }) => reportDeployment(deps, { ...params, ...body }, caller),
  });
  return api;
};

/** Checks the type's own media types. The command refuses unknown types and reports over the limit, because it records the refusal. */
const wrongContentType = (type: string, contentType: string): Refusal | undefined => {
  if (!isEvidenceType(type) || contentType === 'application/octet-stream') return undefined;
  const accepted = typeFacts[type].mediaTypes;
  if (accepted.includes(contentType)) return undefined;
  return refuse('content-type', `A report of type ${type} cannot have this content type.`, {
    got: shown(contentType),
    expected: `${accepted.join(' or ')}, or application/octet-stream`,
    fix: 'Send the report with one of these content types.',
  }).refused;
};
