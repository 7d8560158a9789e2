import * as z from 'zod';
import { liveLevels } from '../audit/events/environment.ts';
import { settledOutcomes } from '../audit/events/gate.ts';
import { budgets } from '../audit/events/rollback.ts';
import { type End, ends, runningSchema, startFields } from '../audit/events/run.ts';
import { type Finding, findingSchema } from '../evaluation/finding.ts';
import { artifactSchema, type Immutable } from '../fields.ts';
import { windowSchema } from './deployment-windows.ts';
import { followUpViewSchema } from './follow-ups-view.ts';
import { rollbackViewSchema } from './rollback-view.ts';
import { saidDeviationSchema } from './said-deviation.ts';
import { suppliesSchema } from './supply.ts';

export type { Finding };

/** Views are open objects: a client of today must be able to read the answers of tomorrow. */

/**
 * `ahead`: not opened yet; `waiting`: only time or evidence is missing; `blocked`: something must be mended; `undecided`: the run ended while
 * the gate was open; the others: how it ended.
 */
export const gateStates = ['ahead', 'waiting', 'blocked', 'undecided', ...settledOutcomes] as const;

/** So many texts of a run are shown at most: the newest ones. */
export const mostWords = 100;

export const gateViewSchema = z.object({
  id: z.string(),
  title: z.string(),
  phase: z.number().nullable().default(null).meta({ description: "The document's phase, 1 to 5; null where the document has none." }),
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
      invalidated: z.boolean().meta({ description: 'The report changed after the request: the answer was given and no longer counts.' }),
      withdrawn: z
        .boolean()
        .default(false)
        .meta({ description: 'A newer run took the environment over before there was an answer: nothing has to be answered.' }),
      recalled: z
        .boolean()
        .default(false)
        .meta({ description: 'The request has ended: who asked took it back, or a newer run asks for the same approvals.' }),
      for: z.string().nullable().default(null).meta({ description: 'Of a deputy: the person for whom they may answer.' }),
      entry: z.number().default(1).meta({ description: 'The visit to the gate in which it was asked, from 1.' }),
      note: z.string().nullable().default(null).meta({ description: 'Digest of the note, which `words` has.' }),
    }),
  ),
  earlier: z
    .array(z.object({ openedAt: z.string(), settledAt: z.string().nullable(), outcome: z.string().nullable(), reason: z.string() }))
    .default([])
    .meta({ description: 'Earlier visits to the gate, oldest first, such as the one that was rejected before the run was resumed.' }),
  regressions: z.array(z.object({ check: z.string(), verdict: z.string(), at: z.string(), candidate: z.boolean() })),
  interrupted: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'Of the incident and of the gates of a rollback: the gate from which the run came to them. Null for any other.' }),
});
export type GateView = Immutable<z.infer<typeof gateViewSchema>>;

/** `running` and `blocked` are of a run that has not ended. */
export type RunOutcome = 'running' | 'blocked' | End;

/** A version to which a rollback may lead. */
export const targetSchema = z.object({
  run: z.string().nullable().meta({ description: 'The run that released it; null for a version that people adopted.' }),
  version: z.string(),
  level: z.enum([...liveLevels, 'drill']).meta({ description: 'How far it came. withdraw: the service is taken away.' }),
  components: z.array(z.object(runningSchema.shape)),
  readBack: z.boolean().exactOptional().meta({
    description: 'Of a version that people adopted: whether the platforms have confirmed that it ran. Absent for any other.',
  }),
});

/** What a text is about. */
export const wordsKinds = [
  'release-reason',
  'requested-by',
  'changes',
  'attestation',
  'waiver',
  'not-applicable',
  'exception-revocation',
  'approval-note',
  'incident-decision',
  'rollback-reason',
  'rollback-evidence',
  'rollback-decision',
  'rollback-step',
  'rollback-data',
  'source-address',
  'rollback-cause',
  'rollback-fix',
  'power-review',
  'cancellation-reason',
  'approval-recall',
  'observation',
  'announcement',
  'label-explanation',
  'reschedule-reason',
  'freeze-override-reason',
] as const;

