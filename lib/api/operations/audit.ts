import * as z from 'zod';
import { digestSchema, nameSchema as name } from '../../fields.ts';
import { ownEventsSearched, runsSearched } from '../../query/search-events.ts';
import { operation } from '../operation.ts';
import { eventFilter, inRun, noBody, none, page, runParam, weeks } from '../parameters.ts';
import { checklistSchema, eventListSchema, metricsSchema, runListSchema, runViewSchema, runWordsSchema } from '../responses.ts';

/** So many published checklists, and so many rosters, are listed at most. */
export const mostOfInstallation = 500;

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
      'The current state of the run, computed from its audit events: gates, checks with verdict, reason and basis, approvals, deployments, observations. People who hold a role are also shown what people wrote, each text with its salt; CI jobs are not.',
    params: inRun,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The run.', schema: runViewSchema },
    refusals: ['run-unknown', 'role-missing'],
  }),
  readMetrics: operation({
    method: 'GET',
    path: '/v1/metrics',
    function: 'audit',
    who: 'any-caller',
    summary: 'Read figures about releases',
    description:
      'Deployment frequency, lead time, change failure rate and time to restore (DORA, dora.dev) for each service and environment, with the time until people decided and the time that each gate waited for them. Every figure says of how many releases it is. A CI job sees its own services only.',
    params: none,
    query: z.strictObject({ service: name.optional(), weeks }),
    body: noBody,
    answer: { status: 200, description: 'The figures.', schema: metricsSchema },
    refusals: ['role-missing'],
  }),
  readWords: operation({
    method: 'GET',
    path: '/v1/runs/{run}/words/{digest}',
    function: 'audit',
    who: 'person',
    summary: 'Read what a person wrote',
    description:
      'One text that a person wrote about the run, by the salted digest in the audit event, with the salt: sha256 of salt and text is the digest. An erased text is null.',
    params: z.strictObject({ run: runParam, digest: digestSchema }),
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The text, or that it was erased.', schema: runWordsSchema },
    refusals: ['run-unknown', 'words-unknown', 'role-missing'],
  }),
  listRunEvents: operation({
    method: 'GET',
    path: '/v1/runs/{run}/audit/events',
    function: 'audit',
    who: 'any-caller',
    summary: "List a run's audit events",
    description:
      'With filters and paging. Up to 2,000 events are in the order in which they happened; more are in order of lanes, and in a lane in the order in which they happened. A page may then hold fewer events than its limit, also none: only `next` says whether others follow. The lane filter makes a list short.',
    params: inRun,
    query: z.strictObject(eventFilter),
    body: noBody,
    answer: { status: 200, description: 'One page of events.', schema: eventListSchema },
    refusals: ['run-unknown', 'check-unknown', 'cursor-invalid', 'role-missing'],
  }),
  listEvents: operation({
    method: 'GET',
    path: '/v1/audit/events',
    function: 'audit',
    who: 'any-caller',
    summary: 'List audit events',
    description: `With \`run\` the same list as GET /v1/runs/{run}/audit/events. With \`service\` the events of the service and its environments (the newest ${ownEventsSearched} of each lane), then those of its runs, the newest run first: a page reads ${runsSearched} runs at most, and \`next\` leads to older ones.`,
    params: none,
    query: z.strictObject({
      run: runParam.optional(),
      service: name.optional().meta({ description: 'Search in the newest runs of this service. Either this or `run`.' }),
      ...eventFilter,
    }),
    body: noBody,
    answer: { status: 200, description: 'One page of events.', schema: eventListSchema },
    refusals: ['run-unknown', 'service-unknown', 'check-unknown', 'cursor-invalid', 'role-missing'],
  }),
  listInstallationEvents: operation({
    method: 'GET',
    path: '/v1/audit/installation',
    function: 'audit',
    who: 'any-caller',
    summary: 'List the audit events of the installation',
    description: `Which checklists and rosters were published, oldest first: the newest ${mostOfInstallation} of each. The first event of a run carries the hash of the \`definition.published\` event of its checklist, and that of a roster the hash of the definition that was current.`,
    params: none,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The events; `next` is always null.', schema: eventListSchema },
    refusals: [],
  }),
  readChecklist: operation({
    method: 'GET',
    path: '/v1/checklist',
    function: 'audit',
    who: 'any-caller',
    summary: 'Read the checklist',
    description:
      'A definition: version, digest and every check, in the order of the document. Without a digest the current one, else the one that was published under it.',
    params: none,
    query: z.strictObject({ digest: digestSchema.optional() }),
    body: noBody,
    answer: { status: 200, description: 'The checklist.', schema: checklistSchema },
    refusals: ['definition-unknown'],
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
