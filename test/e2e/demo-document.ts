import * as z from 'zod';

const budget = z.strictObject({ limitSeconds: z.number(), met: z.boolean() });
const rollbackSchema = z.strictObject({
  trigger: z.string().nullable(),
  decidedSeconds: z.number().nullable(),
  executedSeconds: z.number().nullable(),
  verifiedSeconds: z.number().nullable(),
  totalSeconds: z.number().nullable(),
  steps: z.array(
    z.strictObject({
      id: z.string(),
      outcome: z.enum(['done', 'kept', 'failed', 'not-applicable']),
      proof: z.strictObject({ evidence: z.array(z.string()), at: z.iso.datetime() }).nullable(),
    }),
  ),
  budgets: z.strictObject({ decision: budget, execution: budget, verification: budget, total: budget }),
});

const runFields = {
  run: z.string().min(1),
  outcome: z.string(),
  waitScale: z.number().positive(),
  definitionDigest: z.string().regex(/^[0-9a-f]{64}$/),
  gates: z.array(
    z.strictObject({
      id: z.string(),
      state: z.string().nullable(),
      openedAt: z.iso.datetime().nullable(),
      settledAt: z.iso.datetime().nullable(),
    }),
  ),
  checks: z.strictObject({
    pass: z.int(),
    fail: z.int(),
    inconclusive: z.int(),
    missing: z.int(),
    error: z.int(),
    waived: z.int(),
    notApplicable: z.int(),
  }),
  events: z.int(),
  transitions: z.int(),
  invocations: z.int(),
  writeUnits: z.number(),
  readUnits: z.number(),
  mails: z.int(),
  cost: z.strictObject({ dollars: z.number().positive(), parts: z.record(z.string(), z.number()) }),
};
const runSchema = z.strictObject({ ...runFields, rollback: rollbackSchema.optional() });
/** Exactly what `npm start -- --once --json` prints. */
export const documentSchema = z.strictObject({
  ...runFields,
  wallSeconds: z.number(),
  firstGate: z
    .strictObject({ seconds: z.number(), parts: z.array(z.strictObject({ name: z.string(), seconds: z.number() })).min(1) })
    .nullable(),
  runs: z.array(runSchema).min(1).max(2),
});
