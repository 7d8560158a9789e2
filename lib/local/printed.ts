import * as z from 'zod';
import type { Immutable } from '../fields.ts';
import type { RollbackView } from '../query/rollback-view.ts';

/** What the commands of the local stage print with `--json`. */

export const statusSchema = z.object({
  state: z.enum(['up', 'partly-up', 'down', 'dead']),
  emulator: z
    .enum(['running', 'dead', 'none', 'external'])
    .meta({ description: 'The local AWS. `external`: Holdpoint is deployed to an endpoint that the user runs.' }),
  services: z.boolean().meta({ description: 'Whether sign-in and pages run.' }),
  publicUrl: z.string().nullable().meta({ description: 'Address of pages and API; null before the first `local up`.' }),
  endpoint: z.string().nullable().meta({ description: 'Address of the local AWS; null where none runs.' }),
  issuers: z.object({ people: z.string(), ci: z.string() }).nullable().meta({ description: 'Addresses of the local identity providers.' }),
  people: z.array(z.object({ login: z.string(), id: z.string(), name: z.string(), address: z.string(), roles: z.array(z.string()) })),
  password: z.string().nullable().meta({ description: 'All invented people have the same password.' }),
  outputs: z.record(z.string(), z.string()).meta({ description: 'Outputs of the deployed stacks, by name.' }),
  folder: z.string().meta({ description: 'Path of the files of the local stage.' }),
});
export type LocalStatus = Immutable<z.infer<typeof statusSchema>>;

export const mailSchema = z.object({
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
  at: z.string().meta({ description: 'When it was sent.' }),
});
/** A mail as its recipient would see it. */
export type LocalMail = Immutable<z.infer<typeof mailSchema>>;

export const stoppedSchema = z.object({
  emulator: z.enum(['stopped', 'killed', 'already-ended', 'not-running']).meta({ description: 'What became of the local AWS.' }),
  lost: z.string().nullable().meta({ description: 'What could not be saved, as a sentence.' }),
  services: z.boolean().meta({ description: 'Whether sign-in and pages were running.' }),
  leftRunning: z.number().meta({ description: 'Processes that a killed command had left behind, and that are stopped now.' }),
});
export type LocalStopped = Immutable<z.infer<typeof stoppedSchema>>;

export const resetSchema = z.object({
  savedAt: z.string().nullable().meta({ description: 'When the data that is deleted now was saved; null where there was none.' }),
});
export type LocalReset = Immutable<z.infer<typeof resetSchema>>;

const seconds = z.number().meta({ description: 'Seconds.' });
export const upSchema = z.object({
  publicUrl: z.string(),
  endpoint: z.string(),
  outputs: z.record(z.string(), z.string()),
  seconds: z.record(z.string(), seconds).meta({ description: 'Seconds that each part took; 0 where it had nothing to do.' }),
  totalSeconds: seconds,
  started: z
    .object({ emulator: z.boolean(), services: z.boolean() })
    .meta({ description: 'What this call started: `local down` would stop it.' }),
  notes: z.array(z.string()).meta({ description: 'What the user should know, as sentences.' }),
});
export type LocalUp = Immutable<z.infer<typeof upSchema>>;

export const tokenSchema = z.object({ token: z.string() });

type Step = RollbackView['steps'][number];
const stepOutcomes = ['done', 'kept', 'failed', 'not-applicable', 'open'] as const satisfies readonly Step['outcome'][];
type Budget = RollbackView['budgets'][number]['budget'];
const budgets = ['decision', 'execution', 'verification', 'total'] as const satisfies readonly Budget[];

const measured = seconds.nullable().meta({ description: 'Seconds; null where that part was not reached.' });
/** One run of the demo. Every figure is counted, none is assumed. */
export const demoRunSchema = z.object({
  run: z.string(),
  outcome: z.string(),
  waitScale: z.number(),
  definitionDigest: z.string(),
  gates: z.array(z.object({ id: z.string(), state: z.string(), openedAt: z.string().nullable(), settledAt: z.string().nullable() })),
  checks: z.record(z.string(), z.number()).meta({ description: 'Checks from the checklist document, by verdict.' }),
  events: z.number(),
  transitions: z.number(),
  invocations: z.number(),
  writeUnits: z.number(),
  readUnits: z.number(),
  mails: z.number(),
  cost: z
    .object({ dollars: z.number(), parts: z.record(z.string(), z.number()) })
    .meta({ description: 'What the run would cost on AWS by its list prices. Durations are those of this machine.' }),
  rollback: z
    .object({
      trigger: z.string().nullable(),
      decidedSeconds: measured,
      executedSeconds: measured,
      verifiedSeconds: measured,
      totalSeconds: measured,
      steps: z.array(
        z.object({
          id: z.string(),
          outcome: z
            .enum(stepOutcomes)
            .meta({ description: '`kept`: the data was left as it is. `open`: the run is blocked, and this step has no result.' }),
          proof: z.object({ evidence: z.array(z.string()), at: z.string() }).nullable(),
        }),
      ),
      budgets: z
        .record(z.enum(budgets), z.object({ limitSeconds: z.number(), met: z.boolean() }))
        .meta({ description: 'All four; one that was not reached, or that still runs, is not met.' }),
    })
    .optional()
    .meta({ description: 'Of a run that was taken back.' }),
});

export const demoSchema = z.object({
  ...demoRunSchema.partial().shape,
  wallSeconds: seconds,
  firstGate: z
    .object({ seconds, parts: z.array(z.object({ name: z.string(), seconds })) })
    .nullable()
    .meta({ description: 'Until the first gate of the first run had passed; null where none did.' }),
  runs: z.array(demoRunSchema).meta({ description: 'All runs; the members beside it are those of the first one.' }),
});
export type DemoPrinted = Immutable<z.infer<typeof demoSchema>>;
