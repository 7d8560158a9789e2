import * as z from 'zod';
import { settledOutcomes } from '../audit/events/gate.ts';
import { type End, ends, startFields } from '../audit/events/run.ts';
import { deviationSchema } from '../checklist/definition.ts';
import { type Finding, findingSchema } from '../evaluation/finding.ts';
import { artifactSchema, type Immutable } from '../fields.ts';

export type { Finding };

/** Views are open objects: a client of today must be able to read the answers of tomorrow. */

/** `ahead`: not opened yet; `waiting`: only time or evidence is missing; `blocked`: something must be mended; the others: how it ended. */
export const gateStates = ['ahead', 'waiting', 'blocked', ...settledOutcomes] as const;

export const gateViewSchema = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(gateStates),
  openedAt: z.string().nullable(),
  settledAt: z
    .string()
    .nullable()
    .meta({ description: 'When the gate passed or ended otherwise; null while it is ahead, waiting or blocked.' }),
  due: z.string().nullable(),
  reasons: z.array(z.string()).meta({ description: 'Why it has not passed, most important first.' }),
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
});
export type GateView = Immutable<z.infer<typeof gateViewSchema>>;

/** `running` and `blocked` are of a run that has not ended. */
export type RunOutcome = 'running' | 'blocked' | End;

export const runViewSchema = z.object({
  run: z.string(),
  ...startFields,
  artifacts: z.array(z.object(artifactSchema.shape)),
  startedAt: z.string(),
  definition: z.object({ name: z.string(), version: z.string(), digest: z.string() }),
  outcome: z.string().meta({ description: `running or blocked, or how the run ended: ${ends.join(', ')}.` }),
  gate: z.string().meta({ description: 'The open gate, or the gate at which the run ended.' }),
  gates: z.array(gateViewSchema),
  deviations: z.array(z.object(deviationSchema.shape)),
  disclosures: z
    .array(z.string())
    .meta({ description: 'What every report says of the run, such as that its waiting times are shortened.' }),
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
  undeliveredMails: z
    .array(z.object({ person: z.string(), about: z.string(), failure: z.string(), at: z.string() }))
    .meta({ description: 'Mails of the run that did not reach their readers.' }),
  checkCounts: z
    .object({
      pass: z.number(),
      fail: z.number(),
      inconclusive: z.number(),
      missing: z.number(),
      error: z.number(),
      waived: z.number(),
      notApplicable: z.number(),
    })
    .meta({ description: "Verdicts of the document's checks only." }),
  events: z.number(),
  closed: z.boolean(),
});
export type RunView = Immutable<z.infer<typeof runViewSchema>>;
