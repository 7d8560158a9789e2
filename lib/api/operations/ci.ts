import * as z from 'zod';
import { deploymentSchema, evidenceParametersSchema, startRunSchema, uploadSchema } from '../../run/commands/inputs.ts';
import { operation } from '../operation.ts';
import { inRun, json, maxEvidenceBytes, noBody, none, recorded, runParam } from '../parameters.ts';
import {
  deploymentRecordedSchema,
  evidenceRecordedSchema,
  runStartedSchema,
  uploadRequestedSchema,
  uploadStateSchema,
} from '../responses.ts';

const evidenceRefusals = [
  'run-unknown',
  'run-ended',
  'role-missing',
  'evidence-type-unknown',
  'check-proved-otherwise',
  'evidence-unreadable',
  'commit-mismatch',
  'artifact-mismatch',
  'component-unknown',
  'evidence-time',
  'limit-reached',
  'content-type',
  'body-too-large',
] as const;

/** What CI jobs call. */
export const ciOperations = {
  startRun: operation({
    method: 'POST',
    path: '/v1/runs',
    function: 'ci',
    who: 'ci',
    summary: 'Start a run',
    description:
      'Starts a run of the current checklist for one release. The person who started the CI job is the starter of the run and may not sign it off. One token starts one run.',
    params: none,
    query: none,
    body: json(startRunSchema),
    answer: { status: 201, description: 'The run has started and its first gate is opening.', schema: runStartedSchema },
    refusals: [
      'drill-not-allowed',
      'starter-unmapped',
      'signers-too-few',
      'token-spent',
      'environment-unknown',
      'planned-t0',
      'role-missing',
    ],
  }),
  recordEvidence: operation({
    method: 'PUT',
    path: '/v1/runs/{run}/evidence/{type}',
    function: 'ci',
    who: 'ci',
    summary: 'Send a report as evidence',
    description:
      'The body is the report as its tool wrote it, 4 MB at most; larger ones are uploaded. Holdpoint stores it under its digest (without the secrets that it quotes, where its type quotes some), binds it to commit and artifact, and judges every check that uses this evidence type.',
    params: z.strictObject({ run: runParam, type: z.string().max(64).meta({ description: 'Evidence type, such as junit or sarif.' }) }),
    query: evidenceParametersSchema,
    body: { kind: 'raw', maxBytes: maxEvidenceBytes },
    answer: {
      status: 201,
      description:
        'Recorded and judged. The same bytes with the same source, component, producerRun, producerAttempt and madeAt return the same event.',
      schema: evidenceRecordedSchema,
    },
    refusals: evidenceRefusals,
  }),
  recordRecognisedEvidence: operation({
    method: 'PUT',
    path: '/v1/runs/{run}/evidence',
    function: 'ci',
    who: 'ci',
    summary: 'Send a report as evidence and let its content tell the type',
    description:
      'As the route with a type. A report whose content shows no evidence type, or several, is refused with the types; name one of them in the path.',
    params: inRun,
    query: evidenceParametersSchema,
    body: { kind: 'raw', maxBytes: maxEvidenceBytes },
    answer: {
      status: 201,
      description: 'Recorded and judged, as by the route with a type.',
      schema: evidenceRecordedSchema,
    },
    refusals: ['evidence-type-ambiguous', ...evidenceRefusals],
  }),
  requestUpload: operation({
    method: 'POST',
    path: '/v1/runs/{run}/uploads',
    function: 'ci',
    who: 'ci',
    summary: 'Ask for an address to upload a large report',
    description:
      'For reports over 4 MB. PUT the report to `url` with exactly these `headers`: the address takes bytes of the announced length and digest, and no others. Then ask `status` until the report is recorded or refused. Nothing is recorded of an upload whose bytes never come. `holdpoint evidence` does all of this by itself.',
    params: inRun,
    query: none,
    body: json(uploadSchema),
    answer: { status: 201, description: 'The address, which is good for 15 minutes.', schema: uploadRequestedSchema },
    refusals: [
      'run-unknown',
      'run-ended',
      'role-missing',
      'evidence-type-unknown',
      'check-proved-otherwise',
      'commit-mismatch',
      'artifact-mismatch',
      'component-unknown',
      'evidence-time',
      'limit-reached',
      'body-too-large',
    ],
  }),
  readUpload: operation({
    method: 'GET',
    path: '/v1/runs/{run}/uploads/{upload}',
    function: 'ci',
    who: 'ci',
    summary: 'Ask what became of an upload',
    description:
      'Waiting, recorded with the answer of the evidence route, or refused with the problem. Known for 35 days, to the CI identity that asked for it.',
    params: z.strictObject({
      run: runParam,
      upload: z
        .string()
        .regex(/^[0-9a-f]{32}$/, 'the id of an upload: 32 hex digits')
        .meta({ description: 'Id of the upload.' }),
    }),
    query: none,
    body: noBody,
    answer: { status: 200, description: 'Where the upload stands.', schema: uploadStateSchema },
    // The second one, and those of the evidence route, come as `problem` of an upload that was refused.
    refusals: ['upload-unknown', 'upload-mismatch', 'role-missing'],
  }),
  reportDeployment: operation({
    method: 'POST',
    path: '/v1/runs/{run}/deployments',
    function: 'ci',
    who: 'ci',
    summary: 'Report a deployment',
    description: 'Reports that the deployment of a component has started, finished or failed, with the digest that is deployed.',
    params: inRun,
    query: none,
    body: json(deploymentSchema),
    answer: recorded(deploymentRecordedSchema),
    refusals: [
      'run-unknown',
      'run-ended',
      'role-missing',
      'component-unknown',
      'artifact-mismatch',
      'environment-mismatch',
      'deployment-order',
    ],
  }),
};
