import * as z from 'zod';
import { nameSchema as name } from '../../fields.ts';
import { operation } from '../operation.ts';
import { eventFilter, inRun, noBody, none, page, runParam } from '../parameters.ts';
import { checklistSchema, eventListSchema, runListSchema, runViewSchema } from '../responses.ts';

/** What only reads. */
export const auditOperations = {
  listRuns: operation({
    method: 'GET',
    path: '/v1/runs',
    function: 'audit',
    who: 'any-caller',
    summary: 'List runs',
    description: 'Newest first. A CI job sees the runs of its own services only.',
    params: none,
    query: z.strictObject({ service: name.optional(), environment: name.optional(), ...page }),
    body: noBody,
    answer: { status: 200, description: 'One page of runs.', schema: runListSchema },
    refusals: ['cursor-invalid', 'role-missing'],
  }),
  readRun: operation({
    method: 'GET',
    path: '/v1/runs/{run}',
    function: 'audit',
    who: 'any-caller',
    summary: 'Read a run',
    description:
      'The current state of the run, computed from its audit events: gates, checks with verdict, reason and basis, approvals, deployments, observations.',
    params: inRun,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The run.', schema: runViewSchema },
    refusals: ['run-unknown', 'role-missing'],
  }),
  listRunEvents: operation({
    method: 'GET',
    path: '/v1/runs/{run}/audit/events',
    function: 'audit',
    who: 'any-caller',
    summary: "List a run's audit events",
    description:
      'In the order in which they happened, with filters and paging. Each request reads all events of the run, also for a filtered page.',
    params: inRun,
    query: z.strictObject(eventFilter),
    body: noBody,
    answer: { status: 200, description: 'One page of events.', schema: eventListSchema },
    refusals: ['run-unknown', 'cursor-invalid', 'role-missing'],
  }),
  listEvents: operation({
    method: 'GET',
    path: '/v1/audit/events',
    function: 'audit',
    who: 'any-caller',
    summary: 'List audit events',
    description: 'The same list as GET /v1/runs/{run}/audit/events, with the run as a query parameter.',
    params: none,
    query: z.strictObject({ run: runParam, ...eventFilter }),
    body: noBody,
    answer: { status: 200, description: 'One page of events.', schema: eventListSchema },
    refusals: ['run-unknown', 'cursor-invalid', 'role-missing'],
  }),
  readChecklist: operation({
    method: 'GET',
    path: '/v1/checklist',
    function: 'audit',
    who: 'any-caller',
    summary: 'Read the checklist',
    description: 'The current definition: version, digest and every check, in the order of the document.',
    params: none,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The checklist.', schema: checklistSchema },
    refusals: [],
  }),
  readOpenApi: operation({
    method: 'GET',
    path: '/v1/openapi.json',
    function: 'audit',
    who: 'any-caller',
    summary: 'Read this document',
    description: 'OpenAPI 3.1, generated from the schemas that validate the requests.',
    params: none,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The OpenAPI document.', schema: z.looseObject({ openapi: z.string() }) },
    refusals: [],
  }),
};
