import * as z from 'zod';
import { reasonOf } from '../fields.ts';
import { signerRoles } from '../roles.ts';

/** A stage's reasoned deviation from the document, shown in every report. */
export const deviationSchema = z.strictObject({
  /** The id of a check; of `distinctPeople`, of a gate at which people sign; of `capSeconds`, of a review that incidents extend. */
  check: z.string(),
  parameter: z.string(),
  document: z.union([z.number(), z.string()]),
  here: z.union([z.number(), z.string()]),
  reason: reasonOf(20),
  /** One of those who sign the release. */
  approver: z.enum(signerRoles),
});
export type Deviation = z.infer<typeof deviationSchema>;
