import * as z from 'zod';
import type { ApprovalLink } from './audit/approval-link.ts';
import { releaseFields } from './audit/events/run.ts';
import { rollbackDecisionId } from './checklist/gates.ts';
import type { Immutable } from './fields.ts';

/** Derived views: rebuildable from the trail, never the truth. */
export interface RunIndex {
  /** Keeps the newest summary: that of a run that has ended, else the one that saw more. `restore` writes it and its places whatever is there. */
  put(summary: RunSummary): Promise<void>;
  restore(summary: RunSummary): Promise<void>;
  get(run: string): Promise<RunSummary | undefined>;
  /** Newest first. */
  list(filter: {
    readonly service?: string;
    readonly environment?: string;
    readonly limit: number;
    readonly after?: string;
  }): Promise<{ readonly runs: readonly RunSummary[]; readonly next?: string }>;
  /**
   * Runs whose path has not ended, of one service and environment. With `may-lag` as they were a moment ago, at half the price; nothing is read of
   * the runs `without`.
   */
  open(
    service: string,
    environment: string,
    reading?: 'may-lag',
    without?: Pick<ReadonlySet<string>, 'has'>,
  ): Promise<readonly RunSummary[]>;
  /** Runs that wait for a rollback decision, newest first. */
  deciding(): Promise<readonly RunSummary[]>;
  /** First claim wins for ever: returns the run that holds the key. */
  claim(key: string, run: string): Promise<string>;
  putLink(linkHash: string, link: ApprovalLink): Promise<void>;
  getLink(linkHash: string): Promise<ApprovalLink | undefined>;
}
const milestone = z.string().nullable();
const milestonesSchema = z.object({
  goAt: milestone.meta({ description: 'When people decided to release.' }),
  t0At: milestone,
  deployedAt: milestone.meta({ description: 'When the deployment of every component was finished and proved.' }),
  rollbackAt: milestone.meta({ description: 'When a decision about a rollback was opened first.' }),
  endedAt: milestone,
  asked: z
    .array(z.object({ gate: z.string(), seconds: z.number() }))
    .meta({ description: 'How long each gate at which people sign was open, all its visits together.' }),
});
/** What the open gate waits for, as the reconciler saw it when it wrote the entry. Objects are open: another version may say more. */
const waitsSchema = z.object({
  since: z.string().meta({ description: 'When the gate was opened.' }),
  for: z
    .array(
      z.object({
        way: z.string().meta({ description: 'What it waits for: evidence, attestation, signatures, decision, time and others.' }),
        roles: z.array(z.string()).meta({ description: 'Whose it is: any of these roles; empty where no person supplies it.' }),
        checks: z.int().meta({ description: 'How many checks wait for it.' }),
      }),
    )
    .meta({ description: 'What needs most checks first.' }),
});
const { service, environment, version, commit } = releaseFields;
export const runSummarySchema = z.object({
  run: z.string(),
  service,
  environment,
  version,
  commit,
  startedAt: z.string(),
  definition: z.string(),
  gate: z.string().meta({ description: 'The open gate, or the gate at which the run ended.' }),
  outcome: z.string().nullable().meta({ description: 'How the run ended; null while it has not.' }),
  blocked: z.boolean().meta({ description: 'Whether the open gate is blocked.' }),
  /** An older summary never replaces a newer one, and an open one never one that has ended. */
  asOf: z.string().meta({ description: 'When the events were read from which this was folded.' }),
  milestones: milestonesSchema.optional().meta({ description: 'When the run came how far; absent in entries of older versions.' }),
  waits: waitsSchema.nullable().optional().meta({
    description:
      'What the open gate waits for and since when; null between two gates and after the end. Absent in entries of older versions.',
  }),
  seen: z.int().optional().meta({ description: 'How many events of the gates were read for this.' }),
});
/** Whether the summary is of a run that waits for a rollback decision. */
export const isDeciding = ({ gate, outcome }: Pick<RunSummary, 'gate' | 'outcome'>): boolean =>
  outcome === null && gate === rollbackDecisionId;
export type RunSummary = Immutable<z.infer<typeof runSummarySchema>>;
export type RunWaits = NonNullable<RunSummary['waits']>;
