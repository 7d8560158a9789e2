import * as z from 'zod';
import { eventTypes } from '../audit/event.ts';
import { digestSchema, instantInputSchema as instant, nameSchema } from '../fields.ts';
import { outcomeNames } from '../query/outcome-names.ts';

/** Limits of request bodies. Reports larger than this are refused. */
export const maxEvidenceBytes = 4 * 1024 * 1024;
export const maxJsonBytes = 64 * 1024;

/** A text as a form sends it. The command judges its length: one that is too long must come back on the page, so these limits are wide. */
export const formText = z.string().max(20_000);
/** The same of a field with one line. */
export const formLine = z.string().max(5_000);
export const pageLimits = { default: 100, max: 500 } as const;

export const none = z.strictObject({});
export const noBody = { kind: 'none' } as const;
export const runParam = z
  .string()
  .regex(/^[0-9A-Za-z-]{1,80}$/, 'a run id: letters, digits and hyphens')
  .meta({ description: 'Id of the run.' });
export const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens')
  .max(100);
export const inRun = z.strictObject({ run: runParam });
export const ofDigest = z.strictObject({ digest: digestSchema.meta({ description: 'Digest in the event.' }) });
/** Whose evidence: of a run, or what stands for a service. */
export const evidenceOwner = z
  .strictObject({ run: runParam.optional(), service: nameSchema.optional() })
  .refine(({ run, service }) => (run === undefined) !== (service === undefined), 'name a run or a service, and not both');
export const ofCheck = z.strictObject({ run: runParam, check: slug.meta({ description: 'Id of a check of the checklist.' }) });
export const page = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(pageLimits.max)
    .default(pageLimits.default)
    .meta({ description: `Items per page, at most ${pageLimits.max}.` }),
  cursor: z.string().max(2000).optional().meta({ description: 'The value of `next` of the previous page; opaque and signed.' }),
};
export const weeks = z.coerce
  .number()
  .int()
  .min(1)
  .max(52)
  .default(12)
  .meta({ description: 'The period: so many weeks until now, 52 at most.' });
export const eventFilter = {
  type: z
    .enum(eventTypes as [string, ...string[]])
    .optional()
    .meta({ description: 'Event type.' }),
  lane: z
    .string()
    .max(200)
    .transform((lane) => lane.replace(/\/+$/, ''))
    .optional()
    .meta({ description: 'A lane and the lanes below it: check/phase-1 selects all checks of that gate.' }),
  actor: z.string().max(100).optional().meta({
    description:
      'Id of a person or of a CI identity. People who are signed in can also give the name of a person of the roster; case does not matter.',
  }),
  check: slug
    .optional()
    .meta({ description: 'Id of a check or a rollback trigger of the checklist: events about it, and events that name it.' }),
  outcome: z.enum(outcomeNames).optional().meta({ description: 'A verdict, an answer, or the outcome of a gate or run.' }),
  from: instant.optional().meta({ description: 'At or after this time.' }),
  to: instant.optional().meta({ description: 'Before this time.' }),
  ...page,
};

/** A JSON body. */
export const json = <S extends z.ZodType>(schema: S) => ({ kind: 'json', schema }) as const;
/** The same with a file in base64. */
export const jsonWithFile = <S extends z.ZodType>(schema: S, mostFileBytes: number) =>
  ({ kind: 'json', schema, maxBytes: maxJsonBytes + 4 * Math.ceil(mostFileBytes / 3) }) as const;
/** The answer of a request that recorded something. */
export const recorded = <S extends z.ZodType>(schema: S) =>
  ({ status: 201, description: 'Recorded. The same Idempotency-Key and body return this response again.', schema }) as const;
/** API Gateway passes on no longer request line with its headers. */
const mostInAddress = 10_240;
/** What stands in the address of a page: fields that are left empty, too. The page judges the texts, so that it can show them again. */
export const formFilter = z.string().max(mostInAddress).optional();
/** What narrows the list of runs. */
export const runFilter = z.object({
  service: formFilter,
  environment: formFilter,
  state: formFilter,
  cursor: formFilter,
});