export const wordsSchema = z.object({
  kind: z.enum(wordsKinds),
  digest: z.string().meta({ description: 'The salted digest in the event: sha256 of `salt` followed by `text`, as UTF-8.' }),
  event: z.string().meta({ description: 'Id of the event that holds the digest.' }),
  at: z.string(),
  by: z.string().nullable().meta({ description: 'Id of the person who wrote it; null for what the CI job of the start sent.' }),
  role: z.string().nullable().meta({ description: 'The role in which the person wrote it, where the act needs a certain one.' }),
  gate: z.string().nullable(),
  check: z.string().nullable(),
  subject: z
    .string()
    .optional()
    .meta({ description: 'The part of the check that it is about, such as feature:checkout. Absent: the whole check.' }),
  observation: z.string().nullable(),
  text: z.string().nullable().meta({ description: 'Null once the text was erased.' }),
  salt: z.string().nullable(),
  erasedAt: z.string().nullable().meta({ description: 'When the text was erased, where that is known.' }),
});
export type RunWords = Immutable<z.infer<typeof wordsSchema>>;
/** A freeze at the planned T0. */
export const freezeViewSchema = z.object({
  name: z.string(),
  reason: z.string(),
  zone: z.string(),
  from: z.string(),
  to: z.string().meta({ description: 'The first instant that is free again.' }),
  fromLocal: z.string().meta({ description: 'As clocks of the zone show it.' }),
  toLocal: z.string(),
  overridden: z.boolean().meta({ description: 'Two people have decided that it does not hold this run.' }),
});
export const runViewSchema = z.object({
  run: z.string(),
  ...startFields,
  artifacts: z.array(z.object(artifactSchema.shape)),
  commitPage: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'Where GitHub or GitLab shows the commit; null where the CI identity of the start names no repository of them.' }),
  startedAt: z.string(),
  endedAt: z.string().nullable().default(null),
  rescheduled: z
    .array(z.object({ at: z.string(), by: z.string(), from: z.string(), to: z.string(), reason: z.string() }))
    .default([])
    .meta({ description: 'How the planned T0 was moved, oldest first. `plannedT0` is the last one. `reason`: digest of the words.' }),
  latestT0: z.string().nullable().default(null).meta({
    description: 'The latest instant to which T0 can be planned now; null once T0 has come or the run has ended.',
  }),
  freezes: z
    .array(freezeViewSchema)
    .default([])
    .meta({ description: 'What is frozen at the planned T0, or now for `when-released`; empty once T0 has come.' }),
  freezeOverrides: z
    .array(z.object({ freeze: z.string(), at: z.string(), by: z.array(z.string()), approved: z.boolean(), reasons: z.array(z.string()) }))
    .default([])
    .meta({
      description: 'Requests to pass a freeze; one that is not approved waits for a second person. `reasons`: digests of the words.',
    }),
  definition: z.object({ name: z.string(), version: z.string(), digest: z.string() }),
  profile: z
    .object({
      digest: z.string(),
      base: z.string().meta({ description: 'Digest of the checklist of the stage to which the profile was applied at the start.' }),
      startedAs: z
        .enum(['in-force', 'proposed'])
        .meta({ description: 'proposed: it was not approved yet at the start, and the first gate waited or waits for that.' }),
    })
    .nullable()
    .default(null)
    .meta({ description: 'The profile of the service that the run pinned; null where the bare checklist counts.' }),
  outcome: z.string().meta({ description: `running or blocked, or how the run ended: ${ends.join(', ')}.` }),
  gate: z.string().meta({ description: 'The open gate, or the gate at which the run ended.' }),
  gates: z.array(gateViewSchema),
  supplies: suppliesSchema.meta({ description: 'What supplies each check for which the open gate waits, and whose it is.' }),
  suppliesAhead: suppliesSchema.meta({ description: 'The same of checks of the next gates that can be attested already.' }),
  rollbackTarget: targetSchema.nullable().default(null).meta({
    description: 'Where a rollback of the run leads, fixed before T0; null before that, and where there is no version to go back to.',
  }),
  supersededBy: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'The newer run that has taken the environment over, so that this one ends neither stable nor failed.' }),
  unreached: z
    .array(z.string())
    .default([])
    .meta({ description: 'Of a superseded run: the checks that were not reached or not passed. Open approval requests are withdrawn.' }),
  deviations: z.array(saidDeviationSchema),
  disclosures: z
    .array(z.string())
    .meta({ description: 'What every report says of the run, such as that its waiting times are shortened.' }),
  deployments: z.array(z.object({ state: z.string(), component: z.string(), digest: z.string(), at: z.string() })),
  rollback: rollbackViewSchema
    .nullable()
    .default(null)
    .meta({ description: 'The way back: triggers, decision, steps with their proofs, measured budgets; null where none was needed.' }),
  rollbackTriggers: z
    .array(z.object({ id: z.string(), title: z.string() }))
    .default([])
    .meta({ description: 'The triggers that people can declare now; empty before the deployment and after the end.' }),
  rollbackBudgets: z
    .array(z.object({ budget: z.enum(budgets), limitSeconds: z.number() }))
    .default([])
    .meta({ description: "The document's time targets of a rollback, whether one has begun or not." }),
  deploymentWindows: z.array(windowSchema).default([]).meta({ description: 'The windows around T0, in the order of the run.' }),
  followUps: z
    .array(followUpViewSchema)
    .default([])
    .meta({ description: 'What is asked after a rollback: the trail stays open until everything is answered.' }),
  observations: z.array(
    z.object({
      observation: z.string(),
      kind: z.string(),
      bad: z.boolean(),
      subject: z.string(),
      summary: z.string(),
      observedAt: z.string(),
      label: z.string().nullable(),
      setAside: z.string().nullable().meta({ description: 'Set when it counts for no trigger and no label: why.' }),
      words: z
        .string()
        .nullable()
        .default(null)
        .meta({ description: 'Of what a person saw: the digest of their words, which `words` has.' }),
      announced: z
        .string()
        .nullable()
        .default(null)
        .meta({ description: 'Of planned work that was announced: the digest of the reason, which `words` has.' }),
    }),
  ),
  changes: z.array(z.string()).meta({ description: 'Commits, pull requests and tickets, as the start named them. Empty for CI jobs.' }),
  authors: z
    .object({ people: z.array(z.string()), others: z.number(), unnamed: z.boolean().default(false) })
    .nullable()
    .default(null)
    .meta({
      description:
        'Who wrote the release, by the record of its commits: people of the roster, and how many accounts stand for nobody in it. `unnamed`: somebody else did, of whom the code host knows no account. Null where that is not known, and for CI jobs.',
    }),
  words: z
    .array(wordsSchema)
    .nullable()
    .default(null)
    .meta({
      description: `What people wrote about the run, oldest first, the newest ${mostWords} at most; null for CI jobs, which are not shown it.`,
    }),
  wordsLeftOut: z.number().default(0).meta({ description: 'How many older texts are not shown here; each can be read by its digest.' }),
  undeliveredMails: z
    .array(z.object({ person: z.string(), about: z.string(), failure: z.string(), at: z.string() }))
    .meta({ description: 'Mails of the run that did not reach their readers.' }),
  leftOut: z
    .array(
      z.object({
        list: z.string().meta({ description: 'The list: observations, deployments, or one of a gate, such as `go-no-go approvals`.' }),
        count: z.number(),
        events: z.string().meta({ description: 'Address of the events that hold the rest.' }),
      }),
    )
    .default([])
    .meta({
      description:
        'What the lists of this answer leave out, so that it stays below 1 MB: they hold the newest, of observations and reports first those that are bad and not labelled.',
    }),
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
