import * as z from 'zod';
import { type AuditEvent, artifactSchema, digestSchema, instantSchema, settledSchema } from '../audit/event.ts';
import { deviationSchema, gateIdSchema, itemKinds } from '../checklist/definition.ts';
import { bases, verdicts } from '../evaluation/verdict.ts';
import type { RunSummary } from '../ports.ts';
import type { Finding, GateView, RunView } from '../query/view.ts';
import { roleSchema } from '../roles.ts';

/**
 * What the API answers, as schemas: the OpenAPI document shows them and clients parse with them. Published shapes only grow, so
 * they are open objects: a client of today reads the answers of tomorrow.
 */
const verdictSchema = z.enum(verdicts);

const findingSchema = z.object({
  check: z.string(),
  kind: z.string(),
  source: z.enum(['document', 'holdpoint']),
  title: z.string(),
  words: z.string(),
  owner: z.string(),
  proof: z.string(),
  mode: z.enum(['required', 'observe']),
  verdict: verdictSchema,
  reason: z.string(),
  basis: z.enum(bases).nullable(),
  attempt: z.number(),
  goodUntil: z.string().nullable(),
  facts: z.string().nullable(),
  statement: z
    .object({ by: z.string(), digest: z.string() })
    .nullable()
    .meta({ description: 'Whose words stand behind the finding, and their salted digest.' }),
  subjects: z.array(z.object({ subject: z.string(), verdict: verdictSchema, reason: z.string(), attempt: z.number(), at: z.string() })),
}) satisfies z.ZodType<Finding>;

const gateViewSchema = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['ahead', 'waiting', 'blocked', 'settled']),
  outcome: settledSchema.nullable(),
  openedAt: z.string().nullable(),
  settledAt: z.string().nullable(),
  due: z.string().nullable(),
  reasons: z.array(z.string()),
  checks: z.array(findingSchema),
  approvals: z.array(
    z.object({
      round: z.number(),
      role: z.string(),
      person: z.string(),
      answer: z.string().nullable(),
      at: z.string().nullable(),
      expires: z.string(),
      invalidated: z.boolean(),
    }),
  ),
  regressions: z.array(z.object({ check: z.string(), verdict: z.string(), at: z.string(), candidate: z.boolean() })),
}) satisfies z.ZodType<GateView>;

const checkCountsSchema = z.object({
  pass: z.number(),
  fail: z.number(),
  inconclusive: z.number(),
  missing: z.number(),
  error: z.number(),
  waived: z.number(),
  notApplicable: z.number(),
});

export const runViewSchema = z
  .object({
    run: z.string(),
    service: z.string(),
    environment: z.string(),
    version: z.string(),
    commit: z.string(),
    artifacts: z.array(artifactSchema),
    changes: z.array(z.string()),
    startedAt: z.string(),
    starter: z.string(),
    plannedT0: z.string(),
    definition: z.object({ name: z.string(), version: z.string(), digest: z.string() }),
    graph: z.string(),
    stage: z.string(),
    local: z.boolean(),
    waitScale: z.number(),
    outcome: z.string(),
    gate: z.string(),
    gates: z.array(gateViewSchema),
    deviations: z.array(deviationSchema),
    disclosures: z.array(z.string()),
    deployments: z.array(z.object({ state: z.string(), component: z.string(), digest: z.string(), at: z.string() })),
    observations: z.array(
      z.object({
        observation: z.string(),
        kind: z.string(),
        bad: z.boolean(),
        subject: z.string(),
        summary: z.string(),
        observedAt: z.string(),
        label: z.string().nullable(),
      }),
    ),
    checkCounts: checkCountsSchema,
    events: z.number(),
    closed: z.boolean(),
  })
  .meta({ id: 'Run', description: 'A run as it stands: a fold of its audit events.' }) satisfies z.ZodType<RunView>;

export const runSummarySchema = z
  .object({
    run: z.string(),
    service: z.string(),
    environment: z.string(),
    version: z.string(),
    commit: z.string(),
    startedAt: z.string(),
    definition: z.string(),
    gate: z.string(),
    outcome: z.string().nullable(),
    blocked: z.boolean().meta({ description: 'Something says no at the open gate.' }),
    asOf: z.string(),
  })
  .meta({ id: 'RunSummary' }) satisfies z.ZodType<Omit<RunSummary, 'parentHash'>>;

const next = z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one.' });

export const runListSchema = z.object({ runs: z.array(runSummarySchema), next });

export const runStartedSchema = z.object({ run: z.string(), startedAt: instantSchema, gate: z.string(), definition: digestSchema });

const event = z.string().meta({ description: 'Id of the audit event.' });
const known = z.boolean().meta({ description: 'True when it was recorded before: nothing new was recorded.' });

export const evidenceRecordedSchema = z.object({
  event,
  digest: digestSchema.meta({ description: 'sha256 of the bytes that were received.' }),
  judged: z.array(z.object({ check: z.string(), verdict: z.string(), reason: z.string(), attempt: z.number() })).readonly(),
  notCounted: z
    .array(z.object({ check: z.string(), why: z.string() }))
    .readonly()
    .meta({ description: 'Checks for which the report does not count, and why.' }),
  known,
});
export const checkRecordedSchema = z.object({ event, check: z.string(), verdict: z.string(), reason: z.string(), known });
export const deploymentRecordedSchema = z.object({ event, state: z.string(), component: z.string(), known });
export const observationRecordedSchema = z.object({ event, observation: z.string(), known });
export const runDecidedSchema = z.object({ event, known, gate: z.string() });

/** The envelope of an audit event; `data` is told by the type. */
export const auditEventSchema = z
  .object({
    v: z.literal(1),
    id: z.string(),
    scope: z.string(),
    lane: z.string(),
    seq: z.number(),
    prev: z.string(),
    type: z.string(),
    at: z.string(),
    actor: z.object({ kind: z.enum(['ci', 'person', 'system']), id: z.string() }),
    data: z.record(z.string(), z.unknown()),
    hash: digestSchema.meta({ description: 'sha256 of the canonical bytes of the other members.' }),
  })
  .meta({ id: 'AuditEvent', description: 'An immutable event. People appear as random ids only.' });
export type AnsweredEvent = AuditEvent & { readonly hash: string };

export const eventListSchema = z.object({ events: z.array(auditEventSchema), next });

export const checklistSchema = z
  .object({
    version: z.string(),
    digest: digestSchema,
    items: z.array(
      z.object({
        id: z.string(),
        kind: z.enum(itemKinds),
        phase: z.number().nullable(),
        group: z.string(),
        gate: gateIdSchema.nullable(),
        words: z.string(),
        title: z.string(),
        owner: roleSchema,
        evidence: z.array(z.string()),
        controls: z.array(z.string()),
        maxAgeSeconds: z.number().nullable(),
        source: z.enum(['document', 'holdpoint']),
        mode: z.enum(['required', 'observe']),
      }),
    ),
  })
  .meta({ id: 'Checklist', description: 'The current definition, item by item in the order of the document.' });
