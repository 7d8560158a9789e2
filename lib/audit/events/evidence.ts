import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';
import { producerSchema } from './check.ts';

export const evidenceEvents = {
  'evidence.recorded': defineEvent(({ evidence }) => (evidence === 'attestation' ? ['people'] : []), {
    evidence: z.string(),
    source: z.string(),
    component: z.string().nullable(),
    commit: z.string().nullable(),
    artifact: z.string().nullable(),
    /** Of the raw bytes, which the evidence store keeps under it. */
    digest: digestSchema,
    /** Of the canonical facts, kept beside the raw bytes. */
    facts: digestSchema,
    bytes: z.int(),
    madeAt: instantSchema,
    producer: producerSchema,
    /** The exit code of the tool that made the report, where the sender gave it. */
    exitCode: z.int().nullable(),
    /** The checks that it serves: the fan-out is complete when each has judged it. */
    serves: z.array(z.string()),
  }),
} as const;
