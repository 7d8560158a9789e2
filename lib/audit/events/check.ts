import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { judgedVerdicts } from '../../verdict.ts';
import { defineEvent } from '../event-definition.ts';

export const checkEvents = {
  /** A person's word is judged by the people function, or by the reconciler where the people function broke off before. */
  'check.judged': defineEvent(({ by }) => (by === null ? [] : ['people', 'reconciler']), {
    check: z.string(),
    /** `<component or *>/<source>`: the latest judgement of each subject counts, and every subject must satisfy the check. */
    subject: z.string(),
    verdict: z.enum(judgedVerdicts),
    reason: z.string(),
    facts: digestSchema.nullable(),
    evidence: z.string().nullable(),
    attempt: z.int().min(1),
    /** When what was judged was made: of one subject the latest made counts, in whatever order it arrived. */
    madeAt: instantSchema,
    goodUntil: instantSchema.nullable(),
    /** The person whose word was judged, and the digest of the words; null for a report of a tool. */
    by: z.string().nullable(),
    words: digestSchema.nullable(),
  }),
  'check.waived': defineEvent('people', {
    check: z.string(),
    reason: digestSchema,
    until: instantSchema,
    by: z.string(),
    role: z.string(),
  }),
  'check.not-applicable': defineEvent('people', { check: z.string(), reason: digestSchema, by: z.string(), role: z.string() }),
} as const;
