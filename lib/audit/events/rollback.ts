import * as z from 'zod';
import { digestSchema } from '../../fields.ts';

export const rollbackEvents = {
  'rollback.triggered': z.strictObject({ trigger: z.string(), by: z.string(), reason: digestSchema, byHand: z.literal(true) }),
} as const;
