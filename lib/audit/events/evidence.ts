import * as z from 'zod';
import { digestSchema, instantSchema } from '../../fields.ts';
import { addressed, defineEvent } from '../event-definition.ts';
import { producerSchema } from './check.ts';

export const evidenceEvents = {
  'evidence.recorded': defineEvent(({ evidence }) => (evidence === 'attestation' ? ['people'] : []), {
    evidence: z.string(),
    source: z.string(),
    component: z.string().nullable(),
    commit: z.string().nullable(),
    artifact: z.string().nullable(),
    /** Of the bytes that the evidence store keeps under it. */
    digest: digestSchema,
    /** Of the canonical facts, kept beside the raw bytes. */
    facts: digestSchema,
    /** How many bytes are kept. */
    bytes: z.int(),
    /** What was received, where it quoted secrets and was kept without them. Absent where it was kept as it was received. */
    received: z.strictObject({ digest: digestSchema, bytes: z.int() }).optional(),
    madeAt: instantSchema,
    /** Of an attestation: until when its person says that it holds. Absent: as long as the check takes it. */
    validUntil: instantSchema.optional(),
    producer: producerSchema,
    /** The exit code of the tool that made the report, where the sender gave it. */
    exitCode: z.int().nullable(),
    /** The checks that it serves: the fan-out is complete when each has judged it. */
    serves: z.array(z.string()),
    /** Of checks with several sources: which of them it is (`lib/checklist/proofs.ts`). Absent: what the check's own rule judges. */
    sources: z.record(z.string(), z.array(z.string())).optional(),
    /**
     * Of evidence about a service: the environment that it is about, null for the service as a whole; and the person who gave it, null for a CI
     * job. A person's report counts by the confirmation of a second one, which the people's key vouches for.
     */
    standing: z.strictObject({ environment: z.string().nullable(), by: z.string().nullable() }).optional(),
    ...addressed,
  }),
} as const;
