import * as z from 'zod';
import { defineEvent } from '../event-definition.ts';

export const refusalEvents = {
  'request.refused': defineEvent('any-writer', { action: z.string(), type: z.string(), detail: z.string() }),
} as const;
