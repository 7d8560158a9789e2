import * as z from 'zod';
import { sha256 } from '../canonical-json.ts';
import { digestSchema } from '../fields.ts';

/** Names of scopes and lanes. Lane names sort: all lanes of one gate's checks are one key range, and one query reads them. */
export const scopes = {
  run: (run: string) => `run/${run}`,
  late: (run: string) => `late/${run}`,
  environment: (service: string, environment: string) => `environment/${service}/${environment}`,
  /** What concerns a service in all of its environments: its profile and its standing evidence. */
  service: (service: string) => `service/${service}`,
  installation: 'installation',
  /** Starts that were refused: a scope for each day and caller, so that no flood slows down the starts of others. */
  refusedStarts: (day: string, caller: string) => `refused/${day}/${caller}`,
} as const;

/** In so many lanes the observations of a run stand: one digit of a digest names each. */
export const observationLanes = 16;

export const lanes = {
  run: 'run',
  definition: 'definition',
  roster: 'roster',
  check: (gate: string, check: string) => `check/${gate}/${check}`,
  checks: 'check/',
  checksOf: (gate: string) => `check/${gate}/`,
  gate: (gate: string) => `gate/${gate}`,
  gates: 'gate/',
  approval: (gate: string) => `approval/${gate}`,
  evidence: (type: string, source: string) => `evidence/${type}/${source}`,
  /** Of a service's scope: everything that is given, confirmed and rejected, so that one query says what is new. */
  standing: 'standing',
  /** Of a run: the standing evidence that counts in it. */
  carried: 'evidence/carried',
  deployment: 'deployment',
  /**
   * An observation's lane, by one digit of its id's digest: observations of a storm do not wait long for each other, and a writer that has
   * to know whether its observation is recorded reads a part of them. A reader of all who knows them asks each lane for what is new, and
   * `gate.settled` names them all: 16 are few enough for that.
   */
  observation: (id: string) => `observation/${sha256(id).slice(0, 1)}`,
  /** All of them. */
  observations: 'observation',
  rollback: 'rollback',
  /** What is asked after a rollback, and the answers. */
  followUp: 'follow-up',
  /** Of an environment's scope: who holds it, what is live in it, rehearsed rollbacks, and changes that no run accounts for. */
  claim: 'claim',
  live: 'live',
  /** Figures that reports measured: the baseline and what is compared with it. */
  measurement: 'measurement',
  drill: 'drill',
  /** Of a service's scope: proposed profiles, and who approved or rejected them. */
  profile: 'profile',
  unaccounted: 'unaccounted',
  /** Of an environment's scope: planned work that was announced. */
  announced: 'announced',
  /** Of an environment's scope: jobs of a code host that wait for a gate of a run about this commit. */
  jobs: (commit: string) => `job/${commit}`,
  notice: 'notice',
  refusal: 'refusal',
  orphan: 'orphan',
} as const;

/** A lane's state as a reader saw it: its last sequence number and that event's hash. */
export const laneHeadSchema = z.strictObject({ lane: z.string(), seq: z.int().min(1), head: digestSchema });
export type LaneHead = z.infer<typeof laneHeadSchema>;

/** The sort key of an event: `<lane>#<seq, 8 digits>`. `#` sorts before every character that a lane name may hold. */
export const sortKey = (lane: string, seq: number): string => `${lane}#${String(seq).padStart(8, '0')}`;

/** The parent hash of the first event of a scope that no event of another scope opened. */
export const genesis = '0'.repeat(64);
