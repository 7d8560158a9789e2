import * as z from 'zod';
import { digestSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';

export const rollbackEvents = {
  'rollback.triggered': defineEvent('people', { trigger: z.string(), by: z.string(), reason: digestSchema, byHand: z.literal(true) }),
} as const;
