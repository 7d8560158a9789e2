import * as z from 'zod';

export const refusalEvents = {
  'request.refused': z.strictObject({ action: z.string(), type: z.string(), detail: z.string() }),
} as const;
