import * as z from 'zod';
import { type AuditEvent, envelope } from '../audit/event.ts';
import { announcedKinds } from '../audit/events/environment.ts';
import { deviationSchema, itemSchema } from '../checklist/definition.ts';
import { digestSchema, instantSchema, judgedSchema } from '../fields.ts';
import { runSummarySchema as runSummary } from '../ports.ts';
import { environmentViewSchema as environmentView } from '../query/environment-view.ts';
import { metricsSchema as metrics } from '../query/metrics.ts';
import { definitionDiffSchema, profileViewSchema as profileView } from '../query/profile-view.ts';
import { standingViewSchema as standingView } from '../query/standing-view.ts';
import { freezeViewSchema, runViewSchema as runView, wordsSchema } from '../query/view.ts';
import { problemSchema } from './problem.ts';

/**
 * What the API answers, as schemas: the OpenAPI document shows them and clients parse with them. Published shapes only grow, so
 * they are open objects: a client of today can read the answers of tomorrow.
 */
export const runViewSchema = runView
  .extend({
    people: z
      .array(z.object({ id: z.string(), name: z.string() }))
      .default([])
      .meta({ description: 'Names of the people whom the view names by id; empty for a CI job, whose log others may read.' }),
  })
  .meta({ id: 'Run', description: 'A run as it stands, folded from its audit events.' });

export const runWordsSchema = wordsSchema.meta({ id: 'Words', description: 'A text that a person wrote, and what it takes to check it.' });

export const evidenceAddressSchema = z
  .object({
    digest: digestSchema.meta({ description: 'sha256 of the bytes.' }),
    bytes: z.int(),
    evidence: z.string().meta({ description: 'The type of evidence.' }),
    event: z.string().meta({ description: 'Id of the event that names it.' }),
    url: z.string().meta({ description: 'The bytes, by GET without any header.' }),
    until: instantSchema.meta({ description: 'Until when the address is good.' }),
  })
  .meta({ id: 'EvidenceAddress', description: 'Where evidence can be read as it was kept.' });

export const runSummarySchema = runSummary
  .extend({ gateTitle: z.string().exactOptional().meta({ description: 'The title of the gate, for people.' }) })
  .meta({ id: 'RunSummary' });

const next = z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one.' });

export const runListSchema = z.object({ runs: z.array(runSummarySchema), next });

export const metricsSchema = metrics.meta({ id: 'Metrics', description: 'Figures about releases, derived from the list of runs.' });

export const runStartedSchema = z.object({
  run: z.string(),
  startedAt: instantSchema,
  gate: z.string(),
  definition: digestSchema,
  freezes: z.array(freezeViewSchema).readonly().default([]).meta({
    description: 'What is frozen at the planned T0, or now for `when-released`. The run starts; T0 does not come before it ends.',
  }),
});

const event = z.string().meta({ description: 'Id of the audit event.' });
const alreadyRecorded = z.boolean().meta({ description: 'True when it was recorded before: nothing new was recorded.' });

export const evidenceRecordedSchema = z.object({
  event,
  digest: digestSchema.meta({ description: 'sha256 of the bytes that were received.' }),
  judged: z.array(judgedSchema).readonly(),
  notCounted: z
    .array(z.object({ check: z.string(), why: z.string() }))
    .readonly()
    .meta({ description: 'Checks for which the report does not count, and why.' }),
  unused: z
    .string()
    .nullable()
    .meta({ description: 'Set when the report serves no check: what the checks of this evidence type would need.' }),
  alreadyRecorded,
});
export const uploadRequestedSchema = z.object({
  upload: z.string(),
  url: z.string().meta({ description: 'Where the bytes go, by PUT. Everybody who has it can upload this one report.' }),
  headers: z.record(z.string(), z.string()).meta({ description: 'Headers of the PUT, exactly these: they are signed.' }),
  expires: z.string().meta({ description: 'Until when the address is good.' }),
  status: z.string().meta({ description: 'Path that tells what became of the upload.' }),
});
export const uploadStateSchema = z.object({
  upload: z.string(),
  state: z.enum(['waiting', 'recorded', 'refused']),
  expires: z.string().optional().meta({ description: 'While it waits: until when the bytes can be put to the address.' }),
  recorded: evidenceRecordedSchema.optional().meta({ description: 'What the evidence route would have answered.' }),
  problem: problemSchema.optional().meta({ description: 'Why it was refused.' }),
});
const standingState = z.enum(['counts', 'waits', 'rejected', 'withdrawn']).meta({
  description: 'counts: in every run from now on. waits: for a second person. withdrawn: it was sent before, and a person took it back.',
});
const confirmedBy = z
  .array(z.string())
  .readonly()
  .meta({ description: 'The roles of which one must confirm it; empty where nobody has to.' });
export const evidenceGivenSchema = z.object({
  event,
  digest: digestSchema.meta({ description: 'sha256 of the bytes that were received.' }),
  state: standingState,
  until: z.string().meta({ description: 'Until when it counts, for the check that takes it longest.' }),
  judged: evidenceRecordedSchema.shape.judged,
  confirmedBy,
  alreadyRecorded,
});
export const attestationGivenSchema = z.object({ event, check: z.string(), state: standingState, confirmedBy, alreadyRecorded });
export const evidenceDecidedSchema = z.object({
  event,
  evidence: z.string().meta({ description: 'Id of the event of the evidence.' }),
  decision: z.enum(['confirmed', 'rejected']),
  alreadyRecorded,
});
export const evidenceWithdrawnSchema = z.object({
  event,
  evidence: z.string().meta({ description: 'Id of the event of the evidence.' }),
  alreadyRecorded,
});
export const standingViewSchema = standingView
  .extend({ people: runViewSchema.shape.people })
  .meta({ id: 'StandingEvidence', description: 'The standing evidence of a service, folded from its audit events.' });
