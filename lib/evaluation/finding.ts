import * as z from 'zod';
import { itemSchema } from '../checklist/definition.ts';
import type { Immutable } from '../fields.ts';
import { bases, verdicts } from '../verdict.ts';

const verdictSchema = z.enum(verdicts);

/** One check of a run as it stands: what the pages, the terminal and the API show. */
export const findingSchema = z.object({
  check: z.string(),
  kind: z.string(),
  source: itemSchema.shape.source,
  title: z.string(),
  words: z.string(),
  owner: z.string(),
  proof: z.string(),
  mode: itemSchema.shape.mode,
  observeUntil: itemSchema.shape.observeUntil.meta({ description: 'Until when the check is only observed.' }),
  verdict: verdictSchema,
  reason: z.string(),
  basis: z.enum(bases).nullable().meta({ description: 'Where the verdict comes from; null while the check is missing.' }),
  attempt: z.number(),
  flapping: z
    .array(z.enum(['pass', 'fail']))
    .exactOptional()
    .meta({ description: 'Of a check whose results alternated in this run: the last ones, oldest first. Absent where they did not.' }),
  goodUntil: z.string().nullable().meta({ description: 'When the evidence gets too old, or the waiver ends.' }),
  facts: z.string().nullable().meta({ description: "Digest of the facts, or of all subjects' facts together: an approval covers it." }),
  statement: z
    .object({ by: z.string(), digest: z.string() })
    .nullable()
    .meta({ description: 'Of a waiver, a declaration or an attestation: who made it, and the salted digest of the words.' }),
  parts: z
    .object({
      listed: z.array(
        z.object({
          subject: z.string(),
          verdict: verdictSchema,
          reason: z.string(),
          exception: z.object({ by: z.string(), digest: z.string(), until: z.string().nullable() }).nullable(),
        }),
      ),
      leftOut: z.number(),
    })
    .optional()
    .meta({
      description:
        'Of a check that judges features, endpoints or components: each of them, those that do not pass first, with the exception that was made for it. `leftOut`: how many are not listed.',
    }),
  subjects: z.array(
    z.object({
      subject: z.string(),
      verdict: verdictSchema,
      reason: z.string(),
      attempt: z.number(),
      at: z.string(),
      carried: z
        .object({ since: z.string(), until: z.string().nullable() })
        .exactOptional()
        .meta({ description: 'Of standing evidence of the service: when it was given, and until when it counts.' }),
    }),
  ),
});
export type Finding = Immutable<z.infer<typeof findingSchema>>;
