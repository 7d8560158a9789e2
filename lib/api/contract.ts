import * as z from 'zod';
import { eventTypes } from '../audit/event.ts';
import {
  attestSchema,
  cancelSchema,
  deploymentSchema,
  evidenceParametersSchema,
  incidentSchema,
  labelSchema,
  notApplicableSchema,
  observationSchema,
  rollbackSchema,
  startRunSchema,
  waiveSchema,
} from '../run/inputs.ts';
import {
  checklistSchema,
  deploymentRecordedSchema,
  eventListSchema,
  evidenceRecordedSchema,
  lineRecordedSchema,
  observationRecordedSchema,
  runListSchema,
  runStartedSchema,
  runViewSchema,
  stoppedSchema,
} from './answers.ts';
import { operation } from './operation.ts';

/** The API's own limits. A larger report is refused with this figure; uploads past it come later. */
export const maxEvidenceBytes = 4 * 1024 * 1024;
export const maxJsonBytes = 64 * 1024;
export const pageLimits = { default: 100, max: 500 } as const;

const none = z.strictObject({});
const noBody = { kind: 'none' } as const;
const runParam = z
  .string()
  .regex(/^[0-9A-Za-z-]{1,80}$/, 'a run id: letters, digits and hyphens')
  .meta({ description: 'Id of the run.' });
const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens')
  .max(100);
const inRun = z.strictObject({ run: runParam });
const ofCheck = z.strictObject({ run: runParam, check: slug.meta({ description: 'Id of a line of the checklist.' }) });
const name = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/, 'letters, digits, dot, underscore and hyphen, 64 characters at most');
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
const page = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(pageLimits.max)
    .default(pageLimits.default)
    .meta({ description: `Items a page, ${pageLimits.max} at most.` }),
  cursor: z.string().max(2000).optional().meta({ description: 'From `next` of the page before; opaque and signed.' }),
};
const json = <S extends z.ZodType>(schema: S) => ({ kind: 'json', schema }) as const;
const recorded = <S extends z.ZodType>(schema: S) =>
  ({ status: 201, description: 'Recorded. The same Idempotency-Key and body give this answer again.', schema }) as const;

const starting = {
  startRun: operation({
    id: 'startRun',
    method: 'POST',
    path: '/v1/runs',
    who: 'ci',
    summary: 'Start a run',
    description:
      'Starts one walk of the current checklist for one release. The starter is the person behind the CI job, who may not sign; one token starts one run.',
    params: none,
    query: none,
    body: json(startRunSchema),
    answer: { status: 201, description: 'The run has started and its first gate opens.', schema: runStartedSchema },
    refusals: ['starter-unmapped', 'token-spent', 'role-missing'],
  }),
  recordEvidence: operation({
    id: 'recordEvidence',
    method: 'PUT',
    path: '/v1/runs/{run}/evidence/{type}',
    who: 'ci',
    summary: 'Send a report as evidence',
    description:
      'The body is the report itself, as its tool wrote it, 4 MB at most. It is stored by digest, bound to commit and artifact, and judged for every line that it serves.',
    params: z.strictObject({ run: runParam, type: z.string().max(64).meta({ description: 'Evidence type, such as junit or sarif.' }) }),
    query: evidenceParametersSchema,
    body: { kind: 'raw', maxBytes: maxEvidenceBytes },
    answer: {
      status: 201,
      description: 'Recorded and judged. The same report of the same producer, run and attempt is the same event.',
      schema: evidenceRecordedSchema,
    },
    refusals: [
      'run-unknown',
      'run-ended',
      'role-missing',
      'evidence-type-unknown',
      'evidence-unreadable',
      'commit-mismatch',
      'artifact-mismatch',
      'component-unknown',
      'evidence-time',
      'content-type',
      'body-too-large',
    ],
  }),
  reportDeployment: operation({
    id: 'reportDeployment',
    method: 'POST',
    path: '/v1/runs/{run}/deployments',
    who: 'ci',
    summary: 'Report a deployment',
    description: 'Says that a component has started, finished or failed to deploy, with the digest that is deployed.',
    params: inRun,
    query: none,
    body: json(deploymentSchema),
    answer: recorded(deploymentRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'role-missing', 'component-unknown', 'artifact-mismatch', 'deployment-order'],
  }),
};