export const checkRecordedSchema = z.object({ event, check: z.string(), verdict: z.string(), reason: z.string(), alreadyRecorded });
export const deploymentRecordedSchema = z.object({ event, state: z.string(), component: z.string(), alreadyRecorded });
export const observationRecordedSchema = z.object({
  event,
  observation: z.string(),
  notCounted: z
    .array(z.object({ check: z.string(), why: z.string() }))
    .meta({ description: 'Checks of observations for which it does not count, and why.' }),
  alreadyRecorded,
});
export const targetNamedSchema = z.object({
  event,
  state: z.enum(['proposed', 'adopted']),
  needs: z
    .string()
    .nullable()
    .meta({ description: 'The role in which another person must send the same; null once the target is adopted.' }),
  alreadyRecorded,
});
const needs = z.string().nullable().meta({ description: 'Who has still to approve it; null where nobody has.' });
export const profileProposedSchema = z.object({
  event: z.string().nullable().meta({ description: 'Id of the audit event; null in a dry run, which records nothing.' }),
  profile: digestSchema.meta({ description: 'Digest of the profile: what people approve and a run can name.' }),
  definition: digestSchema.meta({ description: 'Digest of the definition that it gives.' }),
  base: digestSchema.meta({ description: 'Digest of the checklist to which it was applied.' }),
  state: z.enum(['checked', 'proposed', 'in-force']),
  needs,
  /** From what is in force, or from the bare checklist. */
  diff: definitionDiffSchema,
  alreadyRecorded,
});
export const profileAnsweredSchema = z.object({
  event,
  profile: digestSchema,
  definition: digestSchema,
  answer: z.string(),
  state: z.enum(['proposed', 'in-force', 'rejected']),
  needs,
  alreadyRecorded,
});
export const profileViewSchema = profileView
  .extend({ people: runViewSchema.shape.people })
  .meta({ id: 'ServiceProfile', description: 'What is registered for a service, folded from its audit events.' });
export const environmentFreedSchema = z.object({ event, run: z.string().meta({ description: 'The run that held it.' }), alreadyRecorded });
export const changeExplainedSchema = z.object({ event, change: z.string(), alreadyRecorded });
export const workAnnouncedSchema = z.object({
  event,
  kind: z.enum(announcedKinds),
  subject: z.string(),
  from: z.string(),
  until: z.string(),
  alreadyRecorded,
});
export const environmentViewSchema = environmentView
  .extend({ people: runViewSchema.shape.people })
  .meta({ id: 'Environment', description: 'An environment of a service as it stands, folded from its audit events.' });
export const runDecidedSchema = z.object({ event, alreadyRecorded, gate: z.string() });
export const rescheduledSchema = z.object({ event, alreadyRecorded, plannedT0: z.string() });
export const freezeOverrideRecordedSchema = z.object({
  event,
  alreadyRecorded,
  freeze: z.string(),
  state: z
    .enum(['requested', 'approved'])
    .meta({ description: 'requested: it counts once a second person has sent the same. approved: the freeze does not hold this run.' }),
});

export const rollbackDecidedSchema = z.object({ event, decision: z.string(), alreadyRecorded });
export const stepRecordedSchema = z.object({ event, step: z.string(), answer: z.string(), alreadyRecorded });
export const followUpAnsweredSchema = z.object({ event, followUp: z.string(), answer: z.string(), alreadyRecorded });
export const dataDecidedSchema = z.object({ event, choice: z.string(), alreadyRecorded });

/** The schema of `data` depends on the type. */
export const auditEventSchema = z
  .object({
    ...envelope,
    actor: z.object(envelope.actor.shape),
    type: z.string(),
    data: z.record(z.string(), z.unknown()),
    hash: digestSchema.meta({ description: 'sha256 of the canonical bytes of the other members.' }),
  })
  .meta({ id: 'AuditEvent', description: 'An immutable event. People appear as random ids only.' });
export type AnsweredEvent = AuditEvent & { readonly hash: string };

export const eventListSchema = z.object({
  events: z.array(auditEventSchema),
  next,
  searched: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .meta({ description: 'Of a search in a service: the runs that were read for this page, newest first.' }),
  actor: z
    .object({
      id: z.string(),
      known: z.boolean().meta({ description: 'Whether the roster has this person, or an event that was searched is by this identity.' }),
    })
    .readonly()
    .exactOptional()
    .meta({ description: 'Of a search by actor: whose events were searched.' }),
});

export const checklistSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    digest: digestSchema,
    gates: z.array(z.object({ id: z.string(), title: z.string() })).readonly(),
    items: z
      .array(
        z.object({
          ...itemSchema.omit({ rule: true }).shape,
          rule: z
            .looseObject({ kind: z.string() })
            .nullable()
            .meta({ description: 'How the check is judged: the kind of rule and its thresholds; null where a person declares it.' }),
          evidence: z.array(z.string()).readonly(),
        }),
      )
      .readonly(),
    deviations: z.array(z.object(deviationSchema.shape)).readonly(),
  })
  .meta({ id: 'Checklist', description: 'The current definition, item by item in the order of the document, with thresholds and proofs.' });
