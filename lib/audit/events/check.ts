import * as z from 'zod';
import { digestSchema, instantSchema, partSubjectSchema } from '../../fields.ts';
import { judgedVerdicts } from '../../verdict.ts';
import { defineEvent } from '../event-definition.ts';

/** The producer's own name for the run that made a report (such as a CI job's id), and the attempt of that run. */
export const producerSchema = z.strictObject({ run: z.string(), attempt: z.int() });

/** The part of the check for which an exception is made. Absent: the whole check. */
const subject = partSubjectSchema.optional();

export const checkEvents = {
  /** A person's word is judged by the people function, or by the reconciler where the people function broke off before. */
  'check.judged': defineEvent(({ by }) => (by === null ? [] : ['people', 'reconciler']), {
    check: z.string(),
    /** `<component or *>/<source>`: every subject must satisfy the check. */
    subject: z.string(),
    /** The further source of the check whose rule judged it; absent: the check's own rule. */
    source: z.string().optional(),
    verdict: z.enum(judgedVerdicts),
    reason: z.string(),
    facts: digestSchema.nullable(),
    evidence: z.string().nullable(),
    attempt: z.int().min(1),
    /** When what was judged was made. */
    madeAt: instantSchema,
    /** Of what took time, such as a series: when it began. What began before an event proves nothing about the time after it. */
    beganAt: instantSchema.optional(),
    /** Reports of one subject from the same attempt of the same run of their producer are parts of one result: each must pass. */
    producer: producerSchema,
    goodUntil: instantSchema.nullable(),
    /** `goodUntil` is what the person said who attested it, and not the maximum age of the check. */
    validUntil: instantSchema.optional(),
    /** Of a rule that judges features, endpoints or components: each by itself. Absent of other rules, and in events of older versions. */
    parts: z
      .array(
        z.strictObject({
          subject: partSubjectSchema,
          verdict: z.enum(judgedVerdicts),
          reason: z.string(),
          /** The report says nothing about the part, so another one may show it. Absent where it does, and in events of older versions. */
          absent: z.literal(true).optional(),
        }),
      )
      .max(200)
      .readonly()
      .optional(),
    /** Stands beside `parts`: what the verdict rests on besides them, and how many parts are not listed. */
    besides: z.strictObject({ verdict: z.enum(judgedVerdicts), reason: z.string(), leftOut: z.int().min(0) }).optional(),
    /** Of a list of commits: the digest of who wrote them, which the facts name. Absent where they name nobody, and in events of older versions. */
    authors: digestSchema.optional(),
    /** Why a list of commits does not say who wrote them; absent where it does, and in events of older versions. */
    authorsUnknown: z.string().optional(),
    /** Of a list of commits or files: the commit behind which it begins. Absent of other reports, and in events of older versions. */
    base: z.string().optional(),
    /** The person whose word was judged, and the digest of the words; null for a report of a tool. */
    by: z.string().nullable(),
    words: digestSchema.nullable(),
    /** Of standing evidence: when it was given, and the scope in which it stands, with its facts. */
    carried: z.strictObject({ givenAt: instantSchema, scope: z.string() }).optional(),
    /** Of a comparison with an earlier release: names what it was compared with, so that it is made again once that is something else. */
    against: z.string().optional(),
    /** The judgements that count no more from this one on: it covers what had not passed in them, with other later results. Absent where it replaces nothing. */
    replaces: z.array(z.string()).min(1).optional(),
  }),
  /**
   * A judgement that did not pass counts no more, because later results of its subject cover what had not passed. Its own event only where
   * the later judgement could not say so itself: another writer came in between, or the later result had arrived first.
   */
  'check.replaced': defineEvent('any-writer', { check: z.string(), judgement: z.string(), by: z.array(z.string()).min(1) }),
  /**
   * What was judged of carried evidence counts no more, because a person has withdrawn it: the check is as with evidence that has grown too
   * old. `evidence`: the event that carried it; `from`: the withdrawal in the service's lane. A false one only hides evidence.
   */
  'check.withdrawn': defineEvent('any-writer', {
    check: z.string(),
    evidence: z.string(),
    from: z.strictObject({ scope: z.string(), lane: z.string(), event: z.string(), seq: z.int().min(1), hash: digestSchema }),
    at: instantSchema,
    role: z.string(),
  }),
  'check.waived': defineEvent('people', {
    check: z.string(),
    reason: digestSchema,
    until: instantSchema,
    by: z.string(),
    role: z.string(),
    /** From 2: so many runs of the service and environment, one after the other, went on with this check waived. */
    inARow: z.int().min(2).optional(),
    subject,
  }),
  'check.not-applicable': defineEvent('people', { check: z.string(), reason: digestSchema, by: z.string(), role: z.string(), subject }),
  /** Takes back every waiver and declaration that stands before it in the lane; with a subject those for that part. */
  'check.exception-revoked': defineEvent('people', { check: z.string(), reason: digestSchema, by: z.string(), role: z.string(), subject }),
} as const;
