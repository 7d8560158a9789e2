import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';
import { producerSchema } from './check.ts';

/** The place of an event that stands in another scope, and its hash. */
const place = { seq: z.int().min(1), hash: digestSchema } as const;

export const standingEvents = {
  /**
   * In the lane `standing` of a service: what a second person says of evidence that a person gave. Confirmed evidence counts from here on in
   * every run. `evidence`: the id of its event, which stands at `seq` with this hash. `reason`: digest of the words.
   */
  'standing.decided': defineEvent('people', {
    decision: z.enum(['confirmed', 'rejected']),
    evidence: z.string(),
    ...place,
    by: z.string(),
    role: z.string(),
    reason: digestSchema.nullable(),
  }),
  /**
   * In the same lane: evidence that counted, and that a person takes back. It counts in no run from here on. Named as in `standing.decided`.
   */
  'standing.withdrawn': defineEvent('people', { evidence: z.string(), ...place, by: z.string(), role: z.string(), reason: digestSchema }),
  /**
   * In a run: standing evidence of its service counts in it. `from` names the event in the service's lane, where an auditor verifies it. What
   * a job gave needs no voucher, as a report that it sends to a run: each process that reads the run would ask for twenty of them.
   */
  'evidence.carried': defineEvent(({ by }) => (by === null ? [] : ['reconciler']), {
    from: z.strictObject({ scope: z.string(), lane: z.string(), event: z.string(), ...place }),
    /** When it was given. */
    givenAt: instantSchema,
    /** The person who gave it; null for a CI job, whose evidence counts at once. */
    by: z.string().nullable(),
    /** The second person, in the same lane. Null where none is needed. */
    confirmed: z.strictObject({ ...place, by: z.string(), role: z.string() }).nullable(),
    environment: z.string().nullable(),
    evidence: z.string(),
    source: z.string(),
    digest: digestSchema,
    facts: digestSchema,
    madeAt: instantSchema,
    producer: producerSchema,
    exitCode: z.int().nullable(),
    /** The checks of this run that it serves. */
    serves: z.array(z.string()),
    /** Of checks with several sources: which of them it is (`lib/checklist/proofs.ts`). Absent: what the check's own rule judges. */
    sources: z.record(z.string(), z.array(z.string())).optional(),
  }),
  /** In the run's own lane: up to here the service's lane was read, and what counts of it is carried. A false one only hides evidence. */
  'standing.read': defineEvent('any-writer', { scope: z.string(), lane: z.string(), ...place }),
} as const;
