import * as z from 'zod';
import type { Immutable } from '../fields.ts';
import { roleSchema } from '../roles.ts';

/** What a link in a mail stands for: the request of one person. */
export const approvalLinkSchema = z.strictObject({
  run: z.string(),
  gate: z.string(),
  round: z.int(),
  role: roleSchema,
  person: z.string(),
  /** Of a deputy: the person for whom they may answer. */
  for: z.string().optional(),
  expires: z.string(),
});
export type ApprovalLink = Immutable<z.infer<typeof approvalLinkSchema>>;