const deciding = {
  attest: operation({
    id: 'attest',
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/attestations',
    who: 'person',
    summary: 'Attest a line',
    description: 'A person of the role that the line names says in their own words why it holds.',
    params: ofCheck,
    query: none,
    body: json(attestSchema),
    answer: recorded(lineRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'line-unknown', 'line-not-provable-so', 'role-missing'],
  }),
  waive: operation({
    id: 'waive',
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/waivers',
    who: 'person',
    summary: 'Waive a line',
    description:
      "An accepted exception to one line until an instant, with its reason, by the line's owner; never by the starter of the run.",
    params: ofCheck,
    query: none,
    body: json(waiveSchema),
    answer: recorded(lineRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'line-unknown', 'waiver-not-allowed', 'role-missing', 'starter-excluded'],
  }),
  declareNotApplicable: operation({
    id: 'declareNotApplicable',
    method: 'POST',
    path: '/v1/runs/{run}/checks/{check}/not-applicable',
    who: 'person',
    summary: 'Declare a line not applicable',
    description: 'For lines that the document itself makes optional, with the reason, by the owner of the line.',
    params: ofCheck,
    query: none,
    body: json(notApplicableSchema),
    answer: recorded(lineRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'line-unknown', 'not-applicable-not-allowed', 'role-missing', 'starter-excluded'],
  }),
  observe: operation({
    id: 'observe',
    method: 'POST',
    path: '/v1/runs/{run}/observations',
    who: 'reader',
    summary: 'Record an observation',
    description: 'Something that was seen on the released service. A bad one holds the reviews until it is labelled or explained.',
    params: inRun,
    query: none,
    body: json(observationSchema),
    answer: recorded(observationRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'role-missing'],
  }),
  labelObservation: operation({
    id: 'labelObservation',
    method: 'POST',
    path: '/v1/runs/{run}/observations/{observation}/label',
    who: 'person',
    summary: 'Label an observation',
    description: 'Says whether an alarm was true or false, or explains what was seen.',
    params: z.strictObject({ run: runParam, observation: z.string().min(1).max(200) }),
    query: none,
    body: json(labelSchema),
    answer: recorded(observationRecordedSchema),
    refusals: ['run-unknown', 'run-ended', 'observation-unknown', 'role-missing'],
  }),
  triggerRollback: operation({
    id: 'triggerRollback',
    method: 'POST',
    path: '/v1/runs/{run}/rollback',
    who: 'person',
    summary: 'Trigger the rollback',
    description: 'Records a rollback trigger of the checklist. It is refused while nothing is deployed.',
    params: inRun,
    query: none,
    body: json(rollbackSchema),
    answer: recorded(stoppedSchema),
    refusals: ['run-unknown', 'run-ended', 'line-unknown', 'rollback-before-deployment', 'role-missing'],
  }),
  cancelRun: operation({
    id: 'cancelRun',
    method: 'POST',
    path: '/v1/runs/{run}/cancel',
    who: 'person',
    summary: 'Cancel a run',
    description: 'Ends a run before its deployment. Once the deployment has started only a rollback takes it back.',
    params: inRun,
    query: none,
    body: json(cancelSchema),
    answer: recorded(stoppedSchema),
    refusals: ['run-unknown', 'run-ended', 'cancel-after-deployment', 'role-missing'],
  }),
  decideIncident: operation({
    id: 'decideIncident',
    method: 'POST',
    path: '/v1/runs/{run}/incident',
    who: 'person',
    summary: 'Decide an incident',
    description: 'Resumes the run at the gate that was interrupted, or ends it.',
    params: inRun,
    query: none,
    body: json(incidentSchema),
    answer: recorded(stoppedSchema),
    refusals: ['run-unknown', 'run-ended', 'incident-not-open', 'incident-resume-limit', 'role-missing'],
  }),
};

const eventFilter = {
  type: z
    .enum(eventTypes as [string, ...string[]])
    .optional()
    .meta({ description: 'Type of event.' }),
  lane: z.string().max(200).optional().meta({ description: 'A lane, or the beginning of lane names when it ends with a slash.' }),
  actor: z.string().max(100).optional().meta({ description: 'Id of the actor.' }),
  check: slug.optional().meta({ description: 'Id of a line of the checklist.' }),
  outcome: z.string().max(40).optional().meta({ description: 'A verdict, an answer, or the outcome of a gate or run.' }),
  from: instant.optional().meta({ description: 'Not before this instant.' }),
  to: instant.optional().meta({ description: 'Before this instant.' }),
  ...page,
};

const reading = {
  listRuns: operation({
    id: 'listRuns',
    method: 'GET',
    path: '/v1/runs',
    who: 'reader',
    summary: 'List runs',
    description: 'Newest first. A pipeline sees the runs of its own services.',
    params: none,
    query: z.strictObject({ service: name.optional(), environment: name.optional(), ...page }),
    body: noBody,
    answer: { status: 200, description: 'One page of runs.', schema: runListSchema },
    refusals: ['cursor-invalid', 'role-missing'],
  }),
  readRun: operation({
    id: 'readRun',
    method: 'GET',
    path: '/v1/runs/{run}',
    who: 'reader',
    summary: 'Read a run',
    description:
      'The run as it stands, folded from its audit events: gates, lines with verdict, reason and basis, approvals, deployments, observations.',
    params: inRun,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The run.', schema: runViewSchema },
    refusals: ['run-unknown', 'role-missing'],
  }),
  listRunEvents: operation({
    id: 'listRunEvents',
    method: 'GET',
    path: '/v1/runs/{run}/audit/events',
    who: 'reader',
    summary: "List a run's audit events",
    description: 'In the order in which they happened, with filters and pages.',
    params: inRun,
    query: z.strictObject(eventFilter),
    body: noBody,
    answer: { status: 200, description: 'One page of events.', schema: eventListSchema },
    refusals: ['run-unknown', 'cursor-invalid', 'role-missing'],
  }),
  listEvents: operation({
    id: 'listEvents',
    method: 'GET',
    path: '/v1/audit/events',
    who: 'reader',
    summary: 'List audit events',
    description: "The same as a run's own list, with the run as a filter.",
    params: none,
    query: z.strictObject({ run: runParam, ...eventFilter }),
    body: noBody,
    answer: { status: 200, description: 'One page of events.', schema: eventListSchema },
    refusals: ['run-unknown', 'cursor-invalid', 'role-missing'],
  }),
  readChecklist: operation({
    id: 'readChecklist',
    method: 'GET',
    path: '/v1/checklist',
    who: 'reader',
    summary: 'Read the checklist',
    description: 'The current definition: version, digest and every line in the order of the document.',
    params: none,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The checklist.', schema: checklistSchema },
    refusals: [],
  }),
  readOpenApi: operation({
    id: 'readOpenApi',
    method: 'GET',
    path: '/v1/openapi.json',
    who: 'reader',
    summary: 'Read this document',
    description: 'OpenAPI 3.1, generated from the schemas that check the requests.',
    params: none,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The OpenAPI document.', schema: z.looseObject({ openapi: z.string() }) },
    refusals: [],
  }),
};

/** Operations that answer JSON. Every POST of them needs an Idempotency-Key. */
export const operations = { ...starting, ...deciding, ...reading };
